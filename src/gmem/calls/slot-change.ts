/**
 * The memslot of the file is deleted and made again, as recordings show it (virt/kvm/kvm_main.c, arch/x86/kvm/mmu/; keys:
 * docs/kernel.md). Imported by the faults, by invalidations, and by the models of recorded runs.
 *
 * Left out: slots_arch_lock; that the second publication waits for readers, who find nothing any more that goes; and the
 * generation by which KVM tells whether what it remembers of a gfn without a memslot is still true.
 */

import type { RefCell } from '../../core/ops/cell.js';
import { compute } from '../../core/ops/choice.js';
import type { Op } from '../../core/ops/op.js';
import { atomic, here, type Routine, tracepoint } from '../../core/ops/routine.js';
import { EFAULT, EIO, RET_PF_EMULATE, RET_PF_RETRY, RET_PF_SPURIOUS, retPfText } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Gfn } from '../scheme.js';
import { SLOT, type SlotChanges } from '../world/slot-changes.js';

/** Whether the file has a binding, by who holds the invalidate lock; true where memslots do not change. */
export function* isBound({ slotChanges }: Gmem): Routine<boolean> {
  return slotChanges === undefined || (yield* slotChanges.bound.read()) === 1;
}

/** Whether a memslot shows the file, by who keeps others from being published. */
export function* isPublished({ slotChanges }: Gmem): Routine<boolean> {
  return slotChanges === undefined || (yield* slotChanges.slot.read()) !== SLOT.absent;
}

/** What a lookup of a page by a memslot answers that the file has no binding for: a negative errno; 0 where it has one. */
export function* bindingError(g: Gmem): Routine<number> {
  return (yield* isBound(g)) ? 0 : -EIO;
}

/** Runs a notifier, while which no other memslots are published. */
export function* asNotifier({ slotChanges }: Gmem, body: () => Routine): Routine {
  yield* slotChanges!.notifiers.add(1);
  yield* body();
  yield* slotChanges!.notifiers.add(-1);
}

/** kvm_mmu_reload(): a vCPU that enters the guest has a root that is not obsolete. */
export function* loadRoot({ slotChanges }: Gmem): Routine {
  if (slotChanges !== undefined) yield* slotChanges.roots.take();
}

/** is_obsolete_sp(), of the root that a fault was taken with. */
export function* isRootObsolete({ slotChanges }: Gmem): Routine<boolean> {
  return slotChanges !== undefined && (yield* slotChanges.roots.changed());
}

/**
 * A vCPU's fault at a gfn of the file, by what its lookup of the memslot finds: the memslot, with which the fault goes on as `fault`
 * says; one that is about to go, for which it is taken again; or none, which is emulated as a device, or refused if it is private.
 */
export function* faultBySlot(g: Gmem, gfn: Gfn, isPrivate: boolean, fault: () => Routine<number>): Routine<number> {
  const { slotChanges } = g;
  if (slotChanges === undefined) return yield* fault();
  const found = yield* lookUp(slotChanges);
  if (found === SLOT.valid) {
    const result = yield* fault();
    yield* slotChanges.readers.add(-1);
    return result;
  }
  return yield* inFunction(
    'kvm_tdp_page_fault',
    g.version,
    () => faultWithoutSlot(g, gfn, isPrivate, found === SLOT.invalid),
    retPfText,
  );
}

/** kvm_vcpu_gfn_to_memslot(), under SRCU. */
function* lookUp({ slot, readers }: SlotChanges): Routine<number> {
  return yield* atomic('kvm_vcpu_gfn_to_memslot()', function* () {
    const found = yield* slot.read();
    if (found === SLOT.valid) yield* readers.add(1);
    return found;
  });
}

function* faultWithoutSlot(g: Gmem, gfn: Gfn, isPrivate: boolean, isInvalid: boolean): Routine<number> {
  const early = yield* inFunction(
    'kvm_mmu_faultin_pfn',
    g.version,
    function* () {
      if (!(yield* g.scheme.faultinPfn(g, gfn, isPrivate))) return -EFAULT;
      if (isInvalid) return RET_PF_RETRY;
      return isPrivate ? -EFAULT : 0;
    },
    retPfText,
  );
  if (early !== 0) return early;
  yield* g.mmuLock.readLock();
  const stale = yield* inFunction('is_page_fault_stale', g.version, () => isRootObsolete(g));
  const result = stale ? RET_PF_RETRY : yield* mapNothing(g, gfn, isPrivate);
  yield* g.mmuLock.readUnlock();
  return result;
}

/** kvm_tdp_mmu_map() without a memslot: an entry that says so, unless the page is mapped because the memslot is there again. */
function* mapNothing(g: Gmem, gfn: Gfn, isPrivate: boolean): Routine<number> {
  yield* tracepoint('kvm_tdp_mmu_map', null);
  const result = (yield* g.sptes(isPrivate).at(gfn).holds()) ? RET_PF_SPURIOUS : RET_PF_EMULATE;
  yield* tracepoint('kvm_tdp_mmu_map returns', result);
  return result;
}

/** How kvm_arch_flush_shadow_memslot() takes the mappings of a memslot away: all roots become obsolete, or its own leaves go. */
export type FlushShadow = 'all-roots' | 'leaves';

/**
 * kvm_set_memslot() that deletes the memslot of the file, which shows these gfns.
 *
 * @param zapLeaves what zaps the leaves of the memslot, with mmu_lock held for write
 */
export function* deleteSlot(g: Gmem, gfns: readonly Gfn[], by: FlushShadow, zapLeaves: () => Routine): Routine<number> {
  const changes = g.slotChanges!;
  yield* g.slotsLock.lock();
  yield* publish(changes, SLOT.invalid);
  yield* changes.readers.waitUntil((count) => count === 0);
  yield* g.mmuLock.writeLock();
  yield* by === 'all-roots' ? invalidateRoots(g, changes) : zapLeaves();
  yield* tracepoint('vCPUs have left the guest');
  yield* g.mmuLock.writeUnlock();
  if (by === 'all-roots') yield* zapInvalidatedRoots(gfns, changes);
  yield* publish(changes, SLOT.absent);
  yield* inFunction('kvm_gmem_unbind', g.version, () => setBound(g, changes, 0));
  yield* g.slotsLock.unlock();
  return 0;
}

/** kvm_set_memslot() that makes it again; kernels bind before they publish, or behind that (kvm_gmem_commit_memory_region()). */
export function* createSlot(g: Gmem, binds: 'first' | 'last'): Routine<number> {
  const changes = g.slotChanges!;
  yield* g.slotsLock.lock();
  const bind = () => inFunction('kvm_gmem_bind', g.version, () => setBound(g, changes, 1));
  if (binds === 'first') yield* bind();
  yield* publish(changes, SLOT.valid);
  if (binds === 'last') yield* bind();
  yield* g.slotsLock.unlock();
  return 0;
}

/** kvm_swap_active_memslots(), which waits until no notifier is under way. */
function* publish({ slot, notifiers }: SlotChanges, next: number): Routine {
  yield* atomic('kvm_swap_active_memslots()', function* () {
    yield* notifiers.waitUntil((count) => count === 0);
    yield* slot.write(next);
  });
}

function* setBound(g: Gmem, { bound }: SlotChanges, value: number): Routine {
  yield* g.invalidateLock.downWrite();
  yield* bound.write(value);
  yield* g.invalidateLock.upWrite();
}

/** kvm_tdp_mmu_invalidate_roots(): no vCPU finds a leaf of them any more once it has left the guest. */
function* invalidateRoots(g: Gmem, { roots, oldSptes, hasOldRoot }: SlotChanges): Routine {
  yield* atomic('kvm_mmu_zap_all_fast()', function* () {
    yield* tracepoint('kvm_mmu_zap_all_fast');
    yield* roots.bump();
    yield* hasOldRoot.write(1);
    for (let page = 0; page < g.scenario.gfns; page++) {
      const gfn = g.gfns.id(page);
      for (const sptes of [g.privateSptes, g.sharedSptes]) {
        yield* g.folios.follow(sptes.at(gfn), 'UNMAP');
        yield* moveLeaf(sptes.at(gfn), oldSptes.at(gfn));
      }
      if (g.ordinarySptes !== undefined) yield* g.ordinarySptes.at(gfn).write(0);
    }
  });
}

/** A leaf is one of an obsolete root from now on. */
function moveLeaf(from: RefCell, to: RefCell): Op<void> {
  return compute(
    'the root is obsolete',
    [from, to],
    (values) => {
      if (values[0] > 0) values[1] = values[0];
      values[0] = 0;
    },
    { writes: true },
  );
}

/** A leaf of an obsolete root goes: the position of what it mapped + 1, as a number, for a ref is lost where a loop goes round. */
function takeLeaf(from: RefCell): Op<number> {
  return compute(
    'the leaf is gone',
    [from],
    (values) => {
      const was = Math.max(values[0], 0);
      values[0] = 0;
      return was;
    },
    { writes: true, result: 'number' },
  );
}

/** kvm_tdp_mmu_zap_invalidated_roots(): what is taken apart nobody walks any more; a recording shows it leaf by leaf. */
function* zapInvalidatedRoots(gfns: readonly Gfn[], changes: SlotChanges): Routine {
  const again = yield* here();
  if (yield* zapObsolete(changes, gfns, 'a leaf of an obsolete root')) return yield* again();
  yield* changes.hasOldRoot.write(0);
}

/**
 * The next leaf of an obsolete root goes, in a range: with the root, or by an invalidation, which looks at such roots as well.
 * Whether there was one.
 */
export function* zapObsolete({ oldSptes }: SlotChanges, gfns: readonly Gfn[], mark: string): Routine<boolean> {
  return yield* atomic('tdp_mmu_zap_leafs()', function* () {
    for (const gfn of gfns) {
      const was = yield* takeLeaf(oldSptes.at(gfn));
      if (was === 0) continue;
      yield* tracepoint(mark, gfn, was - 1, true);
      return true;
    }
    return false;
  });
}
