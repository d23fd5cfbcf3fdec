/**
 * Text in exports: what comes out of models and files, made fit for one line of any format. Each format escapes besides
 * what it has a meaning for. Used by the exports only.
 */

import { plainText } from '../core/plain-text.js';

/** Longest text in a place that one line has. */
const MOST_CHARACTERS = 1_000;

/** One line in which all is to be seen: controls as escapes, halves of characters replaced, spaces as one, cut at `most`. */
export function oneLine(text: string, most = MOST_CHARACTERS): string {
  const line = plainText(wellFormed(text)).replace(/\s+/g, ' ').trim();
  const characters = [...line];
  return characters.length <= most ? line : `${characters.slice(0, most - 3).join('')}...`;
}

/** The same of a text of many lines, which keeps its lines and its spaces. */
export function manyLines(text: string): string {
  return plainText(wellFormed(text)).replaceAll('\t', '  ');
}

/** The text with halves of surrogate pairs and what is no character of XML replaced. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Cs}|[\ufffe\uffff]/gu, '\ufffd');
}

/** `3 steps`, `1 step` */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
