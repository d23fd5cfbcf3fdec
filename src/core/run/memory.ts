/**
 * Memory: the words of one executor, and who must hear when one of them changes: the checks that look at it and the
 * actors that wait on it. Used by the executor and its parts only.
 */

import { ACTORS_A_WORD, type Program } from '../program/program.js';
import { Checks } from './checks.js';

/** Set in the interest of a word that a check looks at. */
export const CHECKED = 1 << ACTORS_A_WORD;

/** The state of one execution and those it interests. */
export class Memory {
  declare readonly state: Int32Array;
  declare readonly checks: Checks;
  /** Per word: a bit for each actor that has ever waited on it, and CHECKED. Of more than thirty actors some share a bit. */
  declare readonly interest: Int32Array;
  /** Actors whom a change has interested since the mask was last emptied. */
  woken = 0;

  /** @param state the words of the program's layout, then whatever its owner keeps there */
  constructor(program: Program, state: Int32Array) {
    this.state = state;
    this.checks = new Checks(program, state);
    this.interest = new Int32Array(state.length);
    this.checks.checked.forEach((checked, word) => {
      if (checked === 1) this.interest[word] = CHECKED;
    });
  }

  /** Wakes the actors that have waited on a word; for ops that wait on one word of several. */
  wake(word: number): void {
    // That a check looks at the word concerns no actor.
    this.woken |= this.interest[word] & ~CHECKED;
  }

  /** Stores a value that differs from the present one. */
  store(word: number, value: number): void {
    this.state[word] = value;
    const interest = this.interest[word];
    if (interest === 0) return;
    this.woken |= interest & ~CHECKED;
    if (interest >= CHECKED) this.checks.changed(word);
  }
}
