/**
 * POS: partial order sampling. Yuan, Yang, Gu, "Partial Order Aware Concurrency Sampling", CAV 2018.
 *
 * Every pending op has a random priority and the highest runs; the ops that race with it get new priorities, so that
 * orders which matter are drawn afresh and orders which do not are not.
 *
 * Where this departs from the paper: an op whose words are not known before it runs (compute, claim, follow, an atomic
 * section) is taken to race with everything; ops that have to wait are drawn afresh as well, since they may be enabled
 * by the very step; priorities are 32 random bits instead of reals, ties going to the lower actor; and when an actor goes
 * round a retry loop, all are drawn afresh, because it may wait for one that races with nothing and has drawn low.
 */

import type { Random } from '../core/random.js';
import type { Executor } from '../core/run/executor.js';
import { StepFlag } from '../core/run/step-flag.js';
import { mayRace } from './may-race.js';
import type { Strategy } from './strategy.js';

/** A random priority for each op, drawn again for ops that race with the one executed. */
export class Pos implements Strategy {
  readonly #priorities: Float64Array;
  #random: Random | undefined;

  /** @param actors number of actors */
  constructor(actors: number) {
    this.#priorities = new Float64Array(actors);
  }

  newRun(random: Random): void {
    this.#random = random;
    for (let actor = 0; actor < this.#priorities.length; actor++) this.#draw(actor);
  }

  pick(executor: Executor): number {
    const { runnable, runnableCount } = executor;
    let best = runnable[0];
    for (let i = 1; i < runnableCount; i++) {
      if (this.#priorities[runnable[i]] > this.#priorities[best]) best = runnable[i];
    }
    // Now and not in `stepped`, where the op that ran is no longer pending.
    for (let actor = 0; actor < this.#priorities.length; actor++) {
      if (actor === best || mayRace(executor, best, actor)) this.#draw(actor);
    }
    return best;
  }

  choice(count: number): number {
    return this.#random!.below(count);
  }

  stepped(_: Executor, __: number, flags: number): void {
    if ((flags & StepFlag.Again) === 0) return;
    for (let actor = 0; actor < this.#priorities.length; actor++) this.#draw(actor);
  }

  #draw(actor: number): void {
    this.#priorities[actor] = this.#random!.next() >>> 0;
  }
}
