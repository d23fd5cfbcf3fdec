/**
 * Meeting: where the threads of a run come together once none of their actors can go on, without the supervisor.
 *
 * That none of its actors can go on, a thread can only say of the moment at which it looked: another one may just have
 * done what they wait for. So a thread that has nothing to run attends, and may leave again as long as others run. When
 * all attend, nobody runs, and all look once more: if one of them can go on, the meeting is over; else the last to say
 * so decides for all what comes next, while they wait. All of it is one word: the number of the meeting, whether its
 * members look, and how many attend or have looked. Used by the live thread in runs whose actors make their calls once.
 */

import { Command } from './lock-layout.js';
import type { Doorbell } from './shared-doorbell.js';
import { LiveControl, type SharedMemory } from './shared-memory.js';

/** What a thread does after it has been at a meeting. */
export const Verdict = {
  /** It runs on: one of its actors can, or one of another thread could, or the world was reset. */
  GoOn: 0,
  /** The command word does not say Run. */
  Interrupted: 1,
  /** Nobody can go on, all wait for it, and it decides: `adjourn` ends the meeting. */
  Decides: 2,
} as const;

/** One of the values of Verdict. */
export type VerdictValue = (typeof Verdict)[keyof typeof Verdict];

/** Set while the members of a meeting look. */
const LOOKING = 1 << 11;
/** What a meeting's number counts in; below it the flag and the members. */
const NUMBER = 1 << 12;
const MEMBERS = LOOKING - 1;

/** Looks at the word before a member sleeps, if its thread has a core of its own: some microseconds. */
const SPINS = 2000;

/** Sleeps between two looks at a value that an actor waits for. */
const SHORTEST_NAP_MS = 0.02;
const LONGEST_NAP_MS = 1;

/** How one thread takes part in the meetings of its run. */
export class Meeting {
  readonly #words: Int32Array;
  readonly #command: number;

  /**
   * @param bells those of all threads
   * @param ownCore whether the thread may spin for a while at nobody's cost
   */
  constructor(
    readonly memory: SharedMemory,
    readonly bells: readonly Doorbell[],
    readonly thread: number,
    readonly ownCore: boolean,
  ) {
    this.#words = memory.words;
    this.#command = memory.locks.command;
  }

  /**
   * Attends until it is clear what the thread does next. `canGoOn`: whether one of its actors can go on, as far as the
   * thread sees now; `polls`: whether it has to look for that now and then, because nobody rings for a value.
   */
  attend(canGoOn: () => boolean, polls: boolean): VerdictValue {
    const words = this.#words;
    let napMs = SHORTEST_NAP_MS;
    const number = this.#join();
    for (;;) {
      const seen = Atomics.load(words, LiveControl.Meeting);
      if (numberOf(seen) !== number) return Verdict.GoOn;
      if (this.#interrupted) return Verdict.Interrupted;
      if ((seen & LOOKING) !== 0) return this.#look(canGoOn(), number);
      if (canGoOn()) {
        // Whoever leaves must do so before the others look.
        if (Atomics.compareExchange(words, LiveControl.Meeting, seen, seen - 1) === seen) return Verdict.GoOn;
        continue;
      }
      const over = () => Atomics.load(words, LiveControl.Meeting) !== seen || this.#interrupted || canGoOn();
      this.#wait(over, polls ? napMs : Number.POSITIVE_INFINITY);
      napMs = Math.min(2 * napMs, LONGEST_NAP_MS);
    }
  }

  /** Ends the meeting: everybody runs on. */
  adjourn(): void {
    const seen = Atomics.load(this.#words, LiveControl.Meeting);
    Atomics.store(this.#words, LiveControl.Meeting, nextMeeting(seen));
    this.#ring();
  }

  /** Becomes a member; the last one makes all look. The number of the meeting. */
  #join(): number {
    const words = this.#words;
    for (;;) {
      const seen = Atomics.load(words, LiveControl.Meeting);
      // Its members have looked and wait for a word of the last; it is over soon.
      if ((seen & LOOKING) !== 0) throw new Error('a meeting looks while a thread runs');
      const all = (seen & MEMBERS) + 1 === this.bells.length;
      const joined = all ? (seen & -NUMBER) | LOOKING : seen + 1;
      if (Atomics.compareExchange(words, LiveControl.Meeting, seen, joined) !== seen) continue;
      if (all) this.#ring();
      return numberOf(seen);
    }
  }

  /** While nobody runs: says whether an actor of this thread can go on. */
  #look(canGoOn: boolean, number: number): VerdictValue {
    const words = this.#words;
    for (;;) {
      const seen = Atomics.load(words, LiveControl.Meeting);
      if (numberOf(seen) !== number) return Verdict.GoOn;
      if (canGoOn) {
        if (Atomics.compareExchange(words, LiveControl.Meeting, seen, nextMeeting(seen)) !== seen) continue;
        this.#ring();
        return Verdict.GoOn;
      }
      if (Atomics.compareExchange(words, LiveControl.Meeting, seen, seen + 1) !== seen) continue;
      if (((seen + 1) & MEMBERS) === this.bells.length) return Verdict.Decides;
      return this.#awaitEnd(number);
    }
  }

  /** Waits until the run is interrupted: what comes next is for the supervisor to say. */
  awaitInterrupt(): void {
    while (!this.#interrupted) this.#wait(() => this.#interrupted, Number.POSITIVE_INFINITY);
  }

  #awaitEnd(number: number): VerdictValue {
    const isOver = () => numberOf(Atomics.load(this.#words, LiveControl.Meeting)) !== number;
    while (!isOver()) {
      if (this.#interrupted) return Verdict.Interrupted;
      this.#wait(() => isOver() || this.#interrupted, Number.POSITIVE_INFINITY);
    }
    return Verdict.GoOn;
  }

  #wait(over: () => boolean, timeoutMs: number): void {
    if (this.ownCore) for (let spins = 0; spins < SPINS; spins++) if (over()) return;
    this.bells[this.thread].block(over, timeoutMs);
  }

  get #interrupted(): boolean {
    return Atomics.load(this.#words, this.#command) !== Command.Run;
  }

  #ring(): void {
    for (let thread = 0; thread < this.bells.length; thread++) if (thread !== this.thread) this.bells[thread].ring();
  }
}

/** The word of a meeting that has not begun, behind that of another one. Numbers wrap. */
export function nextMeeting(word: number): number {
  return ((word & -NUMBER) + NUMBER) | 0;
}

function numberOf(word: number): number {
  return word & -NUMBER;
}
