/**
 * Installing a mapping: kvm_tdp_mmu_map(), and kvm_mmu_hugepage_adjust() where folios may be large (arch/x86/kvm/mmu/).
 * A leaf of 2^k pages stands in the SPTE of each of them, and its order beside. Imported by the faults.
 */

import type { Cell } from '../../core/ops/cell.js';
import { choose } from '../../core/ops/choice.js';
import type { Op } from '../../core/ops/op.js';
import { type Routine, type Steps, tracepoint } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { RET_PF_FIXED, RET_PF_RETRY, RET_PF_SPURIOUS, retPfText } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Folio, Gfn } from '../scheme.js';
import { blockOf, orderOf, pageOf } from '../world/folio-ref.js';
import { fillsBlock } from '../world/shown.js';
import { mapMirror } from './sept.js';

/** The max_order that kvm_gmem_get_pfn() reports: that of the folio, or 0 where the memslot does not show all of it in one block. */
export function* orderInSlot(_g: Gmem, gfn: Gfn, folio: Folio): Routine<number> {
  return fillsBlock(gfn) ? orderOf(folio) : 0;
}

/** The same without a look at the memslot. */
export function* orderOfFolio(_g: Gmem, _gfn: Gfn, folio: Folio): Routine<number> {
  return orderOf(folio);
}

/** kvm_tdp_mmu_map() of as much of a folio as may be mapped: RET_PF_FIXED or RET_PF_SPURIOUS. */
export function* mapInBlock(g: Gmem, gfn: Gfn, folio: Folio, isPrivate: boolean): Routine<number> {
  const order = yield* maxMappingOrder(g, gfn, folio, isPrivate);
  if (isPrivate && g.sept !== undefined) return yield* mapMirror(g, gfn, folio, order);
  const gfns = order === 0 ? [gfn] : blockOf(gfn);
  const label = order === 0 ? 'kvm_tdp_mmu_map($i)' : `kvm_tdp_mmu_map($i, ${gfns.length} pages)`;
  return yield* mapping(g, label, folio, function* () {
    let isNew = false;
    for (const page of gfns) {
      const spte = g.sptes(isPrivate).at(page);
      if (yield* spte.equals(folio)) continue;
      yield* spte.write(folio);
      yield* g.folios.at(pageOf(folio, page)).send(isPrivate ? 'MAP_PRIVATE' : 'MAP_SHARED');
      if (isPrivate) yield* g.arch.mappedPrivate(g, page, pageOf(folio, page));
      isNew = true;
    }
    // A leaf of one page within a larger one is there already.
    if (order === 0) return isNew;
    yield* isAsLarge(g, folio, order);
    return (yield* g.leaves(isPrivate)!.at(gfn).swap(order)) !== order || isNew;
  });
}

/** What comes of a large leaf that is no large folio's. */
export const LARGE_LEAF =
  'the guest has one large mapping of memory that is no longer one folio, so no part of it can be zapped alone';

/** I15, at a map: a leaf is of one folio that is as large. */
function isAsLarge(g: Gmem, folio: Folio, order: number): Op<void> {
  const large = g.large!;
  return large.orders.at(large.blockOf(folio)).apply<void>('folio_order() as mapped', 'none', {
    violation: (now) => (now >= order ? undefined : { kind: 'stale-mapping', words: LARGE_LEAF }),
  });
}

/**
 * kvm_mmu_max_mapping_level(): at most what the lookup has promised (max_order), no block with mixed attributes, and what the
 * architecture allows.
 */
function* maxMappingOrder(g: Gmem, gfn: Gfn, folio: Folio, isPrivate: boolean): Routine<number> {
  const order = yield* g.scheme.maxOrder(g, gfn, folio);
  // lpage_info disallows what reaches over an edge of the memslot, and all of one whose gfns and pages lie otherwise in blocks.
  if (order === 0 || !fillsBlock(gfn)) return 0;
  return yield* inFunction('kvm_mmu_max_mapping_level', g.version, function* () {
    const { mixed } = g.file.vm;
    if (mixed !== undefined && (yield* mixed.at(gfn).read()) === 1) return 0;
    const { guestInhibit } = g.file.vm;
    if (isPrivate && guestInhibit !== undefined && (yield* guestInhibit.at(gfn).read()) === 1) return 0;
    return yield* g.arch.maxMappingOrder(g, pageOf(folio, gfn), isPrivate, order);
  });
}

/**
 * kvm_tdp_mmu_map() as recordings show it: RET_PF_FIXED, RET_PF_SPURIOUS, or RET_PF_RETRY where another vCPU was faster.
 *
 * @param folio what is mapped; null for ordinary memory
 * @param install whether it has installed the SPTE; false where there was one
 */
export function* mapping(g: Gmem, label: string, folio: Folio | null, install: () => Steps<boolean>): Routine<number> {
  const installed = () =>
    atomic(
      label,
      function* () {
        if (!(yield* install())) return RET_PF_SPURIOUS;
        yield* tracepoint('kvm_tdp_mmu_spte_changed', folio);
        yield* tracepoint('kvm_mmu_set_spte', folio);
        return RET_PF_FIXED;
      },
      retPfText,
    );
  yield* tracepoint('kvm_tdp_mmu_map', folio);
  const result = yield* g.mappers === undefined ? installed() : meeting(g.mappers, installed);
  yield* tracepoint('kvm_tdp_mmu_map returns', result);
  return result;
}

/** Whoever meets another vCPU in the page tables may lose its cmpxchg to it, or find an entry frozen. */
function* meeting(mappers: Cell, installed: () => Routine<number>): Routine<number> {
  yield* mappers.add(1);
  const isOutrun = (yield* choose(2, 'another vCPU writes an entry first', ['no', 'yes'])) === 1;
  if (isOutrun) yield* mappers.waitUntil((count) => count > 1);
  const result = isOutrun ? RET_PF_RETRY : yield* installed();
  yield* mappers.add(-1);
  return result;
}
