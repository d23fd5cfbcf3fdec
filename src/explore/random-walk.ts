/**
 * Random walk: every step picks among the runnable actors with equal chance. No paper and no guarantee, but fast, and
 * hard to beat on bugs of depth one (Thomson, Donaldson, Betts, "Concurrency Testing Using Controlled Schedulers", ACM
 * TOPC 2016). What cannot race runs at once here as everywhere, which no paper's
 * walk does. The engine's loop knows this class, because its picks cost no more than the steps.
 */

import type { Random } from '../core/random.js';
import type { Executor } from '../core/run/executor.js';
import type { Strategy } from './strategy.js';

/** Picks uniformly among the runnable actors. */
export class RandomWalk implements Strategy {
  readonly name = 'random';
  #random: Random | undefined;

  newRun(random: Random): void {
    this.#random = random;
  }

  pick(executor: Executor): number {
    return executor.runnableAt(this.#random!.below(executor.runnableCount));
  }

  choice(count: number): number {
    return this.#random!.below(count);
  }

  stepped(): void {}
}
