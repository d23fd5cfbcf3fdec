/**
 * The bitmap under the shared invalidate lock (Michael Roth's RFC of 2024-12, patch 3; S5 in docs/kernel.md): lookup,
 * test, hook and mark of a fault stand together against truncation. The RFC holds the lock "while allocating/preparing
 * folios" and is older than user mappings of guest_memfd; a user fault allocates, so it takes the lock here as it does
 * with in-place conversion. What a fault read of the attribute before it took the lock is not covered.
 */

import { getPfnUnderFolioLock, underSharedLock } from '../calls/get-pfn.js';
import { attributeThenFolio } from '../calls/user-mapping.js';
import { defineScheme } from '../scheme.js';
import { bitmapNolock } from './bitmap-nolock.js';

/** S5 in docs/kernel.md. */
export const bitmapSharedLock = defineScheme(bitmapNolock, {
  name: 'bitmap-shared-lock',
  title: 'bitmap-nolock with the fault under the shared invalidate lock',
  version: 'S5',
  traits: { ...bitmapNolock.traits, faultLock: 'shared' },

  *getPfn(g, gfn) {
    return yield* underSharedLock(g, () => getPfnUnderFolioLock(g, gfn));
  },
  *getFolioForUser(g, gfn) {
    return yield* underSharedLock(g, () => attributeThenFolio(g, gfn));
  },
});
