/**
 * Recording tables: ghost updates `(ghostValue, seen) => newValue` that ops carry, tabulated for small values, so that
 * an op which records stays free of closures in the hot loop. They lie among the automaton's tables. Used by the
 * automaton, which makes room for them, and by recordings, which fill and read them.
 */

import type { Recording } from '../ops/op.js';

/** Values `low` .. `low + span - 1` of the ghost and of what the op saw are tabulated; others are computed. */
const low = -4;
const span = 16;

/** Where things are in a table: the ghost's word, how many tables of the same op follow, the new values. */
export const RecordingTable = {
  low,
  span,
  ghost: 0,
  more: 1,
  values: 2,
  /** Number of words. */
  words: 2 + span * span,
  /** A value that was never asked for. */
  unknown: -0x80000000,
} as const;

/** How many words the tables of an op's recordings take. */
export function recordingWords(recordings: readonly Recording[]): number {
  return recordings.length * RecordingTable.words;
}

/** Writes the empty tables of an op's recordings at an offset. */
export function layRecordings(tables: Int32Array, offset: number, recordings: readonly Recording[]): void {
  recordings.forEach(({ word }, i) => {
    const at = offset + i * RecordingTable.words;
    tables[at + RecordingTable.ghost] = word;
    tables[at + RecordingTable.more] = recordings.length - 1 - i;
    tables.fill(RecordingTable.unknown, at + RecordingTable.values, at + RecordingTable.words);
  });
}
