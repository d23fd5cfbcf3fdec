/**
 * Words of ops: which words an op may touch, and how, for whoever asks what races. Worked out once for each op: the profile,
 * the strategies of each shard and the stream all ask. Used by the facts and by what they are learned from.
 */

import { accessesOf, mayWrite, wordsOfAccess } from '../core/ops/accesses.js';
import type { Op } from '../core/ops/op.js';

/** Ways of touching a word, as bits: looking, writing, and changing nothing but one's own bit. */
export const TouchWay = { Looks: 1, Writes: 2, Own: 4 } as const;

/** A word that an op may touch, and the way. */
export interface TouchedWord {
  readonly word: number;
  readonly way: number;
}

const known = new WeakMap<Op<unknown>, readonly TouchedWord[]>();

/** The words that an op may touch, in the order of its accesses. */
export function wordsTouchedBy(op: Op<unknown>): readonly TouchedWord[] {
  let words = known.get(op);
  if (words === undefined) {
    words = accessesOf(op).flatMap((access) => {
      const way = access.how === 'own-bit' ? TouchWay.Own : mayWrite(access) ? TouchWay.Writes : TouchWay.Looks;
      return wordsOfAccess(access).map((word) => ({ word, way }));
    });
    known.set(op, words);
  }
  return words;
}
