/**
 * One line of a log, field by field, with the error sentence for a field that is not what it should be.
 *
 * Imported by `parseTrace` only.
 */

import { inputProblem, notAllowed } from '../../core/input-sentence.js';

/** The words of a line; every reader throws an InputError that names file, line and what is expected. */
export class LogLine {
  readonly words: readonly string[];

  constructor(
    readonly fileName: string,
    readonly number: number,
    text: string,
  ) {
    this.words = text.trim().split(/\s+/);
  }

  /** Refuses the line. */
  fail(sentence: string): never {
    throw inputProblem(`${this.fileName}:${this.number}`, sentence);
  }

  /** Demands as many words as the form has, a line of words such as `U P tid t0 t1 page count ret`. */
  expectForm(form: string): void {
    const expected = form.split(' ').length;
    if (this.words.length !== expected) this.fail(`${this.words.length} fields; expected ${expected}: ${form}`);
  }

  /** Reads the word at `position` as a whole number from `least` to `most`. */
  whole(position: number, what: string, least = 0, most = Number.MAX_SAFE_INTEGER): number {
    return this.#number(this.words[position], what, least, most);
  }

  /** Reads `name=<whole number>` among the words after the first. */
  field(name: string, least = 0, most = Number.MAX_SAFE_INTEGER): number {
    const word = this.words.find((candidate) => candidate.startsWith(`${name}=`));
    return this.#number(word?.slice(name.length + 1), name, least, most);
  }

  #number(word: string | undefined, what: string, least: number, most: number): number {
    // A safe integer holds every TSC value for the first 34 days of uptime at 3 GHz; beyond that we say so.
    const value = /^\d+$/.test(word ?? '') ? Number(word) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
    const limit = most === Number.MAX_SAFE_INTEGER ? '2^53 - 1' : String(most);
    return this.fail(notAllowed(what, word, `a whole number from ${least} to ${limit}`));
  }
}
