/**
 * Wrapping: sentences at words, code-like text at the places where an engineer would break it. Widths are places of a
 * terminal (text-width.ts). Used by the reports.
 */

import { fitting, widthOf } from './text-width.js';

/** A sentence in lines of at most `width`; all but the first are indented. A word that is too long is cut. */
export function wrapWords(text: string, width: number, indent = ''): string[] {
  return wrap(text, width, width - widthOf(indent), (left, most) => left.lastIndexOf(' ', most)).map((line, place) =>
    place === 0 ? line : indent + line,
  );
}

/**
 * A step, function or name in lines: the first at most `first` wide, the others `rest`. Breaks at spaces (an arrow stays
 * with its result, a number with its name), else behind a bracket or comma, else behind other punctuation and underscores; no text is lost.
 */
export function wrapCode(text: string, first: number, rest: number): string[] {
  return wrap(text, first, rest, (left, most) => {
    const places = BREAKS.map((place) => lastPlace(left, most, place));
    // A nicer place to break is not worth a line that is mostly empty.
    return places.find((place) => place * 3 > most) ?? Math.max(...places);
  });
}

/** Where code may be broken, nicest first. */
const BREAKS = [/(?<!->)(?= (?!\d))/g, /(?<=[(,])(?!\))/g, /(?<=[_.>\])/-])/g];

/** The last position up to `most` where `pattern` matches, or 0. */
function lastPlace(text: string, most: number, pattern: RegExp): number {
  return Math.max(0, ...[...text.matchAll(pattern)].map(({ index }) => index).filter((index) => index <= most));
}

/** Cuts `text` where `breakAt` says: the length, up to `most`, of the part of what is left that goes on this line. */
function wrap(text: string, first: number, rest: number, breakAt: (left: string, most: number) => number): string[] {
  const lines: string[] = [];
  let left = plain(text);
  for (let width = Math.max(1, first); widthOf(left) > width; width = Math.max(1, rest)) {
    const most = fitting(left, width);
    // The only character that is left may be wider than the line.
    if (most === left.length) break;
    const found = breakAt(left, most);
    const cut = found > 0 ? found : most;
    lines.push(left.slice(0, cut).trimEnd());
    left = left.slice(cut).trimStart();
  }
  return [...lines, left];
}

/** Text without line breaks, tabs and control characters, which names from users may hold. */
export function plain(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}

/** Lines that were wrapped, as the sentences they were: a line that is not indented begins the next one. */
export function paragraphsOf(text: string): string[] {
  return text
    .split(/\n(?=\S)|\n{2,}/)
    .map(onOneLine)
    .filter((paragraph) => paragraph !== '');
}

/** A wrapped text on one line. */
export function onOneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').trim();
}
