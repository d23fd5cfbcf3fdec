/**
 * #NPF with the RMP bit: a guest's access that its mapping lets through and the RMP does not, because the sizes of the leaf and of
 * the entry differ, or because the guest validates 4K within a 2M entry; and sev_handle_rmp_fault(), which makes 4K entries of
 * the 2M entry (arch/x86/kvm/svm/sev.c; R20 and R36 in docs/kernel.md). Used by snp.ts.
 */

import type { Op } from '../../core/ops/op.js';
import type { Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { getPfnOfSlot } from '../calls/file-end.js';
import { withFolio } from '../calls/forgetting.js';
import { zapGfnRange } from '../calls/mmu.js';
import { dropFolio } from '../calls/page-fault.js';
import { EFAULT, retPfText } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Folio, Gfn } from '../scheme.js';
import { fromGfnOn, pageOf } from '../world/folio-ref.js';
import { slotOf } from '../world/shown.js';
import { isLargeEntry, psmash } from './snp-large.js';

/** Whether the sizes of leaf and RMP entry are in the way. A leaf of 4K pages in 4K entries is good for everything. */
export function* sizeMismatch(g: Gmem, gfn: Gfn, page: Folio, validates: boolean): Routine<boolean> {
  if (g.large?.rmpLarge === undefined) return false;
  const isLarge = yield* isLargeEntry(g, page);
  if (validates && isLarge) return true;
  return (yield* isLargeLeaf(g, gfn)) !== isLarge;
}

function isLargeLeaf(g: Gmem, gfn: Gfn): Op<boolean> {
  const result = (order: number) => (order > 0 ? 1 : 0);
  return g.leaves(true)!.at(gfn).apply<boolean>('% > 0', 'boolean', { result });
}

/** What snp_lookup_rmpentry() says of a page. */
type Entry = 'unassigned' | '4K' | '2M';

/**
 * sev_handle_rmp_fault(): looks the page up on its own, without the sequence of the fault, and returns to the guest, whatever
 * comes of it. Where it cannot help it prints a warning.
 */
export function* sevHandleRmpFault(g: Gmem, gfn: Gfn): Routine {
  yield* inFunction('sev_handle_rmp_fault', g.version, () =>
    withFolio(
      g,
      gfn,
      () => lookedUp(g, gfn),
      function* (folio) {
        const page = pageOf(folio, gfn);
        if ((yield* lookup(g, page)) === '2M' && (yield* isToBeZapped(g, page))) {
          yield* zapGfnRange(
            g,
            fromGfnOn(gfn).filter((each) => slotOf(each) === slotOf(gfn)),
          );
        }
        yield* dropFolio(g, folio);
        return 0;
      },
    ),
  );
}

/** The folio at a private gfn, as a fault finds it; or a number where there is only a warning to print. */
function* lookedUp(g: Gmem, gfn: Gfn): Routine<Folio | number> {
  if (!(yield* g.isPrivate(gfn))) return -EFAULT;
  return yield* inFunction('kvm_gmem_get_pfn', g.version, () => getPfnOfSlot(g, gfn, true), retPfText);
}

/** Splits the entry. Where somebody else has been faster, the zap is theirs (R36); where it fails, the mapping goes all the same. */
function* isToBeZapped(g: Gmem, page: Folio): Routine<boolean> {
  if (yield* psmash(g, page)) return true;
  return (yield* lookup(g, page)) !== '4K';
}

function* lookup(g: Gmem, page: Folio): Routine<Entry> {
  return yield* atomic('snp_lookup_rmpentry($i)', function* (): Routine<Entry> {
    if (!(yield* g.folios.at(page).is('assigned'))) return 'unassigned';
    return (yield* isLargeEntry(g, page)) ? '2M' : '4K';
  });
}
