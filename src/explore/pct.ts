/**
 * PCT: probabilistic concurrency testing. Burckhardt, Kothari, Musuvathi, Nagarakatte, "A Randomized Scheduler with
 * Probabilistic Guarantees of Finding Bugs", ASPLOS 2010.
 *
 * Actors get random priorities d, d+1, ...; the runnable one with the highest runs. At d-1 steps drawn from 1..k the
 * actor that has just run falls to priority 1..d-1, the i-th drawn step giving priority i. A bug of depth d is found
 * with a chance of at least 1/(n * k^(d-1)) a run.
 *
 * Where this departs from the paper: k is the longest run of a profile and not given, so the bound speaks of change
 * points within the first k steps; an actor that goes back to the head of a retry loop falls below everybody, as it
 * does in Shuttle and Coyote, because the priorities would let it spin for ever (runs without a retry keep the bound).
 */

import type { Random } from '../core/random.js';
import type { Executor } from '../core/run/executor.js';
import { StepFlag } from '../core/run/step-flag.js';
import type { Strategy } from './strategy.js';

/** Random priorities with d-1 change points. */
export class Pct implements Strategy {
  readonly #priorities: Int32Array;
  readonly #changes: Int32Array;
  #random: Random | undefined;
  #steps = 0;
  #lowest = 0;

  /**
   * @param actors number of actors
   * @param depth d: how many ordering constraints the bug needs; at least 1
   * @param longestRun k: change points are drawn from the first k steps
   */
  constructor(
    actors: number,
    depth: number,
    readonly longestRun: number,
  ) {
    this.#priorities = new Int32Array(actors);
    this.#changes = new Int32Array(depth - 1);
  }

  newRun(random: Random): void {
    this.#random = random;
    this.#steps = 0;
    this.#lowest = 0;
    const priorities = this.#priorities;
    const depth = this.#changes.length + 1;
    // Fisher and Yates, from the inside out.
    for (let actor = 0; actor < priorities.length; actor++) {
      const other = random.below(actor + 1);
      priorities[actor] = priorities[other];
      priorities[other] = depth + actor;
    }
    for (let i = 0; i < this.#changes.length; i++) this.#changes[i] = 1 + random.below(this.longestRun);
  }

  pick(executor: Executor): number {
    const { runnable, runnableCount } = executor;
    let best = runnable[0];
    for (let i = 1; i < runnableCount; i++) {
      if (this.#priorities[runnable[i]] > this.#priorities[best]) best = runnable[i];
    }
    return best;
  }

  choice(count: number): number {
    return this.#random!.below(count);
  }

  stepped(_: Executor, actor: number, flags: number): void {
    this.#steps++;
    for (let i = 0; i < this.#changes.length; i++) {
      if (this.#changes[i] === this.#steps) this.#priorities[actor] = i + 1;
    }
    if ((flags & StepFlag.Again) !== 0) this.#priorities[actor] = --this.#lowest;
  }
}
