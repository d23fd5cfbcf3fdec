/**
 * The deferred form of merging (a later file of the HugeTLB series; R59 in docs/kernel.md): a hole leaves split folios split. The
 * last put of each leaves it to a worker, the workers count, and whoever counts the last page of a huge page merges them and
 * gives it back to the pool. Imported by variants.
 */

import { ModelError } from '../../core/errors.js';
import type { CellArray } from '../../core/ops/cell.js';
import type { Op } from '../../core/ops/op.js';
import type { Routine } from '../../core/ops/routine.js';
import type { ModelBuilder } from '../../model/model-builder.js';
import { atomic } from '../atomic.js';
import type { Gmem } from '../gmem.js';
import type { Scenario } from '../scenarios/scenario.js';
import type { Folio } from '../scheme.js';
import { pageCountOf } from '../world/folio-ref.js';
import { regionsOf } from '../world/parted.js';
import { backToPool, restoreHuge } from './hugetlb-pool.js';
import { isLastPut, leaveToWorker, putLabel } from './lifetime.js';

/** What a deferred merge declares: how many pages of each block have been counted. */
export interface WaitingPages {
  readonly waiting: CellArray;
}

/** Declares the counts. */
export function declareWaiting(m: ModelBuilder, { frames, maxOrder = 0, hugetlbPool }: Scenario): WaitingPages {
  if (maxOrder > 0 && hugetlbPool !== true) {
    throw new ModelError('a deferred merge gives huge pages back to a pool; set hugetlbPool to true');
  }
  return { waiting: m.cells('folio_waiting', frames / 2 ** maxOrder) };
}

/** folio_put() of a page that was split off: the last one leaves it to the worker. */
export function* putThenLeave(g: Gmem, page: Folio, references: number): Routine {
  if (yield* atomic(putLabel(references), () => isLastPut(g, page, references))) yield* leaveToWorker(g, page);
}

/** What a worker does with a page that nobody has a reference to. */
export function* countThenMerge(g: Gmem, page: Folio): Routine {
  const { waiting } = g.own<WaitingPages>();
  const large = g.large!;
  const whole = large.whole(large.blockOf(page));
  yield* resetMapping(g, page);
  if ((yield* countWaiting(waiting, whole)) !== pageCountOf(whole)) return;
  yield* large.orders.at(whole).write(large.order).named('merge_folio($i)');
  yield* restoreHuge(g, whole);
  yield* waiting.at(whole).write(0);
  yield* backToPool(g, whole);
}

/** The page leaves the list, whose node lies in its mapping: from then on whoever merges may have it. */
function resetMapping(g: Gmem, page: Folio): Op<void> {
  const words =
    'the page has an owner again, and the worker resets its mapping: the page cache has a folio that belongs to no file';
  return g.refcounts.at(page).apply<void>(RESET, 'none', {
    violation: (count) => (count === 0 ? undefined : { kind: 'use-after-free', words }),
  });
}

const RESET = '$i->mapping = NULL';

/** Whether an op takes a page off the list. */
export function isMappingReset(g: Gmem, { spec }: Op<unknown>): boolean {
  return spec.region !== undefined && regionsOf(g.refcounts).includes(spec.region) && spec.label === RESET;
}

/** atomic_inc_return() */
function countWaiting(waiting: CellArray, block: Folio): Op<number> {
  return waiting.at(block).apply<number>('atomic_inc_return(%)', 'number', {
    next: (count) => count + 1,
    result: (count) => count + 1,
  });
}
