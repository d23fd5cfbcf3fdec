/**
 * A vCPU's fault on ordinary memory: anonymous pages behind another memslot, which share the sequence and the range of
 * invalidations with guest_memfd (arch/x86/kvm/mmu/mmu.c). Of the page nothing is modelled but whether it is mapped.
 * Imported by the models of recorded runs.
 */

import type { Cell } from '../../core/ops/cell.js';
import { choose } from '../../core/ops/choice.js';
import type { Routine } from '../../core/ops/routine.js';
import { PRIVATE } from '../cell-values.js';
import { EFAULT, RET_PF_RETRY, retPfText } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Gfn } from '../scheme.js';
import { invalidateRetryGfnUnsafe } from './invalidate-retry.js';
import { mapping } from './map-level.js';
import { isPageFaultStale } from './page-fault.js';

/** kvm_mem_is_private() in kvm_mmu_do_page_fault(): what a fault is told of its page before anything else. */
export function* attributeIs(g: Gmem, gfn: Gfn, isPrivate: boolean): Routine {
  yield* g.attributes.at(gfn).waitUntil((value) => (value === PRIVATE) === isPrivate);
}

/**
 * kvm_tdp_page_fault() for a gfn of ordinary memory, whose SPTE is `spte`; without one it may be mapped already or not.
 *
 * @param hasAttribute whether the gfn may be private, and is asked whether it still is not
 */
export function* ordinaryPageFault(g: Gmem, gfn: Gfn, spte: Cell | undefined, hasAttribute = false): Routine<number> {
  function* install(): Routine<boolean> {
    if (spte !== undefined) return yield* spte.cmpxchg(0, 1);
    return (yield* choose(2, 'mapped already', ['yes', 'no'])) === 1;
  }
  function* fault(): Routine<number> {
    const early = yield* inFunction(
      'kvm_mmu_faultin_pfn',
      g.version,
      () => faultinPfn(g, gfn, hasAttribute),
      retPfText,
    );
    if (early !== 0) return early;
    yield* g.mmuLock.readLock();
    const stale = yield* isPageFaultStale(g, gfn);
    const result = stale ? RET_PF_RETRY : yield* mapping(g, 'kvm_tdp_mmu_map()', null, install);
    yield* g.mmuLock.readUnlock();
    return result;
  }
  return yield* inFunction('kvm_tdp_page_fault', g.version, fault, retPfText);
}

function* faultinPfn(g: Gmem, gfn: Gfn, hasAttribute: boolean): Routine<number> {
  yield* g.invalidateSeq.take();
  if (hasAttribute && (yield* g.isPrivate(gfn))) return -EFAULT;
  if (yield* invalidateRetryGfnUnsafe(g, gfn)) return RET_PF_RETRY;
  // kvm_faultin_pfn() has looked the page up by now.
  return (yield* invalidateRetryGfnUnsafe(g, gfn)) ? RET_PF_RETRY : 0;
}
