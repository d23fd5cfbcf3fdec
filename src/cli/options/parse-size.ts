/**
 * Sizes of memory as options take them. Imported by the verbs; loads nothing heavy.
 */

import { inputProblem, notAllowed } from '../../core/input-sentence.js';

const UNITS: Readonly<Record<string, number>> = { m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };
const LARGEST = 2 ** 40;

/** A parser of sizes for `option`, to bytes: `512M`, `4G`, `1.5GiB`; units are powers of 1024. */
export function sizeParser(option: string): (text: string) => number {
  return (text) => {
    const parts = /^(\d{1,9}(?:\.\d{1,3})?)([mgt])(?:i?b)?$/i.exec(text);
    const bytes = parts === null ? 0 : Math.floor(Number(parts[1]) * UNITS[parts[2].toLowerCase()]);
    if (bytes >= UNITS.m && bytes <= LARGEST) return bytes;
    throw inputProblem(option, notAllowed(option.slice(2), text, 'a size from 1M to 1T, such as 512M or 4G'));
  };
}
