/**
 * The IOMMU as a user of the memory of a file (E2 in docs/kernel.md): pages are bound to it under the exclusive invalidate lock, a
 * device that finds no translation has a page request answered by `getPage`, and what is mapped is lost in phase 2, when the device
 * is told to map it again. It compares its own count and sequence before it maps, as KVM does.
 *
 * Any open invalidation makes it ask again, whatever its range, as arm64's fault does.
 */

import { choose } from '../../core/ops/choice.js';
import type { Routine } from '../../core/ops/routine.js';
import { flushIotlb, iommuOf, unmapIopte } from '../calls/dma.js';
import { underExclusiveLock } from '../calls/get-pfn.js';
import { EEXIST, EFAULT, ENOENT, ENOMEM, RET_PF_FIXED, RET_PF_RETRY, retPfText } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Gfn } from '../scheme.js';
import { getPage, type PhaseOrder } from './memory-provider.js';
import type { Invalidation, UserContext } from './user-context.js';

/** What a context of the IOMMU may do otherwise. */
export interface IommuWays {
  /** When it unmaps and flushes: in phase 2, or in phase 4 when it has ended its invalidation. */
  readonly unmap: 'at-begin' | 'behind-end';
  /** Whether pages are bound to it under the exclusive invalidate lock. */
  readonly bind: 'locked' | 'unlocked';
  /** Whether phase 2 waits until no page request is being answered. */
  readonly requests: 'compared' | 'drained';
}

/** The context of the device that a file is mapped for. */
export function iommuContext(g: Gmem, ways: IommuWays): UserContext {
  const iommu = iommuOf(g);
  return {
    mayAccess: ['shared'],
    *prepare({ gfns }) {
      if (g.scenario.iopteSplitFails !== true) return 0;
      for (const gfn of gfns) {
        if (!(yield* iommu.ioptes.at(gfn).holds())) continue;
        return (yield* choose(2, 'memory to split the IOPTE fails', ['no', 'yes'])) === 1 ? -ENOMEM : 0;
      }
      return 0;
    },
    *abandon() {},
    *begin(range) {
      if (!(yield* isBound(g, range.gfns))) return;
      yield* inFunction('iommufd_gmem_begin', g.version, () => begin(g, range.gfns, ways));
    },
    *takeBack() {},
    *end(range) {
      if (!(yield* isBound(g, range.gfns))) return;
      yield* inFunction('iommufd_gmem_end', g.version, () => end(g, range, ways));
    },
    *makeReady() {
      return 0;
    },
  };
}

/** Whether any page of a range is bound: a context is told of no others. */
function* isBound(g: Gmem, gfns: readonly Gfn[]): Routine<boolean> {
  const isSet = { result: (value: number) => value };
  for (const gfn of gfns)
    if (yield* iommuOf(g).bound.at(gfn).apply<boolean>('% is bound', 'boolean', isSet)) return true;
  return false;
}

function* begin(g: Gmem, gfns: readonly Gfn[], { unmap, requests }: IommuWays): Routine {
  const iommu = iommuOf(g);
  yield* iommu.lock.lock();
  yield* iommu.invalidateInProgress.add(1);
  if (unmap === 'at-begin') yield* unmapAll(g, gfns);
  yield* iommu.lock.unlock();
  if (requests === 'drained') {
    yield* iommu.requests.waitUntil((count) => count === 0).named('wait until no page request is being answered');
  }
}

function* end(g: Gmem, { gfns }: Invalidation, { unmap }: IommuWays): Routine {
  const iommu = iommuOf(g);
  yield* iommu.lock.lock();
  yield* iommu.invalidateSeq.bump();
  yield* iommu.invalidateInProgress.add(-1);
  if (unmap === 'behind-end') yield* unmapAll(g, gfns);
  yield* iommu.lock.unlock();
}

function* unmapAll(g: Gmem, gfns: readonly Gfn[]): Routine {
  for (const gfn of gfns) yield* unmapIopte(g, gfn);
  for (const gfn of gfns) yield* flushIotlb(g, gfn);
}

/** Binds a page: the device maps it when it comes to it. 0 or -EEXIST. */
export function* bindPage(g: Gmem, gfn: Gfn, { bind }: IommuWays): Routine<number> {
  const isNew = bind === 'locked' ? yield* underExclusiveLock(g, () => bindNew(g, gfn)) : yield* bindNew(g, gfn);
  return isNew ? 0 : -EEXIST;
}

function* bindNew(g: Gmem, gfn: Gfn): Routine<boolean> {
  return yield* iommuOf(g).bound.at(gfn).cmpxchg(0, 1).named('bind $i');
}

/** And the other way round: as if the page were invalidated, and nobody told of it any more. 0 or -ENOENT. */
export function* unbindPage(g: Gmem, gfn: Gfn, ways: IommuWays): Routine<number> {
  return yield* underExclusiveLock(g, function* () {
    if (!(yield* isBound(g, [gfn]))) return -ENOENT;
    yield* begin(g, [gfn], ways);
    yield* iommuOf(g).bound.at(gfn).write(0).named('unbind $i');
    yield* end(g, { gfns: [gfn], why: 'punch' }, ways);
    return 0;
  });
}

/** A page request of the device: RET_PF_FIXED, RET_PF_RETRY or a negative errno. */
export function* answerPageRequest(g: Gmem, gfn: Gfn, order: PhaseOrder, ways: IommuWays): Routine<number> {
  const { requests } = iommuOf(g);
  const isCounted = ways.requests === 'drained';
  if (isCounted) yield* requests.add(1);
  const result = yield* inFunction('iommufd_gmem_fault', g.version, () => fault(g, gfn, order, ways), retPfText);
  if (isCounted) yield* requests.add(-1);
  return result;
}

function* fault(g: Gmem, gfn: Gfn, order: PhaseOrder, ways: IommuWays): Routine<number> {
  const { ioptes, invalidateSeq, invalidateInProgress, lock } = iommuOf(g);
  yield* invalidateSeq.take();
  if (!(yield* isBound(g, [gfn]))) return -EFAULT;
  const folio = yield* getPage(g, iommuContext(g, ways), { gfn, as: 'shared' }, order);
  if (typeof folio === 'number') return folio;
  yield* lock.lock();
  const isOpen = { result: (count: number) => Number(count > 0) };
  const isStale =
    (yield* invalidateInProgress.apply<boolean>('% > 0', 'boolean', isOpen)) || (yield* invalidateSeq.changed());
  if (!isStale) yield* ioptes.at(gfn).write(folio).named('iommu_map($i)');
  yield* lock.unlock();
  return isStale ? RET_PF_RETRY : RET_PF_FIXED;
}
