/**
 * PCT: probabilistic concurrency testing. Burckhardt, Kothari, Musuvathi, Nagarakatte, "A Randomized Scheduler with
 * Probabilistic Guarantees of Finding Bugs", ASPLOS 2010.
 *
 * Actors get random priorities d, d+1, ...; the runnable one with the highest runs. At d-1 change points the actor that
 * is about to run falls to priority 1..d-1, the i-th drawn point giving priority i, and the pick is made again. A pick
 * that ends in a fall counts like a step, so that several can fall before one step; the points are different picks, drawn
 * from the k+d-2 that a run of k steps can make. So a bug of depth d is found with a chance of at least
 * 1 / (n * k * (k+1) * ... * (k+d-2)) a run: there is a lowest actor to begin with (1/n), and for each further constraint
 * a pick at which an actor has to fall, and how far.
 *
 * Where this departs from the paper:
 * - What cannot race runs at once and is no step here, as in taPCT (Ozkan, Majumdar, Oraee, "Trace Aware Random Testing for
 *   Distributed Systems", OOPSLA 2019), where only events that race count: k is that much smaller.
 * - There an actor falls after the step at which the point lies, here before it. The paper's threads begin with a step of
 *   their own; ours begin with the op, and an actor that could only fall after a step could not be held back before its
 *   first (nor could two that wait for the same step).
 * - k is taken from the walks of a profile and not given, so the chance is that of bugs whose changes lie within k steps.
 * - The priority of an actor that goes back to the head of a retry loop is drawn again, because the first would let it spin
 *   for ever. And a run of several times k steps goes on as a random walk, in which nobody is held back for ever, as in
 *   Coyote's fair PCT (by then the change points are past). Neither is in the paper's guarantee.
 */

import type { Random } from '../core/random.js';
import type { Executor } from '../core/run/executor.js';
import { StepFlag } from '../core/run/step-flag.js';
import type { Strategy } from './strategy.js';

/** A run goes on as a random walk after so many times the steps of the longest walk, and some more. */
const WALKS = 4;
const SOME = 64;

/** Into so many parts is divided what a priority is drawn from again. */
export const GRAINS = 1 << 20;

/** A pick that no run makes. */
const NEVER = 0x7fffffff;

/** Random priorities with d-1 change points. */
export class Pct implements Strategy {
  readonly name = 'pct';
  isBeyond = false;
  readonly #priorities: Float64Array;
  /** Picks at which an actor falls; the place in the list is the priority that it falls to, less one. */
  readonly #changes: Int32Array;
  /** A run that goes on beyond so many picks does so as a random walk. */
  readonly fairFrom: number;
  #random: Random | undefined;
  #picks = 0;
  /** The pick of the next change. */
  #next = 0;

  /**
   * @param actors number of actors
   * @param depth d: how many ordering constraints the bug needs; at least 1
   * @param mostVisible k: change points lie within the first k steps that may race; at least 1
   */
  constructor(
    actors: number,
    readonly depth: number,
    readonly mostVisible: number,
  ) {
    this.#priorities = new Float64Array(actors);
    this.#changes = new Int32Array(depth - 1);
    this.fairFrom = WALKS * (mostVisible + depth) + SOME;
  }

  newRun(random: Random): void {
    this.#random = random;
    this.#picks = 0;
    const priorities = this.#priorities;
    const depth = this.#changes.length + 1;
    // Fisher and Yates, from the inside out.
    for (let actor = 0; actor < priorities.length; actor++) {
      const other = random.below(actor + 1);
      priorities[actor] = priorities[other];
      priorities[other] = depth + actor;
    }
    this.#drawChanges(random);
  }

  pick(executor: Executor): number {
    this.#picks++;
    if (this.#picks > this.mostVisible + this.#changes.length) this.isBeyond = true;
    if (this.#picks > this.fairFrom) return executor.runnableAt(this.#random!.below(executor.runnableCount));
    let best = this.#highest(executor);
    while (this.#picks === this.#next) {
      this.#priorities[best] = this.#changes.indexOf(this.#picks) + 1;
      this.#next = this.#changeAfter(this.#picks++);
      best = this.#highest(executor);
    }
    return best;
  }

  choice(count: number): number {
    return this.#random!.below(count);
  }

  stepped(_: Executor, actor: number, flags: number): void {
    if ((flags & StepFlag.Again) === 0) return;
    this.isBeyond = true;
    // Anywhere among all, and below or above them: whoever it waits for may be the lowest.
    let lowest = this.#priorities[0];
    let highest = lowest;
    for (let other = 1; other < this.#priorities.length; other++) {
      if (this.#priorities[other] < lowest) lowest = this.#priorities[other];
      if (this.#priorities[other] > highest) highest = this.#priorities[other];
    }
    lowest--;
    const span = highest + 1 - lowest;
    this.#priorities[actor] = lowest + (span * this.#random!.below(GRAINS)) / GRAINS;
  }

  #highest({ runnable, runnableCount }: Executor): number {
    let best = runnable[0];
    for (let i = 1; i < runnableCount; i++) {
      if (this.#priorities[runnable[i]] > this.#priorities[best]) best = runnable[i];
    }
    return best;
  }

  /** Draws different picks for the changes: each of those that are left with the same chance. */
  #drawChanges(random: Random): void {
    const changes = this.#changes;
    const picks = this.mostVisible + changes.length - 1;
    for (let drawn = 0; drawn < changes.length; drawn++) {
      let pick = 1 + random.below(picks - drawn);
      // Counted among those that are left: passed over are those taken before it, lowest first.
      for (let taken = this.#changeAfter(0, drawn); taken <= pick; taken = this.#changeAfter(taken, drawn)) pick++;
      changes[drawn] = pick;
    }
    this.#next = this.#changeAfter(0);
  }

  /** The first change after a pick, among those drawn so far; a pick that no run makes when there is none. */
  #changeAfter(pick: number, drawn = this.#changes.length): number {
    let next = NEVER;
    for (let i = 0; i < drawn; i++) if (this.#changes[i] > pick && this.#changes[i] < next) next = this.#changes[i];
    return next;
  }
}

/**
 * The least chance that a run finds a bug of depth d: for `actors` actors, and runs of at most `mostVisible` steps that may
 * race in which nobody goes round a retry loop.
 */
export function pctBound(actors: number, depth: number, mostVisible: number): number {
  let chances = actors;
  for (let change = 0; change < depth - 1; change++) chances *= mostVisible + change;
  return 1 / chances;
}
