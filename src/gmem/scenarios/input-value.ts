/**
 * Values that are written as text, on the command line and in settings: a value out, or one sentence that says what is
 * allowed. Imported by whatever takes them.
 */

import { inputProblem, notAllowed, wholeFrom } from '../../core/input-sentence.js';

/** A parser of whole numbers from `least` to `most` for `option`. */
export function wholeParser(option: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw inputProblem(option, notAllowed(option.slice(2), text, wholeFrom(least, most)));
  };
}
