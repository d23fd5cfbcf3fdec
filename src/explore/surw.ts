/**
 * SURW: selectively uniform random walk. Zhao, Wolff, Mathur, Roychoudhury, "Selectively Uniform Concurrency Testing",
 * ASPLOS 2025, and the authors' implementation (github.com/zhaohuanqdcn/SURW).
 *
 * Samples interleavings of a few interesting events with equal chance: the actor that shall execute the next
 * interesting event is drawn with weights, each actor's being the number of such events it has left; actors that reach
 * an interesting event out of turn are held back, and all other events run in a random walk.
 *
 * Where this departs from the paper: interesting are the ops on one word, drawn anew for each run from the words that
 * several actors touch and one writes; the number of events is the mean over a profile of random walks, rounded up (the
 * paper estimates it from one run); an op whose words are not known before it runs is interesting for none. Actors exist
 * from the start, so the paper's transfer of weight at thread creation has nothing to do; and an actor that goes round a
 * retry loop ends the turn, because it may wait for one that is held back for it. What cannot race runs at once, before
 * anything is drawn.
 */

import type { Random } from '../core/random.js';
import type { Executor } from '../core/run/executor.js';
import { StepFlag } from '../core/run/step-flag.js';
import type { Profile } from './profile.js';
import type { Strategy } from './strategy.js';

/** Actors whose bits fit into a word. */
const BITS = 30;

/** Uniform over the interleavings of the ops on one shared word. */
export class Surw implements Strategy {
  readonly name = 'surw';
  readonly #left: Int32Array;
  #random: Random | undefined;
  #word = -1;
  #intended = -1;
  /** Those of the first thirty actors that are held back, as bits. */
  #held = 0;
  /** By actor beyond these: whether it is. */
  readonly #heldBeyond: Uint8Array;

  /** @param actors number of actors @param profile which words are shared, and how often each actor touches them */
  constructor(
    actors: number,
    readonly profile: Profile,
  ) {
    this.#left = new Int32Array(actors);
    this.#heldBeyond = new Uint8Array(Math.max(0, actors - BITS));
  }

  newRun(random: Random): void {
    this.#random = random;
    this.#intended = -1;
    this.#letGo();
    const { shared } = this.profile;
    if (shared.length === 0) return;
    const { word, events } = shared[random.below(shared.length)];
    this.#word = word;
    this.#left.set(events);
  }

  pick(executor: Executor): number {
    for (;;) {
      const actor = this.#walk(executor);
      if (actor < 0) {
        // Whoever may go on is held back, so the intended actor waits for one of them: let all go and draw again.
        this.#letGo();
        this.#intended = -1;
        continue;
      }
      if (this.#word < 0 || executor.pendingWord(actor) !== this.#word) return actor;
      if (this.#left[actor] === 0) this.#left[actor] = 1;
      if (this.#intended < 0) this.#intended = this.#draw(executor);
      if (actor === this.#intended) {
        this.#left[actor]--;
        this.#letGo();
        this.#intended = -1;
        return actor;
      }
      if (actor < BITS) this.#held |= 1 << actor;
      else this.#heldBeyond[actor - BITS] = 1;
    }
  }

  choice(count: number): number {
    return this.#random!.below(count);
  }

  stepped(_executor: Executor, _actor: number, flags: number): void {
    if ((flags & StepFlag.Again) === 0) return;
    this.#letGo();
    this.#intended = -1;
  }

  /** One of the runnable actors that are not held back, all with the same chance; -1 when there is none. */
  #walk({ runnable, runnableCount }: Executor): number {
    let free = 0;
    for (let i = 0; i < runnableCount; i++) if (!this.#isHeld(runnable[i])) free++;
    if (free === 0) return -1;
    let rest = this.#random!.below(free);
    for (let i = 0; ; i++) if (!this.#isHeld(runnable[i]) && rest-- === 0) return runnable[i];
  }

  /** The actor for the next interesting event: weighted by the events that each has left. */
  #draw({ runnable, runnableCount }: Executor): number {
    let total = 0;
    for (let i = 0; i < runnableCount; i++) if (!this.#isHeld(runnable[i])) total += this.#left[runnable[i]];
    let rest = this.#random!.below(total);
    for (let i = 0; ; i++) {
      if (this.#isHeld(runnable[i])) continue;
      rest -= this.#left[runnable[i]];
      if (rest < 0) return runnable[i];
    }
  }

  #isHeld(actor: number): boolean {
    return actor < BITS ? ((this.#held >>> actor) & 1) !== 0 : this.#heldBeyond[actor - BITS] === 1;
  }

  #letGo(): void {
    this.#held = 0;
    if (this.#heldBeyond.length > 0) this.#heldBeyond.fill(0);
  }
}
