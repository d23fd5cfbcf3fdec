/**
 * No lock in the fault beyond the lookup: the sequence is checked again before the hook, and at the map as always (S9
 * in docs/kernel.md). What the hook of a doomed fault has done is not undone, and two hooks on one page are not ordered
 * either.
 */

import { putFolio } from '../calls/filemap.js';
import { getHealthyFolio } from '../calls/get-pfn.js';
import { invalidateRetryGfnUnsafe } from '../calls/invalidate-retry.js';
import { loadVmsaUnchecked } from '../calls/vmsa.js';
import { RET_PF_RETRY } from '../errno.js';
import { defineScheme } from '../scheme.js';
import { v2HookEveryFault } from './v2-hook-every-fault.js';

/** S9 in docs/kernel.md. */
export const seqcountRetry = defineScheme(v2HookEveryFault, {
  name: 'seqcount-retry',
  title: 'the hook outside the folio lock, after one more look at mmu_invalidate_seq',
  version: 'S9',
  traits: { ...v2HookEveryFault.traits, hookLock: 'none' },

  *loadVmsa(g, gfn) {
    yield* g.invalidateSeq.take();
    return yield* loadVmsaUnchecked(g, gfn);
  },

  *getPfn(g, gfn) {
    const folio = yield* getHealthyFolio(g, gfn);
    if (typeof folio === 'number') return folio;
    yield* g.scheme.clearFolio(g, folio, gfn);
    const zapped = yield* g.scheme.zapDirectMap(g, folio);
    yield* g.unlockFolio(folio);
    const stale = zapped === 0 && (yield* invalidateRetryGfnUnsafe(g, gfn));
    const error = zapped !== 0 ? zapped : stale ? RET_PF_RETRY : yield* g.arch.prepare(g, folio);
    if (error === 0) return folio;
    yield* putFolio(g, folio);
    return error;
  },
});
