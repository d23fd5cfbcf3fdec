/**
 * Counting semaphores: so many may go in. Used by models, through `m.semaphore`.
 *
 * A semaphore has no owner: whoever likes may give one back. One that lets a single task in, and that is given back by whoever
 * took it alone, is a lock, and has its place in the order of locks (verify/cell-holds.ts); no other has one, as struct
 * semaphore has no lockdep map. The order among those who wait is free: struct semaphore hands over to the first, but who is first
 * nobody can observe. Source: kernel/locking/semaphore.c (v6.12); POSIX sem_wait(3); java.util.concurrent.Semaphore.
 */

import type { Cell } from '../core/ops/cell.js';
import type { Op } from '../core/ops/op.js';
import { CellLock } from './cell-lock.js';

const take = (count: number): number => count - 1;
const isFree = (count: number): boolean => count > 0;

/** A counting semaphore; `cell` holds how many may still go in, at first `count`. */
export class Semaphore {
  readonly #lock: CellLock;

  constructor(
    readonly cell: Cell,
    readonly name: string,
    count = 1,
  ) {
    this.#lock = new CellLock(name, count !== 1);
  }

  /** down(): waits until the count is above 0, and lowers it; one step. */
  down(): Op<void> {
    return this.#lock.acquire(this.cell.waitUntil(isFree, take).named('down(%)'));
  }

  /** down_trylock(): whether it got in. (The kernel returns 0 for yes and 1 for no.) */
  downTrylock(): Op<boolean> {
    return this.#try('down_trylock(%)');
  }

  /** down_killable(): false (-EINTR) when the task is killed while it waits, which may be at any time. */
  downKillable(): Op<boolean> {
    return this.#try('down_killable(%)');
  }

  /** down_interruptible(): false (-EINTR) when a signal comes while it waits, which may be at any time. */
  downInterruptible(): Op<boolean> {
    return this.#try('down_interruptible(%)');
  }

  /** down_timeout(): false (-ETIME) when the time is over while it waits, which may be at any time. */
  downTimeout(): Op<boolean> {
    return this.#try('down_timeout(%)');
  }

  /** up(): anybody's to do, whoever came in. */
  up(): Op<void> {
    return this.#lock.release(this.cell.add(1).named('up(%)'));
  }

  /** Who may give up waiting at any time gets in if it can when its step is taken, and has given up if it cannot. */
  #try(label: string): Op<boolean> {
    return this.#lock.try(
      this.cell.apply<boolean>(label, 'boolean', {
        next: (count) => (isFree(count) ? take(count) : count),
        result: (count) => (isFree(count) ? 1 : 0),
      }),
    );
  }
}
