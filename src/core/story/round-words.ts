/**
 * Round words: what is said of a run that goes round for ever, with the locks that somebody holds until a cell changes.
 * Used by whoever makes or replays a finding.
 */

import { spinSentences, spinsOf } from './spins.js';
import type { Trace } from './trace.js';

/** The words of a round, and what its run shows of spins; `trace` goes round from its step `loopFrom` on. */
export function roundWords(trace: Trace, loopFrom: number, words: string): string {
  return [words, ...spinSentences(trace, spinsOf(trace, loopFrom))].join('. ');
}
