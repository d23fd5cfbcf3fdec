/**
 * The fault prepares under the exclusive invalidate lock (S7 in docs/kernel.md). Safe, and every fault of an inode
 * waits for every other.
 */

import { getPfnByAttribute, underExclusiveLock } from '../calls/get-pfn.js';
import { defineScheme } from '../scheme.js';
import { v3Inplace } from './v3-inplace.js';

/** S7 in docs/kernel.md. */
export const prepareExclusive = defineScheme(v3Inplace, {
  name: 'prepare-exclusive',
  title: 'v3-inplace with the fault under the exclusive invalidate lock',
  version: 'S7',
  traits: { ...v3Inplace.traits, faultLock: 'exclusive' },

  *getPfn(g, gfn) {
    return yield* underExclusiveLock(g, () => getPfnByAttribute(g, gfn));
  },
});
