/**
 * KVM's MMU notifier protocol: begin, range, zap and end (keys: docs/kernel.md;
 * virt/kvm/kvm_main.c, virt/kvm/guest_memfd.c). Imported by the calls that invalidate and by the fault.
 */

import { choose, compute } from '../../core/ops/choice.js';
import type { Op } from '../../core/ops/op.js';
import { type Routine, tracepoint } from '../../core/ops/routine.js';
import { NO_RANGE } from '../cell-values.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Gfn } from '../scheme.js';
import { batchesOf, coversBlocks, wholeBlocks } from '../world/folio-ref.js';
import { gfnNumberOf, isShown } from '../world/shown.js';
import type { SlotChanges } from '../world/slot-changes.js';
import { forgetting } from './forgetting.js';
import { isListed } from './listed.js';
import { boundPages, notifiedBySlot } from './memslots.js';
import { splitByHost } from './sept.js';
import { asNotifier, isBound, isPublished, zapObsolete } from './slot-change.js';
import { BOTH, zap } from './zap.js';

/** kvm_mmu_invalidate_start(): with mmu_lock held for write. Forgets the old range when it is the only one. */
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
export function rangeAdd(g: Gmem, gfn: Gfn): Op<void> {
  const number = gfnNumberOf(gfn);
  return compute(
    'kvm_mmu_invalidate_range_add($2)',
    [g.rangeStart, g.rangeEnd, gfn],
    (values) => {
      const start = number(values[2]);
      const empty = values[0] === NO_RANGE;
      values[0] = empty ? start : Math.min(values[0], start);
      values[1] = empty ? start + 1 : Math.max(values[1], start + 1);
    },
    { writes: true },
  );
}

/** The same as it was: the range of a binding replaces what there was, where one invalidation is open; R46 comes of it. */
export function rangeReplace(g: Gmem, gfn: Gfn): Op<void> {
  const number = gfnNumberOf(gfn);
  return compute(
    'kvm_mmu_invalidate_range_add($3), count is 1',
    [g.invalidateInProgress, g.rangeStart, g.rangeEnd, gfn],
    (values) => {
      const start = number(values[3]);
      const replaces = values[0] === 1 || values[1] === NO_RANGE;
      values[1] = replaces ? start : Math.min(values[1], start);
      values[2] = replaces ? start + 1 : Math.max(values[2], start + 1);
    },
    { writes: true },
  );
}

function* zapped(g: Gmem, gfn: Gfn, roots: readonly boolean[], asked: readonly Gfn[]): Routine {
  yield* zap(g, gfn, roots, asked);
}

/**
 * tdp_mmu_zap_leafs() (arch/x86/kvm/mmu/tdp_mmu.c): zaps a range, with mmu_lock held for write. Where others wait for the
 * lock, or the processor is wanted, tdp_mmu_iter_cond_resched() gives it up before a page, and flushes first what was
 * zapped. What is still to be flushed.
 */
function* zapRange(
  g: Gmem,
  gfns: readonly Gfn[],
  roots: readonly boolean[],
  asked: readonly Gfn[] = gfns,
): Routine<readonly Gfn[]> {
  let unflushed: readonly Gfn[] = [];
  for (const [at, gfn] of gfns.entries()) {
    unflushed = yield* givingWay(g, at, unflushed);
    // Who remembers what was zapped remembers it for flushes that only recordings show; they have no large folios.
    if (g.large !== undefined) yield* forgetting(g, () => zapped(g, gfn, roots, asked));
    else if (yield* zap(g, gfn, roots, asked)) unflushed = [...unflushed, gfn];
  }
  // Newer roots stand before older ones.
  return g.slotChanges === undefined ? unflushed : yield* zapObsoletes(g, g.slotChanges, gfns, unflushed);
}

/**
 * The same range in a root that is obsolete, while there is one: what it zaps needs no flush, but what newer roots have zapped
 * is flushed before mmu_lock is given up here. What is still to be flushed.
 */
function* zapObsoletes(
  g: Gmem,
  changes: SlotChanges,
  gfns: readonly Gfn[],
  newer: readonly Gfn[],
): Routine<readonly Gfn[]> {
  if ((yield* changes.hasOldRoot.read()) === 0) return newer;
  let unflushed = newer;
  for (const [at, gfn] of gfns.entries()) {
    unflushed = yield* givingWay(g, at, unflushed);
    yield* zapObsolete(changes, [gfn], 'kvm_tdp_mmu_spte_changed to none');
  }
  return unflushed;
}

/**
 * tdp_mmu_iter_cond_resched() before a page of a root: may give mmu_lock up, and flushes first what was zapped. What is still
 * to be flushed. Not before the first page: tdp_mmu_iter_need_resched() waits until some progress has been made.
 */
export function* givingWay(g: Gmem, at: number, unflushed: readonly Gfn[]): Routine<readonly Gfn[]> {
  if (at === 0 || (yield* choose(2, 'mmu_lock is wanted', ['no', 'yes'])) === 0) return unflushed;
  yield* flush(g, unflushed);
  yield* g.mmuLock.writeUnlock();
  yield* g.mmuLock.writeLock();
  return [];
}

/** kvm_flush_remote_tlbs() where something was zapped. No access goes through a TLB here; recordings show the call. */
function* flush(g: Gmem, zapped: readonly Gfn[]): Routine {
  if (zapped.length === 0) return;
  yield* tracepoint('kvm_flush_remote_tlbs');
  yield* flushed(g, zapped);
  yield* tracepoint('kvm_flush_remote_tlbs returns');
}

function* flushed(g: Gmem, zapped: readonly Gfn[]): Routine {
  if (g.tlbs !== undefined && zapped.length > 0) yield* g.tlbs.write(0).named('kvm_flush_remote_tlbs()');
  yield* tracepoint('TLBs are flushed', ...zapped);
}

/**
 * __kvm_gmem_invalidate_start(): opens an invalidation and zaps. `roots`: private (true) and shared (false) SPTEs; `range`: what
 * it is opened for, if that is more than what is zapped. Of pages that no memslot shows there is nothing to invalidate.
 */
export function* invalidateBegin(
  g: Gmem,
  pages: readonly Gfn[],
  roots: readonly boolean[],
  opened: readonly Gfn[] = pages,
): Routine {
  if (!opened.some(isShown) || !(yield* isListed(g))) return;
  const range = yield* boundPages(g, opened);
  if (range.length === 0) return;
  const gfns = pages === opened ? range : yield* boundPages(g, pages);
  yield* inFunction('__kvm_gmem_invalidate_start', g.version, function* () {
    if (!(yield* isBound(g))) return;
    yield* g.mmuLock.writeLock();
    yield* begin(g);
    yield* tracepoint('kvm_mmu_invalidate_start returns');
    for (const gfn of range) yield* rangeAdd(g, gfn);
    yield* tracepoint('kvm_mmu_unmap_gfn_range');
    const unflushed = yield* zapRange(g, gfns, roots);
    yield* tracepoint('kvm_mmu_unmap_gfn_range returns', unflushed.length > 0);
    yield* flush(g, unflushed);
    if (g.parts.vmsas) for (const gfn of gfns) yield* g.scheme.invalidateVmsa(g, gfn);
    yield* g.mmuLock.writeUnlock();
  });
}

/** The zap of an invalidation that was opened without one. */
export function* zapOpened(g: Gmem, pages: readonly Gfn[], roots: readonly boolean[]): Routine {
  if (!pages.some(isShown) || !(yield* isListed(g))) return;
  const gfns = yield* boundPages(g, pages);
  if (gfns.length === 0) return;
  yield* inFunction('kvm_mmu_unmap_gfn_range', g.version, function* () {
    yield* g.mmuLock.writeLock();
    yield* flush(g, yield* zapRange(g, gfns, roots));
    yield* g.mmuLock.writeUnlock();
  });
}

/**
 * kvm_handle_gfn_range() for VM attributes: opens an invalidation and zaps, by kvm_pre_set_memory_attributes(). 0, or the errno
 * of a split, with the invalidation still open.
 *
 * @param opened what it is opened for, if not for the blocks at head and tail as well
 * @param splits whether leaves of the S-EPT that reach out of the range are split first
 */
export function* attributesBegin(
  g: Gmem,
  gfns: readonly Gfn[],
  roots: readonly boolean[],
  opened: readonly Gfn[] | undefined,
  splits: boolean,
): Routine<number> {
  return yield* inFunction('kvm_handle_gfn_range', g.version, function* () {
    yield* g.mmuLock.writeLock();
    yield* begin(g);
    // kvm_arch_pre_set_memory_attributes(): no large page where a block is about to have both attributes.
    const range = opened ?? (g.file.vm.mixed === undefined ? gfns : wholeBlocks(gfns));
    for (const gfn of range) yield* rangeAdd(g, gfn);
    yield* tracepoint('kvm_mmu_invalidate_range_add returns');
    const isWider = range.length > gfns.length;
    if (isWider) for (const [gfn] of batchesOf(gfns)) yield* setMixed(g, gfn, true);
    const error = splits ? yield* splitHeads(g, gfns) : 0;
    // Only what changes is zapped: of the rest of the blocks only the S-EPT can tell, and large leaves go as a whole.
    const zapped = g.arch.hasMirroredRoots ? gfns : range;
    // The flush at its end is in one file with it, and no tracer sees the call.
    if (error === 0) yield* flushed(g, yield* zapRange(g, zapped, roots, gfns));
    yield* g.mmuLock.writeUnlock();
    return error;
  });
}

/** Splits what reaches out of a range at its head and at its tail, in the hold of mmu_lock for write. */
function* splitHeads(g: Gmem, gfns: readonly Gfn[]): Routine<number> {
  for (const batch of batchesOf(gfns)) {
    const error = coversBlocks(batch) ? 0 : yield* splitByHost(g, batch[0]);
    if (error !== 0) return error;
  }
  return 0;
}

/**
 * KVM's MMU notifier for a page of the file that the memslot's userspace address maps, around what removes its PTE:
 * kvm_mmu_notifier_invalidate_range_start() and _end() (virt/kvm/kvm_main.c).
 */
export function* notified(g: Gmem, gfn: Gfn, body: () => Routine): Routine {
  if (!isShown(gfn)) return yield* body();
  yield* tracepoint('kvm_unmap_hva_range', gfn);
  if (g.memslots !== undefined) {
    const end = () => notifierEnds(g);
    return yield* notifiedBySlot(g, gfn, { start: () => notifierStarts(g, gfn), body, end });
  }
  if (g.slotChanges === undefined) return yield* notifying(g, gfn, body);
  yield* asNotifier(g, function* () {
    yield* (yield* isPublished(g)) ? notifying(g, gfn, body) : body();
  });
}

/** Between the two calls of the notifier for a memslot. */
function* notifying(g: Gmem, gfn: Gfn, body: () => Routine): Routine {
  yield* notifierStarts(g, gfn);
  yield* body();
  yield* notifierEnds(g);
}

function* notifierStarts(g: Gmem, gfn: Gfn): Routine {
  yield* inFunction('kvm_mmu_notifier_invalidate_range_start', g.version, function* () {
    yield* g.mmuLock.writeLock();
    yield* begin(g);
    yield* rangeAdd(g, gfn);
    // What a user PTE maps is shared; of a root of its own, private memory has nothing to do with it (KVM_FILTER_SHARED).
    yield* flushed(g, yield* zapRange(g, [gfn], g.arch.hasMirroredRoots ? [false] : BOTH));
    yield* g.mmuLock.writeUnlock();
  });
}

function* notifierEnds(g: Gmem): Routine {
  yield* inFunction('kvm_mmu_notifier_invalidate_range_end', g.version, () => endLocked(g));
}

/** hugepage_set_mixed(), hugepage_clear_mixed() for the block of a gfn. */
export function* setMixed(g: Gmem, gfn: Gfn, isMixed: boolean): Routine {
  yield* g.file.vm.mixed!.at(gfn).write(isMixed ? 1 : 0);
}

/** kvm_zap_gfn_range() (arch/x86/kvm/mmu/mmu.c): an invalidation of its own, from begin to end under mmu_lock. */
export function* zapGfnRange(g: Gmem, gfns: readonly Gfn[]): Routine {
  yield* inFunction('kvm_zap_gfn_range', g.version, function* () {
    yield* g.mmuLock.writeLock();
    yield* begin(g);
    for (const gfn of gfns) yield* rangeAdd(g, gfn);
    yield* flushed(g, yield* zapRange(g, gfns, BOTH));
    yield* g.scheme.invalidateEnd(g);
    yield* g.mmuLock.writeUnlock();
  });
}

/**
 * kvm_gmem_invalidate_end(). `last`: what is done under mmu_lock once the invalidation has ended; `opened`: what it was opened
 * for, because it was not where no memslot shows any of it.
 */
export function* invalidateEnd(g: Gmem, opened?: readonly Gfn[], last?: () => Routine): Routine {
  if (opened?.some(isShown) === false || !(yield* isListed(g))) return;
  if (opened !== undefined && (yield* boundPages(g, opened)).length === 0) return;
  yield* inFunction('kvm_gmem_invalidate_end', g.version, function* () {
    if (yield* isBound(g)) yield* endLocked(g, last);
  });
}

function* endLocked(g: Gmem, last?: () => Routine): Routine {
  yield* g.mmuLock.writeLock();
  yield* tracepoint('kvm_mmu_invalidate_end');
  yield* g.scheme.invalidateEnd(g);
  yield* tracepoint('kvm_mmu_invalidate_end returns');
  if (last !== undefined) yield* last();
  yield* g.mmuLock.writeUnlock();
}

/** kvm_mmu_invalidate_end(): the sequence first, then the count, so that a reader sees one of them. */
export function* seqThenCount(g: Gmem): Routine {
  yield* g.invalidateSeq.bump();
  yield* g.invalidateInProgress.add(-1);
}
