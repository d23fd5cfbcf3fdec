/**
 * Epoch age: when an epoch is to end although its actors could go on: because it is old, or because its world stands still.
 * Used by the session.
 */

import type { LiveSettled } from './live-session.js';
import type { SharedMemory } from './shared-memory.js';
import { Stillness } from './stillness.js';

/** Time between two looks at whether the world stands still: shortest, and for each word that there is to look at. */
const LOOK_MS = 1;
const LOOK_MS_PER_WORD = 0.002;

/** Watches the age of the epochs of one run. */
export class EpochAge {
  /** A look at many words takes them out of the threads' caches, so it is taken less often. */
  readonly lookMs: number;
  readonly #stillness: Stillness;
  /** The epoch that was seen last, and when it began or was seen first. */
  #epoch = 0;
  #beganMs = 0;
  #nextLookMs = 0;
  /** How much longer than `epochMs` an epoch may last: more each time that one was given up, or none would ever end. */
  #patience = 1;

  constructor(
    readonly memory: SharedMemory,
    readonly options: LiveSettled,
  ) {
    this.lookMs = Math.max(LOOK_MS, LOOK_MS_PER_WORD * memory.program.layout.words);
    this.#stillness = new Stillness(memory);
  }

  /** An epoch begins. */
  begin(): void {
    this.#epoch = this.memory.epoch;
    this.#beganMs = this.options.clock();
    this.#stillness.begin();
  }

  /** Mode once: an epoch was given up. */
  giveUp(): void {
    this.#patience *= 2;
  }

  /** Whether the epoch is older than it may become. */
  get isOld(): boolean {
    const { epochMs, clock } = this.options;
    const { epoch } = this.memory;
    const nowMs = clock();
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#beganMs = nowMs;
    }
    return nowMs - this.#beganMs >= epochMs * this.#patience;
  }

  /** Mode loop: whether nothing has happened for a while; looked at now and then. */
  get isStill(): boolean {
    const nowMs = this.options.clock();
    if (this.options.mode !== 'loop' || nowMs < this.#nextLookMs) return false;
    this.#nextLookMs = nowMs + this.lookMs;
    return this.#stillness.look();
  }
}
