/**
 * Reference counts, with the rules of refcount_t (include/linux/refcount.h): taking a reference on zero and dropping
 * one below zero are findings. Used by models.
 */

import type { Cell } from '../core/ops/cell.js';
import type { Op } from '../core/ops/op.js';

const AFTER_ZERO = 'the object is used although its last reference is gone';

/** The reference count in a cell. */
export class RefCount {
  constructor(
    readonly cell: Cell,
    /** What the count belongs to, for traces. */
    readonly name = '%',
  ) {}

  /** refcount_inc() */
  get(): Op<void> {
    return this.cell.apply(`get(${this.name})`, 'none', {
      next: (count) => count + 1,
      violation: (count) => (count <= 0 ? { kind: 'use-after-free', words: AFTER_ZERO } : undefined),
    });
  }

  /** refcount_inc_not_zero(): whether there was a reference left. */
  getUnlessZero(): Op<boolean> {
    return this.cell.apply(`get_unless_zero(${this.name})`, 'boolean', {
      next: (count) => (count > 0 ? count + 1 : count),
      result: (count) => (count > 0 ? 1 : 0),
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
}
