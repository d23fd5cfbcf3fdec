/**
 * Pair: a random priority for each pair of an actor and a class of ops, with four change points. One of the two strategies
 * of the mix. No source was found for it; it is PCT (pct.ts) with priorities that an actor does not keep from one kind of
 * op to the next, so that a bug which needs an actor to be fast here and slow there needs no change point for that.
 *
 * The runnable actor whose pending op has the highest priority runs. At a change point the pair that is about to run falls
 * below all, and the pick is made again. An actor that has gone round a retry loop rests half of the time: until nobody
 * else can go on, or, with a chance of a quarter at each step of the others, sooner. Always, and those bugs would never be
 * found for which it must go round while somebody else could run.
 */

import { grown } from '../core/grown.js';
import type { Random } from '../core/random.js';
import type { Executor } from '../core/run/executor.js';
import { StepFlag } from '../core/run/step-flag.js';
import type { OpClasses } from './op-classes.js';
import type { Strategy } from './strategy.js';

/** Change points of a run. */
export const PAIR_FALLS = 4;
/** A resting actor wakes with a chance of one in so many at each step of the others. */
export const ONE_WAKES = 4;

/** Random priorities by actor and class of op. */
export class Pair implements Strategy {
  readonly name = 'pair';
  /** By class and actor: the priority, and the run that it was drawn in. */
  #priorities: Float64Array<ArrayBuffer>;
  #drawnIn: Int32Array<ArrayBuffer>;
  readonly #resting: Uint8Array;
  #restingCount = 0;
  readonly #changes = new Float64Array(PAIR_FALLS);
  #random: Random | undefined;
  #run = 0;
  #step = 0;
  #lowest = 0;

  /** @param mostVisible steps that may race, of the longest run known: the changes lie within them */
  constructor(
    readonly actors: number,
    readonly classes: OpClasses,
    readonly mostVisible: number,
  ) {
    this.#priorities = new Float64Array(64 * actors);
    this.#drawnIn = new Int32Array(64 * actors);
    this.#resting = new Uint8Array(actors);
  }

  newRun(random: Random): void {
    this.#random = random;
    this.#run++;
    this.#step = 0;
    this.#lowest = 0;
    this.#resting.fill(0);
    this.#restingCount = 0;
    for (let change = 0; change < PAIR_FALLS; change++) this.#changes[change] = 1 + random.below(this.mostVisible);
  }

  pick(executor: Executor): number {
    this.#step++;
    if (this.#restingCount > 0) this.#wakeSome();
    let best = this.#highest(executor);
    for (let change = 0; change < PAIR_FALLS; change++) {
      if (this.#changes[change] !== this.#step) continue;
      this.#priorities[this.#placeOf(executor, best)] = --this.#lowest;
      best = this.#highest(executor);
    }
    return best;
  }

  choice(count: number): number {
    return this.#random!.below(count);
  }

  stepped(_: Executor, actor: number, flags: number): void {
    if ((flags & StepFlag.Again) === 0 || this.#resting[actor] === 1 || this.#random!.below(2) === 1) return;
    this.#resting[actor] = 1;
    this.#restingCount++;
  }

  #wakeSome(): void {
    for (let actor = 0; actor < this.actors; actor++) {
      if (this.#resting[actor] === 1 && this.#random!.below(ONE_WAKES) === 0) this.#wake(actor);
    }
  }

  #wake(actor: number): void {
    this.#resting[actor] = 0;
    this.#restingCount--;
  }

  #highest(executor: Executor): number {
    const { runnable, runnableCount } = executor;
    const resting = this.#resting;
    let best = -1;
    let priority = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < runnableCount; i++) {
      const actor = runnable[i];
      if (resting[actor] === 1) continue;
      const theirs = this.#priorities[this.#placeOf(executor, actor)];
      if (theirs <= priority) continue;
      best = actor;
      priority = theirs;
    }
    if (best >= 0) return best;
    // All of them rest.
    for (let i = 0; i < runnableCount; i++) this.#wake(runnable[i]);
    return this.#highest(executor);
  }

  /** Where the priority of an actor's pending op is; drawn when it is looked at for the first time in a run. */
  #placeOf(executor: Executor, actor: number): number {
    const place = this.classes.of(executor.nodeOf(actor)) * this.actors + actor;
    if (place >= this.#priorities.length) this.#makeRoom(place);
    if (this.#drawnIn[place] !== this.#run) {
      this.#drawnIn[place] = this.#run;
      this.#priorities[place] = this.#random!.next() >>> 0;
    }
    return place;
  }

  #makeRoom(place: number): void {
    this.#priorities = grown(this.#priorities, place * 2);
    this.#drawnIn = grown(this.#drawnIn, place * 2);
  }
}
