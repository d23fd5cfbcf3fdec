/**
 * Locks that are made of cells: a word of advice for reports. Which step takes such a lock, and which gives it back, is said
 * of its ops; who holds it is then known from the steps of a run, so a deadlock is told with holders and its ring, and no
 * state is any larger. Used by models, and by primitives whose locks no latch can hold.
 */

import type { LockUse } from '../core/ops/op.js';
import { Op } from '../core/ops/op.js';

/** In which mode a lock is held: those who read share it. */
export type HoldMode = LockUse['mode'];

/**
 * A lock made of cells, by its name. It changes nothing that a model does: it marks ops. Lock order (`--lock-order`) does
 * not know of it, because the states of a model do not say who holds it.
 */
export class CellLock {
  constructor(readonly name: string) {}

  /** The op takes the lock, waiting if need be. */
  acquire<T>(op: Op<T>, side: HoldMode = 'write'): Op<T> {
    return this.#marked(op, 'acquire', side);
  }

  /** The op takes the lock if it answers something else than false or 0. */
  try<T extends boolean | number>(op: Op<T>, side: HoldMode = 'write'): Op<T> {
    return this.#marked(op, 'try', side);
  }

  /** The op gives the lock back; one that was not taken by this actor is given back for whoever took it. */
  release<T>(op: Op<T>, side: HoldMode = 'write'): Op<T> {
    return this.#marked(op, 'release', side);
  }

  #marked<T>(op: Op<T>, action: LockUse['action'], mode: HoldMode): Op<T> {
    return new Op<T>({ ...op.spec, lock: { name: this.name, action, mode } }, op.recordings);
  }
}
