/**
 * Lines: latches whose words are places, first come first. A word holds the bits of who stands at its place: one actor's in
 * a line, those of several where they go on together. What the modes of `LatchMode` from Join on do, on whatever words:
 * the engines bring their own.
 *
 * Imported by the latches of the executor and of live runs.
 */

import { LatchMode } from './latch.js';

const { Join, Next, Drain, Await } = LatchMode;

/** The words of an engine. */
export interface LineWords {
  load(at: number): number;
  store(at: number, value: number): void;
}

/** Where a line lies, and the acting actor's bit in it. */
export interface Line {
  /** First word. */
  readonly first: number;
  /** Number of places, and how far they lie apart. */
  readonly width: number;
  readonly stride: number;
  /** How far the words for each further thirty actors lie from those for the first (`Region.planes`). */
  readonly planes: readonly number[];
  /** How far those lie that hold the actor's bit. */
  readonly plane: number;
  readonly bit: number;
}

/** In place of a result: the actor has to wait; there is no place left. */
export const LINE_WAITS = -1;
export const LINE_FULL = -2;

/** Does one step of a line; its result, LINE_WAITS or LINE_FULL. */
export function stepLine(words: LineWords, line: Line, mode: number): number {
  switch (mode) {
    case Join:
      return join(words, line);
    case Next: {
      const wasThere = !isFree(words, line, 0);
      moveUp(words, line, 0);
      return wasThere ? 1 : 0;
    }
    case Drain: {
      let wasThere = 0;
      for (let place = 0; place < line.width; place++) {
        if (!isFree(words, line, place)) wasThere = 1;
        for (const plane of line.planes) words.store(wordAt(line, place) + plane, 0);
      }
      return wasThere;
    }
    case Await:
      return placeOf(words, line) < 0 ? 0 : LINE_WAITS;
    default:
      return quit(words, line);
  }
}

/** Whether the actor stands nowhere in the line, so that who waits for that can go on. */
export function isOutOfLine(words: LineWords, line: Line): boolean {
  return placeOf(words, line) < 0;
}

/** Takes the last place; who stands in the line stays where it is. */
function join(words: LineWords, line: Line): number {
  if (placeOf(words, line) >= 0) return 0;
  let last = line.width;
  while (last > 0 && isFree(words, line, last - 1)) last--;
  if (last === line.width) return LINE_FULL;
  words.store(wordAt(line, last) + line.plane, line.bit);
  return 0;
}

function quit(words: LineWords, line: Line): number {
  const place = placeOf(words, line);
  if (place < 0) return 0;
  const at = wordAt(line, place) + line.plane;
  words.store(at, words.load(at) & ~line.bit);
  if (isFree(words, line, place)) moveUp(words, line, place);
  return 1;
}

/** Those behind a place move up by one. */
function moveUp(words: LineWords, line: Line, from: number): void {
  for (const plane of line.planes) {
    for (let place = from; place < line.width; place++) {
      const at = wordAt(line, place) + plane;
      words.store(at, place + 1 < line.width ? words.load(at + line.stride) : 0);
    }
  }
}

function placeOf(words: LineWords, line: Line): number {
  for (let place = 0; place < line.width; place++) {
    if ((words.load(wordAt(line, place) + line.plane) & line.bit) !== 0) return place;
  }
  return -1;
}

function isFree(words: LineWords, line: Line, place: number): boolean {
  return line.planes.every((plane) => words.load(wordAt(line, place) + plane) === 0);
}

function wordAt({ first, stride }: Line, place: number): number {
  return first + place * stride;
}
