/**
 * KVM's MMU notifier protocol: begin, range, zap, end, and the retry check (keys: docs/kernel.md;
 * virt/kvm/kvm_main.c, virt/kvm/guest_memfd.c). Imported by the calls that invalidate and by the fault.
 */

import { compute } from '../../core/ops/choice.js';
import type { Op } from '../../core/ops/op.js';
import { atomic as anyAtomic, type Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { NO_RANGE } from '../cell-values.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Gfn } from '../scheme.js';

/** kvm_mmu_invalidate_begin(): with mmu_lock held for write. Forgets the old range when it is the only one. */
function begin(g: Gmem): Op<void> {
  const operands = [g.invalidateInProgress, g.rangeStart, g.rangeEnd];
  return compute(
    'mmu_invalidate_in_progress++',
    operands,
    (values) => {
      values[0]++;
      if (values[0] === 1) values[1] = values[2] = NO_RANGE;
    },
    { writes: true },
  );
}

/** kvm_mmu_invalidate_range_add(): sets the range, or widens it to the union; it never shrinks (R46). */
function rangeAdd(g: Gmem, gfn: Gfn): Op<void> {
  return compute(
    'kvm_mmu_invalidate_range_add($2)',
    [g.rangeStart, g.rangeEnd, gfn],
    (values) => {
      const start = values[2] - 1;
      const empty = values[0] === NO_RANGE;
      values[0] = empty ? start : Math.min(values[0], start);
      values[1] = empty ? start + 1 : Math.max(values[1], start + 1);
    },
    { writes: true },
  );
}

/**
 * kvm_tdp_mmu_unmap_gfn_range() for one gfn: removes the SPTEs of the named roots. kvm_flush_remote_tlbs() comes with it:
 * no access is modelled that goes through a TLB entry whose SPTE is gone while mmu_lock is still held.
 */
function* zap(g: Gmem, gfn: Gfn, roots: readonly boolean[]): Routine {
  yield* atomic('kvm_tdp_mmu_unmap_gfn_range($i), kvm_flush_remote_tlbs()', function* () {
    for (const isPrivate of roots) {
      const spte = g.sptes(isPrivate).at(gfn);
      if (yield* g.folios.follow(spte, 'UNMAP')) yield* spte.write(null);
    }
  });
}

/** kvm_gmem_invalidate_begin(): opens an invalidation and zaps. `roots`: private (true) and shared (false) SPTEs. */
export function* invalidateBegin(g: Gmem, gfns: readonly Gfn[], roots: readonly boolean[]): Routine {
  yield* inFunction('kvm_gmem_invalidate_begin', g.version, function* () {
    yield* g.mmuLock.writeLock();
    yield* begin(g);
    for (const gfn of gfns) yield* rangeAdd(g, gfn);
    for (const gfn of gfns) yield* zap(g, gfn, roots);
    yield* g.mmuLock.writeUnlock();
  });
}

/** kvm_gmem_invalidate_end() */
export function* invalidateEnd(g: Gmem): Routine {
  yield* inFunction('kvm_gmem_invalidate_end', g.version, function* () {
    yield* g.mmuLock.writeLock();
    yield* g.scheme.invalidateEnd(g);
    yield* g.mmuLock.writeUnlock();
  });
}

/** kvm_mmu_invalidate_end(): the sequence first, then the count, so that a reader sees one of them. */
export function* seqThenCount(g: Gmem): Routine {
  yield* g.invalidateSeq.bump();
  yield* g.invalidateInProgress.add(-1);
}

/** Whether a gfn lies in the range that is being invalidated. */
function inRange(g: Gmem, gfn: Gfn): Op<boolean> {
  return compute(
    'gfn in invalidated range',
    [g.rangeStart, g.rangeEnd, gfn],
    ([start, end, ref]) => ref - 1 >= start && ref - 1 < end,
    { result: 'boolean' },
  );
}

/** Whether an invalidation is in progress. */
function inProgress(g: Gmem): Op<boolean> {
  return g.invalidateInProgress.apply('% > 0', 'boolean', { result: (count) => (count > 0 ? 1 : 0) });
}

/** mmu_invalidate_retry_gfn(): in progress and in range, or the sequence moved on. The count is read first. */
export function* invalidateRetryGfn(g: Gmem, gfn: Gfn): Routine<boolean> {
  if (yield* beingInvalidated(g, gfn)) return true;
  return yield* g.invalidateSeq.changed();
}

/** The first half of the check: an invalidation of this gfn is in progress. */
export function* beingInvalidated(g: Gmem, gfn: Gfn): Routine<boolean> {
  return (yield* inProgress(g)) && (yield* inRange(g, gfn));
}

/** mmu_invalidate_retry_gfn_unsafe(): the same without mmu_lock, a hint that saves work and decides nothing. */
export function* invalidateRetryGfnUnsafe(g: Gmem, gfn: Gfn): Routine<boolean> {
  // A user's check may look at anything.
  const section = g.isOurs || g.scheme.invalidateRetry === invalidateRetryGfn ? atomic : anyAtomic;
  return yield* section('mmu_invalidate_retry_gfn_unsafe()', () => g.scheme.invalidateRetry(g, gfn));
}
