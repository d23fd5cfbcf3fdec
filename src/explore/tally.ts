/**
 * Tally: the chunks of all shards summed up in the order of the blocks, so that the sum is the same for any number of
 * workers. Holds one schedule for each signature and a bounded table of final states, however long the run.
 */

import type { GrowingCell } from '../core/growing.js';
import type { Program } from '../core/program/program.js';
import { signatureText } from '../core/story/signature.js';
import { Coverage } from './coverage.js';
import { FinalStates } from './final-states.js';
import { addGrowing } from './growth.js';
import type { ChunkResult, Sighting } from './outcomes.js';
import type { BoundedRuns, ExploreStats } from './stats.js';
import type { StreamProgress } from './stream/stream-progress.js';

/** What only the engine knows. */
export type RunFacts = Pick<ExploreStats, 'seconds' | 'strategy' | 'interrupted' | 'stepBound'> &
  Partial<Pick<ExploreStats, 'depth' | 'pctBound' | 'racingPairs' | 'secondsToFirst'>>;

/** Sums up chunks; `add` must be called in the order of the blocks. */
export class Tally {
  /** First sighting of each signature, by signature. */
  readonly sightings = new Map<string, Sighting>();
  schedules = 0;
  #steps = 0;
  #completed = 0;
  #deadlocked = 0;
  #violating = 0;
  #livelocked = 0;
  #joined = 0;
  #bounded = 0;
  #boundedOpen = 0;
  #longestRun = 0;
  /** Whether a run was none of those that the strategy promises something of. */
  isBeyond = false;
  readonly #boundedBy = new Map<string, BoundedRuns>();
  readonly #growing = new Map<string, GrowingCell>();
  readonly #states = new FinalStates();
  /** Those of schedules that were drawn: only a sample tells of what was not seen. */
  readonly #drawn = new FinalStates();
  #drawnSchedules = 0;
  #stream: StreamProgress | undefined;
  readonly #coverage: Coverage;

  constructor(program: Program) {
    this.#coverage = new Coverage(program);
    // What the profile ran counts for any number of workers.
    this.#coverage.scan();
  }

  /** Number of different final states so far. */
  get finalStates(): number {
    return this.#states.distinct;
  }

  /** Adds the next chunk. */
  add(chunk: ChunkResult): void {
    const before = this.schedules;
    this.schedules += chunk.schedules;
    this.#steps += chunk.steps;
    this.#completed += chunk.completed;
    this.#deadlocked += chunk.deadlocked;
    this.#violating += chunk.violating;
    this.#livelocked += chunk.livelocked;
    this.#joined += chunk.joined;
    this.#bounded += chunk.bounded;
    this.#boundedOpen += chunk.boundedOpen;
    this.#longestRun = Math.max(this.#longestRun, chunk.longestRun);
    this.isBeyond ||= chunk.isBeyond;
    for (const { actor, loop, count } of chunk.boundedBy) {
      const key = `${actor} ${loop}`;
      this.#boundedBy.set(key, { actor, loop, count: count + (this.#boundedBy.get(key)?.count ?? 0) });
    }
    for (const each of chunk.growing) addGrowing(this.#growing, each);
    this.#states.merge(chunk.finalStates);
    if (chunk.stream === undefined) {
      this.#drawn.merge(chunk.finalStates);
      this.#drawnSchedules += chunk.schedules;
    } else this.#stream = chunk.stream;
    this.#coverage.merge(chunk.coverage);
    for (const sighting of chunk.sightings) {
      const text = signatureText(sighting.signature);
      if (!this.sightings.has(text)) this.sightings.set(text, { ...sighting, foundAt: before + sighting.foundAt });
    }
  }

  #streamStats(): Pick<ExploreStats, 'stream'> {
    if (this.#stream === undefined) return {};
    const { isExhausted, boundDone, restarts } = this.#stream;
    // What comes after something that broke was not tried.
    const isWhole = this.#violating + this.#deadlocked + this.#livelocked === 0;
    const schedules = this.schedules - this.#drawnSchedules;
    const stream = { schedules, exhausted: isExhausted && isWhole, restarts };
    return { stream: isWhole && boundDone >= 0 && !stream.exhausted ? { ...stream, preemptions: boundDone } : stream };
  }

  /** The sum. With `ahead`, the program compiled once more, it says what the calls could have reached as well. */
  stats(
    { seconds, strategy, depth, interrupted, stepBound, pctBound, racingPairs, secondsToFirst }: RunFacts,
    ahead: Program | undefined,
  ): ExploreStats {
    return {
      ...{ schedules: this.schedules, steps: this.#steps, seconds },
      ...(secondsToFirst === undefined ? {} : { secondsToFirst }),
      distinctFinalStates: this.#states.distinct,
      singletonFinalStates: this.#drawn.singletons,
      drawnSchedules: this.#drawnSchedules,
      finalStatesCapped: this.#states.capped,
      ...{ completed: this.#completed, deadlocked: this.#deadlocked, violating: this.#violating },
      ...{
        livelocked: this.#livelocked,
        joined: this.#joined,
        stepBound,
        bounded: this.#bounded,
        boundedOpen: this.#boundedOpen,
      },
      boundedBy: [...this.#boundedBy.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, runs]) => runs),
      growing: [...this.#growing.values()].sort((left, right) => (left.cell < right.cell ? -1 : 1)),
      longestRun: this.#longestRun,
      strategy,
      ...(depth === undefined ? {} : { depth }),
      interrupted,
      ...this.#coverage.uncovered(ahead),
      ...(pctBound === undefined ? {} : { pctBound }),
      ...this.#streamStats(),
      ...(racingPairs === undefined ? {} : { racingPairs }),
    };
  }
}
