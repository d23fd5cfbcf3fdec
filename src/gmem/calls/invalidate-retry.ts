/**
 * KVM's MMU notifier protocol, the other half: whether an invalidation makes a fault stale (keys: docs/kernel.md;
 * include/linux/kvm_host.h). Imported by faults and schemes.
 */

import { compute } from '../../core/ops/choice.js';
import { bareMaker } from '../../core/ops/made.js';
import type { Op } from '../../core/ops/op.js';
import { atomic as anyAtomic, type Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import type { Gmem } from '../gmem.js';
import type { Gfn } from '../scheme.js';
import { gfnNumberOf } from '../world/shown.js';

/** Whether a gfn lies in the range that is being invalidated. */
function inRange(g: Gmem, gfn: Gfn): Op<boolean> {
  const number = gfnNumberOf(gfn);
  return compute(
    'gfn in invalidated range',
    [g.rangeStart, g.rangeEnd, gfn],
    ([start, end, ref]) => number(ref) >= start && number(ref) < end,
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
  const section = g.isOurs || bareMaker(g.scheme.invalidateRetry) === invalidateRetryGfn ? atomic : anyAtomic;
  return yield* section('mmu_invalidate_retry_gfn_unsafe()', () => g.scheme.invalidateRetry(g, gfn));
}
