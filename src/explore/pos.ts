/**
 * POS: partial order sampling. Yuan, Yang, Gu, "Partial Order Aware Concurrency Sampling", CAV 2018.
 *
 * Every pending op has a random priority and the highest runs; the ops that race with it get new priorities, so that
 * orders which matter are drawn afresh and orders which do not are not.
 *
 * Where this departs from the paper: an op whose words are not known before it runs (compute, claim, follow, an atomic
 * section) is taken to race with everything; ops that have to wait are drawn afresh as well, since they may be enabled
 * by the very step; priorities are 32 random bits instead of reals, ties going to the lower actor; and when an actor goes
 * round a retry loop, all are drawn afresh, because it may wait for one that races with nothing and has drawn low. What
 * cannot race runs at once, before priorities are looked at.
 *
 * With classes that are held back (`held`) it is one of the two strategies of the mix: at d steps of a run, d = 0 to 4 by
 * turns, the class of the op about to run is held back, and its ops, of all actors, run only when no other can. Actors that do
 * the same are delayed together so, however many they are. No source was found for that.
 */

import type { Random } from '../core/random.js';
import type { Executor } from '../core/run/executor.js';
import { StepFlag } from '../core/run/step-flag.js';
import type { HeldClasses } from './held-classes.js';
import { PendingRaces } from './may-race.js';
import type { Strategy } from './strategy.js';

/** A random priority for each op, drawn again for ops that race with the one executed. */
export class Pos implements Strategy {
  readonly name: string;
  readonly #priorities: Float64Array;
  #random: Random | undefined;
  #races: PendingRaces | undefined;

  /** @param actors number of actors @param held holds classes of ops back */
  constructor(
    actors: number,
    readonly held?: HeldClasses,
  ) {
    this.name = held === undefined ? 'pos' : 'pos with classes held back';
    this.#priorities = new Float64Array(actors);
  }

  newRun(random: Random, place: number): void {
    this.#random = random;
    this.held?.newRun(random, place);
    for (let actor = 0; actor < this.#priorities.length; actor++) this.#draw(actor);
  }

  pick(executor: Executor): number {
    let best = this.#highest(executor);
    while (this.held?.holdsNow(executor, best)) best = this.#highest(executor);
    // Now and not in `stepped`, where the op that ran is no longer pending.
    const races = this.#racesOf(executor);
    races.about(best);
    for (let actor = 0; actor < this.#priorities.length; actor++) {
      if (actor === best || races.mayRaceWith(actor)) this.#draw(actor);
    }
    return best;
  }

  choice(count: number): number {
    return this.#random!.below(count);
  }

  stepped(_: Executor, __: number, flags: number): void {
    if ((flags & StepFlag.Again) === 0) return;
    this.held?.wentRound(this.#random!);
    for (let actor = 0; actor < this.#priorities.length; actor++) this.#draw(actor);
  }

  #racesOf(executor: Executor): PendingRaces {
    if (this.#races?.executor !== executor) this.#races = new PendingRaces(executor);
    return this.#races;
  }

  #highest(executor: Executor): number {
    const free = this.held?.isAny ? this.#highestFree(executor, this.held) : -1;
    if (free >= 0) return free;
    const { runnable, runnableCount } = executor;
    const priorities = this.#priorities;
    let best = runnable[0];
    let highest = priorities[best];
    for (let i = 1; i < runnableCount; i++) {
      const actor = runnable[i];
      if (priorities[actor] <= highest) continue;
      best = actor;
      highest = priorities[actor];
    }
    return best;
  }

  #highestFree(executor: Executor, held: HeldClasses): number {
    const { runnable, runnableCount } = executor;
    const priorities = this.#priorities;
    let best = -1;
    let highest = -1;
    for (let i = 0; i < runnableCount; i++) {
      const actor = runnable[i];
      if (priorities[actor] <= highest || held.isHeld(executor, actor)) continue;
      best = actor;
      highest = priorities[actor];
    }
    return best;
  }

  #draw(actor: number): void {
    this.#priorities[actor] = this.#random!.next() >>> 0;
  }
}
