/**
 * Campaign state: where a campaign stands, as a fold over the records of its journal and what is counted in between.
 *
 * The same fold runs while the campaign does and when it is taken up again, so a campaign that was killed stands where
 * its records say, whichever checkpoint it starts from. Pure: no clock, no file. Used by the campaign's store.
 */

import { signatureText } from '../core/story/signature.js';
import type { CampaignRecord, CampaignTotals, SightingCount } from './campaign-record.js';
import type { CampaignFinding, CampaignSnapshot } from './campaign-snapshot.js';

/** Nothing done yet. */
export const NO_TOTALS: CampaignTotals = {
  ...{ steps: 0, calls: 0, faults: 0, retries: 0, epochs: 0, deaths: 0, audits: 0, seconds: 0 },
};

/** Members that are read-only in the snapshot are ours to change. */
type Draft<T> = { -readonly [K in keyof T]: T[K] extends object ? Draft<T[K]> : T[K] };

/** Folds records and counts into a snapshot. */
export class CampaignState {
  readonly #snapshot: Draft<CampaignSnapshot>;

  /** @param before a snapshot to go on from; else a campaign of so many worlds begins */
  constructor(before: CampaignSnapshot | number) {
    this.#snapshot = typeof before === 'number' ? emptySnapshot(before) : structuredClone(before);
  }

  /** Where it stands: the thing itself, to be read before anything else happens. */
  get snapshot(): CampaignSnapshot {
    return this.#snapshot;
  }

  /** Whether a finding with that key has a record. */
  knows(key: string): boolean {
    return Object.hasOwn(this.#snapshot.findings, key);
  }

  /** Takes a record in. */
  apply(record: CampaignRecord): void {
    const state = this.#snapshot;
    switch (record.type) {
      case 'session':
        state.sessions++;
        break;
      case 'step-started':
        this.#giveUp();
        state.running = { step: record.step, world: record.world, totals: { ...NO_TOTALS }, sightings: {} };
        break;
      case 'finding':
        state.findings[record.key] = findingOf(record);
        this.sight(record.key, record.at);
        break;
      case 'examined':
        if (this.knows(record.key)) state.findings[record.key].examined = structuredClone(record.examined);
        break;
      case 'step-finished':
        this.#finish(record);
        break;
      case 'session-ended':
        state.activeMs = record.activeMs;
        break;
    }
  }

  /** Counts a sighting of a known finding in the step under way. */
  sight(key: string, at: string): void {
    const { running, findings } = this.#snapshot;
    const finding = findings[key];
    finding.count++;
    finding.last = at;
    if (running === null) return;
    running.sightings[key] = { count: (running.sightings[key]?.count ?? 0) + 1, last: at };
  }

  /** What the step under way has done so far, and how long the campaign has been running. */
  progress(totals: CampaignTotals, activeMs: number): void {
    this.elapse(activeMs);
    if (this.#snapshot.running !== null) this.#snapshot.running.totals = { ...totals };
  }

  /** How long the campaign has been running. */
  elapse(activeMs: number): void {
    this.#snapshot.activeMs = activeMs;
  }

  /** What the step under way has seen so far, by key. */
  get sightings(): Readonly<Record<string, SightingCount>> {
    return this.#snapshot.running?.sightings ?? {};
  }

  /** The step under way is not going to be finished: what it did stays done. */
  #giveUp(): void {
    const state = this.#snapshot;
    if (state.running === null) return;
    state.totals = sum(state.totals, state.running.totals);
    state.cutOff++;
    state.running = null;
  }

  /** The record knows all that the step did; what was counted of it on the way is replaced. */
  #finish(record: Extract<CampaignRecord, { type: 'step-finished' }>): void {
    const state = this.#snapshot;
    const { running } = state;
    if (running === null || running.step !== record.step) {
      throw new Error(`step ${record.step} ended without having begun`);
    }
    for (const [key, { count, last }] of Object.entries(record.sightings)) {
      const finding = state.findings[key];
      finding.count += count - (running.sightings[key]?.count ?? 0);
      finding.last = last;
    }
    state.totals = sum(state.totals, record.totals);
    const world = state.worlds[running.world];
    world.steps++;
    world.faults += record.totals.faults;
    world.seconds += record.totals.seconds;
    state.finished = record.step + 1;
    state.activeMs = record.activeMs;
    if (record.early !== undefined) state.early[record.early]++;
    state.running = null;
  }
}

function findingOf(record: Extract<CampaignRecord, { type: 'finding' }>): Draft<CampaignFinding> {
  const { at, id, step, world, finding } = record;
  const { kind, words, faults, seconds } = finding;
  const signature = signatureText(finding.signature);
  return {
    ...{ id, world, kind, signature, function: finding.function, words },
    ...{ count: 0, first: at, last: at, step, faults, seconds },
  };
}

function sum(left: CampaignTotals, right: CampaignTotals): Draft<CampaignTotals> {
  const names = Object.keys(NO_TOTALS) as (keyof CampaignTotals)[];
  const total: Draft<CampaignTotals> = { ...NO_TOTALS };
  for (const name of names) total[name] = left[name] + right[name];
  return total;
}

function emptySnapshot(worlds: number): Draft<CampaignSnapshot> {
  return {
    ...{ finished: 0, cutOff: 0, early: { budget: 0, interrupted: 0, flood: 0 }, sessions: 0, activeMs: 0 },
    totals: { ...NO_TOTALS },
    worlds: Array.from({ length: worlds }, () => ({ steps: 0, faults: 0, seconds: 0 })),
    ...{ running: null, findings: {} },
  };
}
