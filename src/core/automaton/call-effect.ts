/**
 * The effect of a call: the first thing that it has done and nobody can undo, as far as its history was fed. Used by the
 * feeder.
 *
 * A retry leads to a head of which the history says nothing of the rounds before. So what was done there is handed on to
 * the head like a value that a loop carries: as the round of a loop that there is not.
 */

import type { Place } from '../ops/routine.js';
import type { Entered, Jump } from './feeder.js';

/** In the place of a loop's number: before every loop, and so kept by whoever leaves some of them. */
const NO_LOOP = -1;

/** The effect of the call that one feeder runs. */
export class CallEffect {
  /** The first effect, in words; undefined where there was none yet. */
  words: string | undefined;
  /** The same if it came after the last op. */
  noted: string | undefined;
  /** Effects of rounds before, by the number of results at the head that they were handed on to. */
  readonly #handedOn: readonly Entered[];
  /** Heads at which there had been one. */
  readonly #heads = new Set<Place>();

  /** @param entered the rounds that loops are in, with what was handed on */
  constructor(entered: readonly Entered[]) {
    this.#handedOn = entered.length === 0 ? entered : entered.filter(({ loop }) => loop === NO_LOOP);
  }

  /** Notes an effect; `undefined` is none. */
  note(words: string | undefined): void {
    if (words === undefined || this.words !== undefined) return;
    this.words = words;
    this.noted = words;
  }

  /** The head of a loop, so many results from the start. */
  atHead(place: Place, results: number): void {
    const before = this.#handedOn.find(({ round }) => round.results === results);
    if (before !== undefined) this.words ??= String(before.round.words);
    if (this.words === undefined) this.#heads.delete(place);
    else this.#heads.add(place);
  }

  /** What is to be handed on to a head, if not known there. */
  since(place: Place): string | undefined {
    return this.#heads.has(place) ? undefined : this.words;
  }
}

/** The rounds that a jump enters at the head of its loop, those of the loops around it being `own`. */
export function enteredBy({ depth, loop, round, effect }: Jump, own: readonly Entered[]): readonly Entered[] {
  const outer = own.filter((entered) => entered.loop < loop);
  const rounds = round === undefined ? outer : [...outer, { loop, round }];
  return effect === undefined ? rounds : [{ loop: NO_LOOP, round: { words: effect, results: depth } }, ...rounds];
}
