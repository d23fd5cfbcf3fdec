/**
 * The sentences in which what the user gave is refused: where, what is wrong, what is allowed.
 *
 * One form for all of them, kept here. Imported by whatever takes names or values of the user's.
 */

import { InputError } from './errors.js';
import { nearestName } from './nearest-name.js';

/** The longest piece of the user's text that a sentence repeats, in characters. */
const shownLength = 40;

/** Makes the error for a problem at `where` (`file:line:column`, `--set gfns=x`, or empty for the command line). */
export function inputProblem(where: string, sentence: string): InputError {
  return new InputError(`faultline: ${where === '' ? '' : `${where}: `}${sentence}`);
}

/** `unknown call "raed"; allowed: read, write; did you mean "read"?` */
export function unknownName(what: string, written: string, allowed: readonly string[], orElse = ''): string {
  return `unknown ${what} ${shown(written)}; allowed: ${allowed.join(', ')}${orElse}${didYouMean(written, allowed)}`;
}

/** `; did you mean "read"?` for the end of a sentence about a name that is none, or `end` when no name is near. */
export function didYouMean(written: unknown, allowed: readonly string[], end = ''): string {
  const nearest = typeof written === 'string' ? nearestName(written, allowed) : undefined;
  return nearest === undefined ? end : `; did you mean "${nearest}"?`;
}

/** `gfns is 0; allowed: a whole number from 1 to 4096`; a value that is not there at all `is missing`. */
export function notAllowed(what: string, value: unknown, allowed: string): string {
  return `${what} ${value === undefined ? 'is missing' : `is ${shown(value)}`}; allowed: ${allowed}`;
}

/** `a whole number from 1 to 4096` */
export function wholeFrom(least: number, most: number): string {
  return least === most ? `only ${least}` : `a whole number from ${least} to ${most}`;
}

/** The user's value as a sentence repeats it: on one line, quoted when it is text, never longer than a line. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > shownLength ? `${value.slice(0, shownLength - 3)}...` : value);
  }
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : String(value);
}
