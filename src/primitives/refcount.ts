/**
 * Reference counts, with the rules of refcount_t (include/linux/refcount.h): taking a reference on zero, dropping one below
 * zero and counting beyond the end are findings. Used by models.
 */

import { type Cell, CellArray } from '../core/ops/cell.js';
import type { Op, OpViolation } from '../core/ops/op.js';
import type { Index } from '../core/ops/ref.js';
import type { Routine, Steps } from '../core/ops/routine.js';

const AFTER_ZERO = 'the object is used although its last reference is gone';
const SATURATED = 'the count is saturated: the object is never freed';
/** REFCOUNT_MAX */
const MOST = 0x7fff_ffff;

/** The reference count in a cell. */
export class RefCount {
  constructor(
    readonly cell: Cell,
    /** What the count belongs to, for traces. */
    readonly name = '%',
    /** How far it counts: a reference more, and refcount_t saturates. */
    readonly max = MOST,
  ) {}

  /** The count of one object, where there is one for each. */
  at(index: Index): RefCount {
    return new RefCount(new CellArray(this.cell.region).at(index), this.name, this.max);
  }

  /** refcount_inc(), kref_get() */
  get(): Op<void> {
    return this.cell.apply(`get(${this.name})`, 'none', {
      next: (count) => count + 1,
      violation: (count) => (count <= 0 ? { kind: 'use-after-free', words: AFTER_ZERO } : saturation(count, this.max)),
    });
  }

  /** refcount_inc_not_zero(), kref_get_unless_zero(): whether there was a reference left. */
  getUnlessZero(): Op<boolean> {
    return this.cell.apply(`get_unless_zero(${this.name})`, 'boolean', {
      next: (count) => (count > 0 ? count + 1 : count),
      result: (count) => (count > 0 ? 1 : 0),
      ...(this.max < MOST && { violation: (count) => saturation(count, this.max) }),
    });
  }

  /** refcount_dec_and_test(): whether that was the last one. */
  put(): Op<boolean> {
    return this.cell.apply(`put(${this.name})`, 'boolean', {
      next: (count) => count - 1,
      result: (count) => (count === 1 ? 1 : 0),
      violation: (count) => (count <= 0 ? { kind: 'use-after-free', words: AFTER_ZERO } : undefined),
    });
  }

  /** kref_put(): runs `release` if that was the last one; whether it was. */
  *putAnd(release: () => Steps<unknown>): Routine<boolean> {
    const isLast = yield* this.put();
    if (isLast) yield* release();
    return isLast;
  }

  /** refcount_set(), kref_init(): of an object that nobody else knows yet. */
  set(count: number): Op<void> {
    return this.cell.write(count);
  }

  /** refcount_read() */
  read(): Op<number> {
    return this.cell.read();
  }
}

function saturation(count: number, max: number): OpViolation | undefined {
  return count >= max ? { kind: 'leak', words: SATURATED } : undefined;
}
