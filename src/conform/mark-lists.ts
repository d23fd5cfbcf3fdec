/**
 * Mark lists: lists of marks by number, so that a state can hold which an actor is about to pass. The same list has the same
 * number, however often it comes. Used by the walker only.
 */

import type { Crossing } from '../core/automaton/passed-marks.js';

/** Lists, from the empty one on. */
export class MarkLists {
  readonly #lists: (readonly Crossing[])[] = [[]];
  readonly #longer = new Map<readonly Crossing[], Map<number, number>>();

  /** A list by its number. */
  at(number: number): readonly Crossing[] {
    return this.#lists[number];
  }

  /** A list and what is appended to it. */
  longer(list: number, more: readonly Crossing[]): number {
    if (more.length === 0) return list;
    let numbers = this.#longer.get(more);
    if (numbers === undefined) {
      numbers = new Map();
      this.#longer.set(more, numbers);
    }
    let number = numbers.get(list);
    if (number === undefined) {
      number = this.#lists.push([...this.#lists[list], ...more]) - 1;
      numbers.set(list, number);
    }
    return number;
  }
}
