/**
 * Journal: the append-only file of a campaign's records. What must not be lost is on the disk before `append` returns.
 *
 * A record that cannot be written whole is cut off again, so that the file stays a sequence of records. Compaction
 * replaces the file by one without the records that a checkpoint holds; findings stay for ever. Callers order their
 * calls. Used by the campaign's store.
 */

import type { CampaignRecord } from './campaign-record.js';
import type { AppendedFile, Disk } from './disk.js';
import { journalLine, type NumberedRecord } from './journal-line.js';
import { recoverJournal } from './recover-journal.js';

/** Records that are synced: the others say only what a step did, and a step can be run again. */
const DURABLE: ReadonlySet<CampaignRecord['type']> = new Set(['finding', 'examined', 'session-ended']);

/** Records that compaction keeps. */
const KEPT: ReadonlySet<CampaignRecord['type']> = new Set(['campaign', 'finding', 'examined']);

/** The journal of one campaign. */
export class Journal {
  /** Why the last line is not whole, once it is so. */
  private torn: unknown;

  private constructor(
    readonly disk: Disk,
    readonly path: string,
    private file: AppendedFile,
    private length: number,
    private last: number,
  ) {}

  /** Begins a journal with its first record: at once or not at all. */
  static async create(disk: Disk, path: string, first: CampaignRecord): Promise<Journal> {
    const line = journalLine({ number: 1, record: first });
    await disk.replace(path, line);
    return new Journal(disk, path, await disk.openAppended(path), Buffer.byteLength(line), 1);
  }

  /**
   * Opens a journal and cuts a last line that is not whole. No journal: undefined.
   *
   * @throws InputError when it is damaged
   */
  static async open(
    disk: Disk,
    path: string,
  ): Promise<{ journal: Journal; records: readonly NumberedRecord[] } | undefined> {
    const content = await disk.read(path);
    if (content === undefined) return undefined;
    const { records, bytes } = recoverJournal(content, path);
    const file = await disk.openAppended(path);
    if (bytes < content.length) await file.cut(bytes);
    const last = records.reduce((most, { number }) => Math.max(most, number), 0);
    return { journal: new Journal(disk, path, file, bytes, last), records };
  }

  /** Number of the last record. */
  get lastNumber(): number {
    return this.last;
  }

  /** Size of the file. */
  get bytes(): number {
    return this.length;
  }

  /** Appends a record. Throws what the file system throws; then the journal is as it was before. */
  async append(record: CampaignRecord): Promise<void> {
    if (this.torn !== undefined) throw this.torn;
    const line = journalLine({ number: this.last + 1, record });
    try {
      await this.file.append(line);
      if (DURABLE.has(record.type)) await this.file.sync();
    } catch (error) {
      // If it cannot be cut either, whoever opens the journal next does it; until then nothing may come behind it.
      await this.file.cut(this.length).catch(() => {
        this.torn = error;
      });
      throw error;
    }
    this.last++;
    this.length += Buffer.byteLength(line);
  }

  /**
   * Leaves out what a checkpoint that is on the disk holds: records up to number `through`.
   *
   * @throws what the file system throws; then the journal is as it was before
   */
  async compact(through: number): Promise<void> {
    const content = (await this.disk.read(this.path)) ?? Buffer.alloc(0);
    const { records } = recoverJournal(content, this.path);
    const [first, ...rest] = records.filter(({ number, record }) => KEPT.has(record.type) || number > through);
    // It has the number that the checkpoint has to reach.
    const compacted: NumberedRecord = { number: through, record: { type: 'compacted', through } };
    const others = rest.filter(({ record }) => record.type !== 'compacted');
    const text = [first, compacted, ...others].map(journalLine).join('');
    await this.disk.replace(this.path, text);
    // First, so that an error leaves no file behind to which records would be written in vain.
    await this.file.close();
    this.file = await this.disk.openAppended(this.path);
    this.length = Buffer.byteLength(text);
  }

  /** Returns when every record is on the disk. */
  sync(): Promise<void> {
    return this.file.sync();
  }

  /** Closes the file. */
  close(): Promise<void> {
    return this.file.close();
  }
}
