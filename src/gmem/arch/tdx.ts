/**
 * Intel TDX: private memory is mapped in an S-EPT that the TDX module keeps, and the guest accepts its pages (arch/x86/kvm/vmx/tdx.c).
 * guest_memfd has no hook of it: what SNP does for a page of a folio, TDX does where the page is mapped and zapped (calls/sept.ts).
 *
 * Left out: without a call that finalizes the TD, that faults before the launch is over are refused.
 */

import { check } from '../../core/ops/failure.js';
import type { Op } from '../../core/ops/op.js';
import type { Routine } from '../../core/ops/routine.js';
import { addAndExtend, splitCrossBoundary } from '../calls/sept.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Folio, Gfn } from '../scheme.js';
import { pagesOf } from '../world/folio-ref.js';
import { defineArch } from './arch.js';
import { archNone, launchUpdate } from './none.js';

const MACHINE_CHECK =
  "a device reaches a page of a TD with a key that is not the TD's: a machine check, and the host is down with all of its guests";

function isTdPage(g: Gmem, page: Folio): Op<boolean> {
  return g.folios.at(page).is('td-page').named('the S-EPT maps $i');
}

/** The hooks of TDX. */
export const archTdx = defineArch(archNone, {
  name: 'tdx',
  hasMirroredRoots: true,
  splitLeaves: splitCrossBoundary,

  /** Nothing below the host keeps such an access out: it reaches the encryption engine with the wrong key. */
  *refusesDma(g: Gmem, page: Folio): Routine<boolean> {
    yield* check(!(yield* isTdPage(g, page)), MACHINE_CHECK, { kind: 'machine-check' });
    return false;
  },

  /** No hook of the kernel: only who would keep a page that the TDX module has not given back asks for that (R32). */
  *reclaim(g: Gmem, folio: Folio): Routine {
    if (g.scenario.septRemoveFails !== true) return;
    for (const page of pagesOf(folio)) if (yield* isTdPage(g, page)) return yield* g.scheme.reclaimFailed(g, folio);
  },

  /** tdx_gmem_post_populate(): the module copies the source into the page that it maps. */
  *postPopulate(g: Gmem, folio: Folio, faultOnSource: (() => Routine) | undefined, gfn: Gfn): Routine<number> {
    return yield* inFunction('tdx_gmem_post_populate', g.version, function* () {
      if (faultOnSource !== undefined) yield* faultOnSource();
      return yield* addAndExtend(g, gfn, folio, g.folios.at(folio).send('POPULATE'));
    });
  },

  *postPopulateInPlace(g: Gmem, folio: Folio, gfn: Gfn): Routine<number> {
    return yield* inFunction('tdx_gmem_post_populate', g.version, () =>
      addAndExtend(g, gfn, folio, launchUpdate(g, folio)),
    );
  },
});
