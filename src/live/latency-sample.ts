/**
 * Latency sample: times one call out of a few dozen. The clock costs as much as two steps, so not all calls are timed;
 * and the distances are irregular, or a script of as many calls would show always the same one. Used by the live
 * executor.
 */

import { Random } from '../core/random.js';
import type { LiveActor } from './live-actor.js';
import type { LiveSettings } from './live-settings.js';

/** Calls out of which one is timed. */
const DISTANCE = 64;

/** Random streams of the sampling lie behind those of the actors. */
const SAMPLE_STREAM = 1 << 24;

/** The sampling of one thread. */
export class LatencySample {
  #next = DISTANCE;

  readonly #random: Random;

  /** @param first number of the first actor of the thread */
  constructor({ seed, streams = 0 }: LiveSettings, first: number) {
    this.#random = new Random(seed, SAMPLE_STREAM + streams + first);
  }

  /** A call of the actor begins: whether it is to be timed is noted with the actor. */
  begins(actor: LiveActor): void {
    if (--this.#next > 0) return;
    this.#next = 1 + this.#random.below(2 * DISTANCE);
    actor.beganMs = performance.now();
  }

  /** A call that is timed has ended. */
  ended(actor: LiveActor): void {
    const lengthNs = Math.round((performance.now() - actor.beganMs) * 1e6);
    actor.latencies[actor.script.call].record(Math.max(1, lengthNs));
    actor.beganMs = 0;
  }
}
