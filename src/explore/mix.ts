/**
 * The mix: what the default samples with behind the stream, two strategies by turns. Each finds within few schedules
 * what the other one hardly finds.
 */

import type { Random } from '../core/random.js';
import type { Executor } from '../core/run/executor.js';
import type { RunUnderWay, Strategy } from './strategy.js';

/** Picks by one strategy after the other, a run each. */
export class Mix implements Strategy {
  #current: Strategy;

  constructor(readonly strategies: readonly Strategy[]) {
    this.#current = strategies[0];
  }

  get name(): string {
    return this.#current.name;
  }

  newRun(random: Random, place: number, run: RunUnderWay): void {
    const { strategies } = this;
    this.#current = strategies[place % strategies.length];
    this.#current.newRun(random, Math.floor(place / strategies.length), run);
  }

  pick(executor: Executor): number {
    return this.#current.pick(executor);
  }

  choice(count: number): number {
    return this.#current.choice(count);
  }

  stepped(executor: Executor, actor: number, flags: number, node: number): void {
    this.#current.stepped(executor, actor, flags, node);
  }
}
