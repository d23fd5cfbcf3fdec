/**
 * The cache of a VM's PAMT pages for splits (need_topup_external_split_cache() of T1; docs/kernel.md, R65): a leaf of 2M that becomes
 * leaves of 4K needs a PAMT, and no page can be allocated with mmu_lock held. Imported by schemes, variants and mutations. Nothing of
 * it in worlds without a dynamic PAMT.
 *
 * A vCPU that splits for what its guest accepts has a cache of its own, and nobody else takes from that.
 */

import type { Op } from '../../core/ops/op.js';
import { here, type Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import type { Gmem } from '../gmem.js';
import type { Gfn } from '../scheme.js';
import { isLargeLeaf } from './sept.js';

/** Splits the leaf at a gfn if it is a large one: the cache is looked at again whenever mmu_lock was given up (T1). */
export function* splitRechecked(g: Gmem, gfn: Gfn, split: () => Routine): Routine {
  if (yield* atomic(NEEDS, () => needsPage(g, gfn, look(g)))) {
    const again = yield* here();
    yield* g.mmuLock.writeUnlock();
    yield* topUp(g);
    yield* g.mmuLock.writeLock();
    if (yield* atomic(NEEDS, () => needsPage(g, gfn, lookAgain(g)))) return yield* again();
  }
  yield* split();
}

/** The same with a mutex over filling the cache and using it (T2), so that nobody else can have taken from it. */
export function* splitUnderMutex(g: Gmem, gfn: Gfn, split: () => Routine): Routine {
  const { splitMutex } = g.file.vm;
  yield* g.mmuLock.writeUnlock();
  yield* splitMutex!.lock();
  yield* topUp(g);
  yield* g.mmuLock.writeLock();
  if (yield* isLargeLeaf(g, gfn)) yield* split();
  yield* g.mmuLock.writeUnlock();
  yield* splitMutex!.unlock();
  yield* g.mmuLock.writeLock();
}

const NEEDS = 'need_topup_external_split_cache()';

function* needsPage(g: Gmem, gfn: Gfn, isEmpty: Op<boolean>): Routine<boolean> {
  return (yield* isLargeLeaf(g, gfn)) && (yield* isEmpty);
}

function look(g: Gmem): Op<boolean> {
  return g.file.vm.splitCache!.apply<boolean>('% == 0', 'boolean', { result: (pages) => Number(pages === 0) });
}

/** The look at the cache once mmu_lock is held again. */
export function lookAgain(g: Gmem): Op<boolean> {
  return look(g).named('% == 0, again');
}

/** topup_external_split_cache(): pages until there are enough for one split. */
function topUp(g: Gmem): Op<void> {
  const next = (pages: number) => Math.max(pages, 1);
  return g.file.vm.splitCache!.apply<void>('topup_external_split_cache()', 'none', { next });
}
