/**
 * Latency sample: times one call out of a few dozen. The clock costs as much as two steps, so not all calls are timed;
 * and the distances are irregular, or a script of as many calls would show always the same one. Used by the live
 * executor.
 */

import type { Random } from '../core/random.js';
import type { LiveActor } from './live-actor.js';

/** Calls out of which one is timed. */
const DISTANCE = 64;

/** The sampling of one thread. */
export class LatencySample {
  #next = DISTANCE;

  constructor(readonly random: Random) {}

  /** A call of the actor begins: whether it is to be timed is noted with the actor. */
  begins(actor: LiveActor): void {
    if (--this.#next > 0) return;
    this.#next = 1 + this.random.below(2 * DISTANCE);
    actor.beganMs = performance.now();
  }

  /** A call that is timed has ended. */
  ended(actor: LiveActor): void {
    const lengthNs = Math.round((performance.now() - actor.beganMs) * 1e6);
    actor.latencies[actor.script.call].record(Math.max(1, lengthNs));
    actor.beganMs = 0;
  }
}
