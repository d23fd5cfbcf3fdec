/**
 * Values of options: text in, a value out, or one sentence that says what is allowed. Imported by the verbs; loads
 * nothing heavy, so that `faultline list` and wrong input are answered at once.
 */

import { inputProblem, notAllowed } from '../../core/input-sentence.js';
import { LARGEST_SEED } from '../../core/known-options.js';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** A day more than the largest that a timer takes is of no use to anybody: 7 days. */
const LONGEST_TIME_MS = 7 * 24 * 3_600_000;

/** A seed: a whole number of up to 64 bits, decimal or `0x` and hexadecimal. */
export function parseSeed(text: string): bigint {
  const seed = /^(\d{1,20}|0x[\da-f]{1,16})$/i.test(text) ? BigInt(text) : -1n;
  if (seed >= 0n && seed <= LARGEST_SEED) return seed;
  throw inputProblem('--seed', notAllowed('seed', text, 'a whole number from 0 to 2^64 - 1, such as 7 or 0x1f'));
}

/** A parser of times for `option`, to milliseconds: `500ms`, `10s`, `2m`, `1.5h`. */
export function timeParser(option: string): (text: string) => number {
  return (text) => {
    const parts = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h)$/.exec(text);
    const timeMs = parts === null ? 0 : Number(parts[1]) * UNITS[parts[2]];
    if (timeMs >= 1 && timeMs <= LONGEST_TIME_MS) return timeMs;
    const allowed = 'a time from 1ms to 168h, such as 500ms, 10s, 2m or 1h';
    throw inputProblem(option, notAllowed(option.slice(2), text, allowed));
  };
}

/** A budget of time in milliseconds. */
export const parseBudget = timeParser('--budget');

/** A parser of shares from 0 to 1 for `option`. */
export function rateParser(option: string): (text: string) => number {
  return (text) => {
    const value = /^(\d{1,9}(\.\d{0,12})?|\.\d{1,12})$/.test(text) ? Number(text) : Number.NaN;
    if (value >= 0 && value <= 1) return value;
    throw inputProblem(option, notAllowed(option.slice(2), text, 'a number from 0 to 1, such as 0.05'));
  };
}

/** Collects `--set name=value`; the last one of a name counts. */
export function collectSetting(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const [name, value] = splitAt(text, '=');
  if (name === '' || value === undefined) {
    throw inputProblem('--set', notAllowed('setting', text, 'name=value, such as conversion=vm-attributes'));
  }
  return { ...before, [name]: value };
}

/** A list of names with commas between them. */
export function parseNames(option: string): (text: string) => string[] {
  return (text) => {
    const names = text.split(',').map((name) => name.trim());
    if (!names.includes('')) return names;
    throw inputProblem(option, notAllowed(option.slice(2), text, 'names with commas between them'));
  };
}

/** What stands before and after the first `separator`; the second is undefined when there is none. */
export function splitAt(text: string, separator: string): [before: string, after: string | undefined] {
  const place = text.indexOf(separator);
  return place < 0 ? [text, undefined] : [text.slice(0, place), text.slice(place + separator.length)];
}
