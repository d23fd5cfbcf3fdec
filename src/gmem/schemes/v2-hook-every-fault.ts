/**
 * After "KVM: guest_memfd: Remove preparation tracking" (V2 and S2 in docs/kernel.md). uptodate means cleared; the hook
 * asks the RMP on every fault.
 */

import { populateAfterGup } from '../calls/populate.js';
import { unbindDyingToo } from '../calls/slot-set.js';
import { defineScheme } from '../scheme.js';
import { v1UptodatePrepared } from './v1-uptodate-prepared.js';

/** V2 in docs/kernel.md: mainline (torvalds/linux@01f492e1817e). */
export const v2HookEveryFault = defineScheme(v1UptodatePrepared, {
  name: 'v2-hook-every-fault',
  title: 'uptodate = cleared; the hook asks the RMP on every fault (mainline since 8622ef05709f)',
  version: 'V2',
  traits: {
    ...v1UptodatePrepared.traits,
    uptodate: 'cleared',
    hook: 'every-fault',
    preparedMark: 'none',
    source: 'pinned-first',
  },

  *prepareFolio(g, folio, gfn) {
    yield* g.scheme.clearFolio(g, folio, gfn);
    return yield* g.arch.prepare(g, folio);
  },
  populate: populateAfterGup({ clearFirst: false }),
  unbindSlot: unbindDyingToo,
});
