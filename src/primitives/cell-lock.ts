/**
 * Locks that are made of cells: a word of advice for reports. Which step takes such a lock, and which gives it back, is said
 * of its ops; who holds it is then known from the steps of a run, so a deadlock is told with holders and its ring, and no
 * state is any larger. Used by models, and by primitives whose locks no latch can hold.
 */

import { noteYielded } from '../core/ops/made.js';
import type { LockUse } from '../core/ops/op.js';
import { Op } from '../core/ops/op.js';

/** In which mode a lock is held: those who read share it. */
export type HoldMode = LockUse['mode'];

/**
 * A lock made of cells, by its name. It changes nothing that a model does: it marks ops. The order of locks takes it in as
 * long as nobody gives it back who has not taken it; of a `try` it takes in no wait.
 */
export class CellLock {
  /** @param several whether several may be in at a time who keep nobody out */
  constructor(
    readonly name: string,
    readonly several = false,
  ) {}

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
    const lock = { name: this.name, action, mode, ...(this.several && { several: true as const }) };
    noteYielded(op);
    return new Op<T>({ ...op.spec, lock }, op.recordings);
  }
}
