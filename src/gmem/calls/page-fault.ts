/**
 * The vCPU: guest accesses that fault on demand, and the x86 fault frame (keys: docs/kernel.md;
 * arch/x86/kvm/mmu/mmu.c). Steps that nothing in this model can disturb are left out: the fast path and the cache
 * top-up; and, where memslots do not change, the slot checks and with them SRCU, the file's reference and obsolete roots (memslots.ts).
 */

import { here, type Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { EFAULT, RET_PF_EMULATE, RET_PF_RETRY, retPfText } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Folio, Gfn } from '../scheme.js';
import { getPfnOfSlot } from './file-end.js';
import { putFolio } from './filemap.js';
import { pageIn } from './folio-blocks.js';
import { withFolio } from './forgetting.js';
import { type AcceptLevel, tdAccept, tdAccess } from './guest-accept.js';
import { invalidateRetryGfnUnsafe } from './invalidate-retry.js';
import { mapInBlock, mapping } from './map-level.js';
import { faultOfExit, reloadRoots, resultOfSlot, rootsChanged } from './memslots.js';
import { mapMirror } from './sept.js';
import { bindingError, isRootObsolete } from './slot-change.js';

/**
 * A guest access. The hardware walk and the access are one step: a zap flushes TLBs before it goes on. Both a mapped
 * and a retried fault re-enter the guest; an error leaves to userspace.
 */
export function* guestAccess(
  g: Gmem,
  event: 'GUEST_READ' | 'GUEST_WRITE',
  isPrivate: boolean,
  gfn: Gfn,
): Routine<number> {
  if (!isPrivate && g.scenario.conversion === 'vm-attributes') return yield* ordinaryFault(g, gfn);
  const what = `guest ${event === 'GUEST_READ' ? 'read' : 'write'}`;
  if (isPrivate && g.sept !== undefined) return yield* tdAccess(g, gfn, what, event, tdpMmuPageFault);
  const where = `(${isPrivate ? 'private' : 'shared'}) $i`;
  const access = g.folios.follow(g.sptes(isPrivate).at(gfn), event);
  const told = access.named(`${what} ${where}`, { otherwise: `${what}, #NPF ${where}` });
  return yield* faultingOnDemand(g, gfn, isPrivate, function* (): Routine<Attempt> {
    if (g.large !== undefined) return yield* accessInBlock(g, gfn, isPrivate, `${what} ${where}`, event);
    return (yield* told) ? 'done' : '#NPF';
  });
}

/** PVALIDATE of one 4K page by the guest, which is memory of its own: it has to be mapped, and of no larger entry. */
export function* guestValidate(g: Gmem, gfn: Gfn): Routine<number> {
  if (g.sept !== undefined) return yield* tdAccept(g, gfn, '4K', tdpMmuPageFault);
  return yield* faultingOnDemand(g, gfn, true, function* (): Routine<Attempt> {
    if (g.large !== undefined) return yield* accessInBlock(g, gfn, true, 'PVALIDATE $i');
    return (yield* g.privateSptes.at(gfn).holds().named('PVALIDATE $i')) ? 'done' : '#NPF';
  });
}

/**
 * The guest takes private memory into use: a TD accepts it at a level; a guest of SNP validates it, a whole 2M entry or a page of
 * 4K; to others it is memory that has to be mapped.
 */
export function* guestAccept(g: Gmem, gfn: Gfn, level: AcceptLevel): Routine<number> {
  if (g.sept !== undefined) return yield* tdAccept(g, gfn, level, tdpMmuPageFault);
  if (level === '4K' || g.large === undefined) return yield* guestValidate(g, gfn);
  return yield* faultingOnDemand(g, gfn, true, () => accessInBlock(g, gfn, true, 'PVALIDATE($i, 2M)', 'PVALIDATE 2M'));
}

/**
 * Tries until it is done; what is refused goes to the hypervisor first. Only what has to fault again goes round the loop,
 * because strategies take that for a yield and reports for a retry.
 */
function* faultingOnDemand(g: Gmem, gfn: Gfn, isPrivate: boolean, attempt: () => Routine<Attempt>): Routine<number> {
  const again = yield* here();
  yield* reloadRoots(g);
  const first = yield* attempt();
  if (first === 'done') return 0;
  if (first === '#NPF (RMP)') {
    yield* g.arch.handleRefusal(g, gfn);
    return yield* again();
  }
  const result = yield* faultOfExit(g, gfn, isPrivate, tdpMmuPageFault);
  if (result < 0) return result;
  // The VMM emulates a device there.
  if (result === RET_PF_EMULATE) return 0;
  if (result !== RET_PF_RETRY && (yield* attempt()) === 'done') return 0;
  return yield* again();
}

/** What became of a try of the guest: a nested page fault, one with the RMP bit, or neither. */
type Attempt = 'done' | '#NPF' | '#NPF (RMP)';

/** A try where folios may be large: what maps the page may be at odds with what the architecture knows of it. */
function* accessInBlock(
  g: Gmem,
  gfn: Gfn,
  isPrivate: boolean,
  label: string,
  event?: 'GUEST_READ' | 'GUEST_WRITE' | 'PVALIDATE 2M',
): Routine<Attempt> {
  function* attempt(): Routine<Attempt> {
    const page = pageIn(g, gfn, yield* g.sptes(isPrivate).at(gfn).read());
    if (page === null) return '#NPF';
    if (isPrivate && (yield* g.arch.refusesAccess(g, gfn, page, event === undefined))) return '#NPF (RMP)';
    if (event !== undefined && event !== 'PVALIDATE 2M') yield* g.folios.at(page).send(event);
    return 'done';
  }
  return yield* atomic(label, attempt, (result) => (result === 'done' ? undefined : result));
}

/** With VM attributes shared memory is another page, of ordinary memory: only the attribute matters. */
function* ordinaryFault(g: Gmem, gfn: Gfn): Routine<number> {
  return yield* inFunction('kvm_tdp_page_fault', g.version, () =>
    inFunction('kvm_mmu_faultin_pfn', g.version, function* () {
      return (yield* g.scheme.faultinPfn(g, gfn, false)) ? 0 : -EFAULT;
    }),
  );
}

/** kvm_tdp_page_fault(): RET_PF_FIXED, RET_PF_RETRY or a negative errno. */
export function* tdpMmuPageFault(g: Gmem, gfn: Gfn, isPrivate: boolean): Routine<number> {
  const lookUp = () => inFunction('kvm_mmu_faultin_pfn', g.version, () => mmuFaultinPfn(g, gfn, isPrivate), retPfText);
  const fault = () => withFolio(g, gfn, lookUp, (folio) => g.scheme.mapFolio(g, gfn, folio, isPrivate));
  return yield* inFunction('kvm_tdp_page_fault', g.version, fault, retPfText);
}

/**
 * kvm_mmu_faultin_pfn(): everything before mmu_lock, with a hint on either side of the lookup; the folio stands for
 * RET_PF_CONTINUE. __kvm_mmu_faultin_pfn() and kvm_mmu_faultin_pfn_gmem(), which only pass the call on, have no frames.
 */
function* mmuFaultinPfn(g: Gmem, gfn: Gfn, isPrivate: boolean): Routine<Folio | number> {
  if (!(yield* g.scheme.faultinPfn(g, gfn, isPrivate))) return -EFAULT;
  const early = resultOfSlot(g, isPrivate);
  if (early !== undefined) return early;
  if (yield* invalidateRetryGfnUnsafe(g, gfn)) return RET_PF_RETRY;
  function* getPfn(): Routine<Folio | number> {
    const error = yield* bindingError(g);
    return error === 0 ? yield* getPfnOfSlot(g, gfn, isPrivate) : error;
  }
  const folio = yield* inFunction('kvm_gmem_get_pfn', g.version, getPfn, retPfText);
  if (typeof folio === 'number') return folio;
  if (!(yield* invalidateRetryGfnUnsafe(g, gfn))) return folio;
  yield* dropFolio(g, folio);
  return RET_PF_RETRY;
}

/** The first steps of kvm_mmu_faultin_pfn(): the snapshot before the attribute, so that a conversion in between is seen (R21). */
export function* snapshotThenAttribute(g: Gmem, gfn: Gfn, isPrivate: boolean): Routine<boolean> {
  yield* g.invalidateSeq.take();
  return (yield* g.isPrivate(gfn)) === isPrivate;
}

/** is_page_fault_stale() */
export function* isPageFaultStale(g: Gmem, gfn: Gfn): Routine<boolean> {
  return yield* inFunction('is_page_fault_stale', g.version, function* () {
    return (yield* isRootObsolete(g)) || (yield* rootsChanged(g)) || (yield* g.scheme.invalidateRetry(g, gfn));
  });
}

/** The part of the fault under mmu_lock: check, map, and no unlock between the two. */
export function* checkAndMap(g: Gmem, gfn: Gfn, folio: Folio, isPrivate: boolean): Routine<number> {
  yield* g.mmuLock.readLock();
  const stale = yield* isPageFaultStale(g, gfn);
  const result = stale ? RET_PF_RETRY : yield* tdpMmuMap(g, gfn, folio, isPrivate);
  yield* dropFolio(g, folio);
  yield* g.mmuLock.readUnlock();
  return result;
}

/** kvm_tdp_mmu_map(): installs the SPTE, unless another vCPU has: RET_PF_FIXED or RET_PF_SPURIOUS. */
export function* tdpMmuMap(g: Gmem, gfn: Gfn, folio: Folio, isPrivate: boolean): Routine<number> {
  if (g.large !== undefined) return yield* mapInBlock(g, gfn, folio, isPrivate);
  if (isPrivate && g.sept !== undefined) return yield* mapMirror(g, gfn, folio, 0);
  const spte = g.sptes(isPrivate).at(gfn);
  return yield* mapping(g, 'kvm_tdp_mmu_map($i)', folio, function* () {
    if (yield* spte.equals(folio)) return false;
    yield* spte.write(folio);
    yield* g.folios.at(folio).send(isPrivate ? 'MAP_PRIVATE' : 'MAP_SHARED');
    if (isPrivate) yield* g.arch.mappedPrivate(g, gfn, folio);
    return true;
  });
}

/** kvm_mmu_finish_page_fault(): drops the reference that getPfn returned, where it did. */
export function* dropFolio(g: Gmem, folio: Folio): Routine {
  if (g.scheme.returnsReference) yield* putFolio(g, folio);
}
