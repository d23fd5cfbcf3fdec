/**
 * SEV-SNP where folios may be large: 2M entries of the RMP (arch/x86/kvm/svm/sev.c, arch/x86/virt/svm/sev.c). One entry at the
 * head of a block stands for all of its pages until psmash makes 4K entries of it. Used by snp.ts.
 *
 * Left out: RMPUPDATE to 2M of a block whose direct mapping is 4K already, which is allowed, and FAIL_INUSE of PSMASH, which
 * is tried again at once.
 */

import { choose } from '../../core/ops/choice.js';
import type { Op } from '../../core/ops/op.js';
import { here, type Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import type { Gmem } from '../gmem.js';
import type { Folio } from '../scheme.js';
import { orderOf, pagesOf } from '../world/folio-ref.js';
import { isRunOn, rmpupdateFails } from './rmpupdate.js';
import { adjustDirectMap } from './snp-direct-map.js';
import { assignInEntry, forgetOwner } from './snp-rmp-owner.js';

/** is_large_rmp_possible(): whether the hook is asked for a whole block, and no page of it is assigned yet. */
export function* isLargeRmpPossible(g: Gmem, folio: Folio): Routine<boolean> {
  if (g.large === undefined || orderOf(folio) < g.large.order) return false;
  return yield* atomic('is_large_rmp_possible($i)', function* () {
    for (const page of pagesOf(folio)) if (yield* g.folios.at(page).is('assigned')) return false;
    return true;
  });
}

/** rmp_make_private() with PG_LEVEL_2M: one RMPUPDATE for the block. */
export function* makeWholePrivate(g: Gmem, folio: Folio): Routine {
  yield* atomic('rmp_make_private($i, 2M)', function* () {
    for (const page of pagesOf(folio)) yield* assignInEntry(g, page);
    yield* rmpLarge(g, folio).write(1);
  });
}

/**
 * sev_gmem_invalidate() of a folio or a range of pages: one RMPUPDATE for a whole 2M entry, else page by page. Whether all of
 * them are unassigned.
 *
 * @param unassign the RMPUPDATE of one page; whether it was done
 * @param declared what is said of an RMPUPDATE besides
 */
export function* unassignInBlock(
  g: Gmem,
  folio: Folio,
  unassign: (page: Folio) => Routine<boolean>,
  declared: (rmpupdate: Op<void>) => Op<void> = (rmpupdate) => rmpupdate,
): Routine<boolean> {
  const pages = pagesOf(folio);
  if (pages.length === g.large?.inBlock && (yield* isLargeEntry(g, folio))) {
    if (yield* rmpupdateFails(g, 'unassignFails')) return false;
    function* unlessInUse(): Routine<boolean> {
      for (const page of pages) if (yield* isRunOn(g, page)) return false;
      yield* rmpLarge(g, folio).write(0);
      for (const page of pages) {
        yield* declared(g.folios.at(page).send('UNASSIGN'));
        yield* forgetOwner(g, page);
      }
      return true;
    }
    return yield* atomic('rmp_make_shared($i, 2M)', unlessInUse, (done) => (done ? undefined : 'FAIL_INUSE'));
  }
  let isDone = true;
  for (const page of pages) {
    if (!(yield* g.folios.at(page).is('assigned').named('snp_lookup_rmpentry($i)->assigned'))) continue;
    // A failure is warned of, and no more.
    if (yield* isLargeEntry(g, page)) yield* psmash(g, page);
    yield* pastOverlap(g, page);
    if (!(yield* unassign(page))) isDone = false;
  }
  return isDone;
}

/**
 * rmpupdate() of one page: as long as that lies within a 2M entry RMPUPDATE answers FAIL_OVERLAP, and is tried again without
 * end. Once the entry is split it stays so while the page is assigned.
 */
function* pastOverlap(g: Gmem, page: Folio): Routine {
  yield* adjustDirectMap(g, page);
  const again = yield* here();
  if (yield* isLargeEntry(g, page).named('RMPUPDATE($i) == FAIL_OVERLAP')) yield* again();
}

/** psmash(): the 2M entry becomes 4K entries with the same owner. Whether it did: not of 4K entries. */
export function* psmash(g: Gmem, page: Folio): Routine<boolean> {
  if (g.scenario.psmashFails && (yield* choose(2, 'PSMASH fails', ['no', 'yes'])) === 1) return false;
  return yield* rmpLarge(g, page).cmpxchg(1, 0).named('psmash($i)');
}

/** snp_lookup_rmpentry(): whether the level is PG_LEVEL_2M. */
export function isLargeEntry(g: Gmem, page: Folio): Op<boolean> {
  const result = (value: number) => (value === 1 ? 1 : 0);
  return rmpLarge(g, page).apply<boolean>('snp_lookup_rmpentry($i)->level == 2M', 'boolean', { result });
}

/** sev_gmem_max_mapping_level(): 4K for a page that is unassigned, else the level of its entry; shared memory has no cap. */
export function* sevGmemMaxMappingOrder(g: Gmem, page: Folio, isPrivate: boolean, order: number): Routine<number> {
  if (!isPrivate) return order;
  return (yield* isLargeEntry(g, page)) ? order : 0;
}

function rmpLarge(g: Gmem, page: Folio) {
  return g.large!.rmpLarge!.at(page);
}
