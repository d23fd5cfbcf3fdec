/**
 * Live totals: what the actors' counters say, at any moment and without a question to their threads. Used by the session.
 */

import type { LiveMoment } from './live-finding.js';
import type { ActorSummary, CounterTotals } from './live-report.js';
import { COUNTERS, Counter, type SharedMemory } from './shared-memory.js';

/** Reads the counters of one run. */
export class LiveTotals {
  #beganMs: number;

  constructor(
    readonly memory: SharedMemory,
    readonly clock: () => number,
  ) {
    this.#beganMs = clock();
  }

  /** Seconds count from now on: the threads have loaded the model, and their actors start. */
  begin(): void {
    this.#beganMs = this.clock();
  }

  /** Over all actors. */
  get all(): CounterTotals {
    return this.#totals(0, this.memory.program.actors.length);
  }

  /** Now. */
  moment(epoch: number): LiveMoment {
    const { calls, faults } = this.all;
    return { epoch, seconds: (this.clock() - this.#beganMs) / 1000, calls, faults };
  }

  /** Each actor's part. */
  actors(threads: number): readonly ActorSummary[] {
    return this.memory.program.actors.map(({ name }, actor) => ({
      ...{ actor, name, thread: actor % threads },
      ...this.#totals(actor, actor + 1),
    }));
  }

  #totals(first: number, end: number): CounterTotals {
    const sum = (counter: number): number => {
      let total = 0;
      for (let actor = first; actor < end; actor++) total += this.memory.counters[actor * COUNTERS + counter];
      return total;
    };
    return {
      ...{ steps: sum(Counter.Steps), calls: sum(Counter.Calls), faults: sum(Counter.Faults) },
      ...{ retries: sum(Counter.Retries), contended: sum(Counter.Contended), waitedMs: sum(Counter.WaitedMs) },
    };
  }
}
