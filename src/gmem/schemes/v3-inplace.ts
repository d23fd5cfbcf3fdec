/**
 * "guest_memfd: In-place conversion support" (V3b and S3 in docs/kernel.md). The fault holds the invalidate lock
 * shared, so the attribute it read and the hook it calls stand on the same side of every conversion.
 */

import { getPfnByAttribute, underSharedLock } from '../calls/get-pfn.js';
import { populateAfterGup, populateWhatIsThere } from '../calls/populate.js';
import { bindPointer, commitBindings, unbindLocked } from '../calls/slot-set.js';
import { attributeThenFolio } from '../calls/user-mapping.js';
import { defineScheme } from '../scheme.js';
import { v2HookEveryFault } from './v2-hook-every-fault.js';

/** V3b in docs/kernel.md, the latest in-place conversion seen. */
export const v3Inplace = defineScheme(v2HookEveryFault, {
  name: 'v3-inplace',
  title: 'v2-hook-every-fault under the shared invalidate lock; the hook only if private (in-place conversion)',
  version: 'V3b',
  returnsReference: false,
  traits: { ...v2HookEveryFault.traits, hook: 'if-private', faultLock: 'shared', reference: 'dropped' },

  *getPfn(g, gfn) {
    return yield* underSharedLock(g, () => getPfnByAttribute(g, gfn));
  },
  populate: populateAfterGup({ clearFirst: true }),
  populateInPlace: populateWhatIsThere,
  bindSlot: bindPointer,
  commitSlot: commitBindings,
  unbindSlot: unbindLocked,
  *getFolioForUser(g, gfn) {
    return yield* underSharedLock(g, () => attributeThenFolio(g, gfn));
  },
});
