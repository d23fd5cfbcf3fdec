/**
 * Campaign store: a campaign's folder. Journal, checkpoint and state move together here, one change at a time: a mutex
 * orders records, checkpoints and the end, so that a checkpoint never says more or less than the records up to its
 * number. Used by the campaign and, to take one up again, by the command line.
 */

import { join } from 'node:path';
import { Mutex } from 'async-mutex';
import { InputError } from '../core/errors.js';
import type { LiveFinding } from '../live/live-finding.js';
import { CAMPAIGN_VERSION, type CampaignParameters, campaignParametersSchema } from './campaign-parameters.js';
import type { CampaignRecord } from './campaign-record.js';
import type { CampaignSnapshot } from './campaign-snapshot.js';
import { CampaignState } from './campaign-state.js';
import { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint.js';
import { type Disk, realDisk } from './disk.js';
import type { FolderLock } from './folder-lock.js';
import { Journal } from './journal.js';
import type { NumberedRecord } from './journal-line.js';

/** Records that a checkpoint holds are left out of the journal once they are so many bytes. */
const SPARE_BYTES = 1 << 20;

/** A finding for which no reproducer was searched yet. */
export interface PendingFinding {
  readonly step: number;
  readonly finding: LiveFinding;
}

/** What a store may be given. */
export interface StoreOptions {
  /** Default: this machine's. */
  readonly disk?: Disk;
  /** The time of day. */
  readonly now?: () => Date;
  /** Bytes of records beyond which the journal is compacted. Default 1 MiB. */
  readonly spareBytes?: number;
  /** What keeps others from the folder; asked before anything is written. Default: nothing does. */
  readonly lock?: Pick<FolderLock, 'check' | 'renew'>;
}

/** The folder of one campaign. */
export class CampaignStore {
  readonly #mutex = new Mutex();
  readonly #pending = new Map<string, PendingFinding>();
  #compactBeyond: number;

  private constructor(
    readonly folder: string,
    readonly parameters: CampaignParameters,
    readonly state: CampaignState,
    private readonly journal: Journal,
    private readonly options: Required<StoreOptions>,
  ) {
    this.#compactBeyond = journal.bytes + options.spareBytes;
  }

  /** Whether a folder holds a campaign. */
  static async holdsCampaign(folder: string, { disk = realDisk }: StoreOptions = {}): Promise<boolean> {
    return (await disk.read(journalPath(folder))) !== undefined;
  }

  /** Begins a campaign in a folder that holds none. Throws what the file system throws. */
  static async create(
    folder: string,
    parameters: CampaignParameters,
    options: StoreOptions = {},
  ): Promise<CampaignStore> {
    const settled = settle(options);
    const first: CampaignRecord = { type: 'campaign', at: settled.now().toISOString(), parameters };
    const journal = await Journal.create(settled.disk, journalPath(folder), first);
    return new CampaignStore(folder, parameters, new CampaignState(parameters.worlds.length), journal, settled);
  }

  /** Takes a campaign up where it stands. Throws InputError when the folder holds none, or one that cannot be read. */
  static async open(folder: string, options: StoreOptions = {}): Promise<CampaignStore> {
    const settled = settle(options);
    const opened = await Journal.open(settled.disk, journalPath(folder));
    if (opened === undefined) throw new InputError(`faultline: ${folder} holds no campaign: it has no journal.jsonl.`);
    const { journal, records } = opened;
    try {
      const parameters = parametersOf(folder, records);
      const checkpoint = await readCheckpoint(settled.disk, checkpointPath(folder));
      refuseLostRecords(folder, records, checkpoint);
      const state = stateOf(parameters, records, checkpoint);
      const store = new CampaignStore(folder, parameters, state, journal, settled);
      for (const { record } of records) {
        if (record.type === 'finding') store.#pending.set(record.key, record);
        if (record.type === 'examined') store.#pending.delete(record.key);
      }
      return store;
    } catch (error) {
      await journal.close();
      throw error;
    }
  }

  /** Where the campaign stands. */
  get snapshot(): CampaignSnapshot {
    return this.state.snapshot;
  }

  /** Findings for which no reproducer was searched yet, by key. */
  get pending(): ReadonlyMap<string, PendingFinding> {
    return this.#pending;
  }

  /** The time of day, as records tell it. */
  now(): string {
    return this.options.now().toISOString();
  }

  /**
   * Writes a record; what the campaign knows includes it once it is written. Throws what the file system throws, and
   * FolderTakenOver when the folder is somebody else's by now.
   */
  record(record: CampaignRecord): Promise<void> {
    return this.#mutex.runExclusive(async () => {
      this.options.lock.check();
      await this.journal.append(record);
      this.state.apply(record);
      if (record.type === 'finding') this.#pending.set(record.key, record);
      if (record.type === 'examined') this.#pending.delete(record.key);
    });
  }

  /** Writes the counters, and leaves out of the journal what they hold. Renews the lock. Throws like `record`. */
  checkpoint(): Promise<void> {
    return this.#mutex.runExclusive(async () => {
      const { disk, lock } = this.options;
      lock.renew(this.parameters.checkpointMs);
      const through = this.journal.lastNumber;
      // A checkpoint must not name records that a power cut could still take away.
      await this.journal.sync();
      await writeCheckpoint(disk, checkpointPath(this.folder), { at: this.now(), through, snapshot: this.snapshot });
      if (this.journal.bytes <= this.#compactBeyond) return;
      await this.journal.compact(through);
      this.#compactBeyond = this.journal.bytes + this.options.spareBytes;
    });
  }

  /** Closes the journal, after whatever is being written. */
  close(): Promise<void> {
    return this.#mutex.runExclusive(() => this.journal.close());
  }
}

const NO_LOCK = { check: () => {}, renew: () => {} };

function settle({
  disk = realDisk,
  now = () => new Date(),
  spareBytes = SPARE_BYTES,
  lock = NO_LOCK,
}: StoreOptions): Required<StoreOptions> {
  return { disk, now, spareBytes, lock };
}

function journalPath(folder: string): string {
  return join(folder, 'journal.jsonl');
}

function checkpointPath(folder: string): string {
  return join(folder, 'checkpoint.json');
}

function parametersOf(folder: string, records: readonly NumberedRecord[]): CampaignParameters {
  const first = records.at(0)?.record;
  if (first?.type !== 'campaign') {
    throw new InputError(`faultline: ${folder}/journal.jsonl is no journal of a campaign: it does not open with one.`);
  }
  const { version } = first.parameters;
  if (version !== CAMPAIGN_VERSION) {
    throw new InputError(`faultline: ${folder} holds a campaign of version ${version}; this is ${CAMPAIGN_VERSION}.`);
  }
  const parsed = campaignParametersSchema.safeParse(first.parameters);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(`faultline: ${folder}/journal.jsonl:1: ${issue.path.join('.')}: ${issue.message}.`);
}

/** Records were left out because a checkpoint held them; it has to be there. */
function refuseLostRecords(
  folder: string,
  records: readonly NumberedRecord[],
  checkpoint: Checkpoint | undefined,
): void {
  const compacted = records.map(({ record }) => record).find((record) => record.type === 'compacted');
  if (compacted === undefined || (checkpoint?.through ?? 0) >= compacted.through) return;
  const what = checkpoint === undefined ? 'is missing' : 'is older than the journal';
  throw new InputError(
    `faultline: ${folder}/checkpoint.json ${what}; the journal has left out what it held, so the two belong together.`,
  );
}

function stateOf(
  { worlds }: CampaignParameters,
  records: readonly NumberedRecord[],
  checkpoint: Checkpoint | undefined,
): CampaignState {
  const state = new CampaignState(checkpoint?.snapshot ?? worlds.length);
  for (const { number, record } of records) {
    if (number > (checkpoint?.through ?? 0)) state.apply(record);
  }
  return state;
}
