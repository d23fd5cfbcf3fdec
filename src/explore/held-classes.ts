/**
 * Classes of ops that are held back in a run, from some of its steps on, until somebody has gone round a retry loop for
 * some time: it may wait for what is held back. Used by POS in the mix.
 */

import { grown } from '../core/grown.js';
import type { Random } from '../core/random.js';
import type { Executor } from '../core/run/executor.js';
import type { OpClasses } from './op-classes.js';

/** Most classes held back in a run; 0 to so many by turns. */
export const MOST_HELD = 4;

/** All are let go with a chance of one in so many when an actor has gone round a retry loop. */
export const ONE_LETS_GO = 4;

/** Holds back the class that is about to run, at steps drawn at the start of a run. */
export class HeldClasses {
  /** By class: the last run, or part of one, in which it was held back. */
  #heldIn = new Int32Array(64);
  #run = 0;
  /** Steps at which a class is held back, ascending; those that were reached are taken off the front. */
  readonly #changes: number[] = [];
  #step = 0;
  /** Whether any class is held back now. */
  isAny = false;

  /** @param mostVisible steps that may race, of the longest run known: the changes lie within them */
  constructor(
    readonly classes: OpClasses,
    readonly mostVisible: number,
  ) {}

  newRun(random: Random, place: number): void {
    this.#run++;
    this.#step = 0;
    this.isAny = false;
    this.#changes.length = 0;
    for (let change = place % (MOST_HELD + 1); change > 0; change--) this.#changes.push(random.below(this.mostVisible));
    this.#changes.sort((left, right) => left - right);
  }

  /** Whether the op that an actor is about to run is held back from now on, once for each change; else a step is counted. */
  holdsNow(executor: Executor, actor: number): boolean {
    if (this.#changes.length === 0 || this.#changes[0] > this.#step) {
      this.#step++;
      return false;
    }
    this.#changes.shift();
    const held = this.classes.of(executor.nodeOf(actor));
    if (held >= this.#heldIn.length) {
      this.#heldIn = grown(this.#heldIn, held * 2);
    }
    this.#heldIn[held] = this.#run;
    this.isAny = true;
    return true;
  }

  /** An actor has gone round a retry loop. */
  wentRound(random: Random): void {
    if (!this.isAny || random.below(ONE_LETS_GO) > 0) return;
    this.isAny = false;
    // What was held back was so in an earlier run, as far as anybody asks.
    this.#run++;
  }

  /** Whether the pending op of an actor is of a class that is held back. */
  isHeld(executor: Executor, actor: number): boolean {
    return this.isAny && this.#heldIn[this.classes.of(executor.nodeOf(actor))] === this.#run;
  }
}
