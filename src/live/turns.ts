/**
 * Turns: the order in which a thread that runs a world alone lets its actors take steps.
 *
 * Actors are drawn, one as likely as the other, and have slices of up to so many steps as was drawn for the world: one
 * step each, for windows that are a step wide, to some dozen. In half of the worlds one actor is held back for a while, as
 * if its thread had not got a core; who comes late finds what nobody else does. Used by the live thread.
 */

import type { Random } from '../core/random.js';
import type { LiveHost } from './live-host.js';
import { Outcome } from './live-settings.js';
import { LiveControl } from './shared-memory.js';

/** The longest slice of a world is one step or 2, 4, ... of this many kinds. */
const SLICES = 5;

/** Turns for which an actor is held back, at most. */
const LONGEST_LAG = 64;

/** How a world of one thread goes on. */
export const WorldStep = {
  /** Turns are left. */
  GoesOn: 0,
  /** No actor can go on. */
  Ended: 1,
  Interrupted: 2,
  /** The op of an actor was refused. */
  Refused: 3,
  /** An actor has come to a step that the stripes of its model do not know. */
  Unknown: 4,
} as const;

/** The turns of one thread. */
export class Turns {
  /** Number of the epoch that its actors are in. */
  epoch = 0;
  /** Slot of the actor whose op was refused. */
  refused = 0;
  /** Slots of the actors that have calls left; the first `#left` count. */
  readonly #slots: number[];
  #left = 0;
  #slice = 1;
  #held = -1;
  #lag = 0;
  /** Turns in a row in which nobody came on. */
  #idle = 0;

  constructor(
    readonly host: LiveHost,
    readonly random: Random,
  ) {
    this.#slots = host.actors.map((_, slot) => slot);
  }

  /** Brings the actors into an epoch that begins. */
  begin(epoch: number): void {
    const { random, host } = this;
    this.epoch = epoch;
    host.executor.reset();
    Atomics.add(host.memory.words, LiveControl.Alone, 1);
    const { length } = this.#slots;
    this.#left = length;
    this.#slice = 1 << random.below(SLICES);
    this.#held = random.below(2 * length);
    this.#lag = random.below(LONGEST_LAG);
    this.#idle = 0;
  }

  /** One turn. A WorldStep. */
  take(): number {
    const { host, random } = this;
    if (this.#left === 0) return WorldStep.Ended;
    const place = random.below(this.#left);
    const slot = this.#slots[place];
    if (slot === this.#held && this.#lag > 0 && this.#idle < this.#left) {
      this.#lag--;
      return this.#came(false);
    }
    const before = host.stepsOf(slot);
    const outcome = host.run(slot, this.#slice === 1 ? 1 : 1 + random.below(this.#slice));
    if (outcome === Outcome.Interrupted) return WorldStep.Interrupted;
    if (outcome === Outcome.Refused) {
      this.refused = slot;
      return WorldStep.Refused;
    }
    if (outcome === Outcome.Unknown) return WorldStep.Unknown;
    if (outcome === Outcome.Done) {
      this.#left--;
      this.#slots[place] = this.#slots[this.#left];
      this.#slots[this.#left] = slot;
      return WorldStep.GoesOn;
    }
    return this.#came(outcome === Outcome.Slice || host.stepsOf(slot) !== before);
  }

  /** Whether somebody came on; else it is looked, now and then, whether anybody can. */
  #came(on: boolean): number {
    this.#idle = on ? 0 : this.#idle + 1;
    if (this.#idle < 2 * this.#left) return WorldStep.GoesOn;
    this.#idle = this.#left;
    return this.host.canGoOn ? WorldStep.GoesOn : WorldStep.Ended;
  }
}
