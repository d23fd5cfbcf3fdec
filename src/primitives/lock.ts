/**
 * Locks as ops: mutex, folio lock, rwsem and their variants that try, or may give up waiting.
 *
 * Who waits until it is killed, a signal comes or the time is over gets the lock if it is there when its step is taken, and
 * has given up if it is not: the environment's choice is when that is. So such a wait is in no deadlock.
 *
 * Each is a row of guarded updates on holder words (`src/core/ops/latch.ts`), so who holds and who waits is always known
 * and misuse is a finding with its name. Used by models; knows no engine.
 */

import { type Latch, LatchMode } from '../core/ops/latch.js';
import type { LockRole, LockUse, Op } from '../core/ops/op.js';
import type { Index } from '../core/ops/ref.js';
import type { Routine } from '../core/ops/routine.js';
import {
  HELD,
  type LockPromises,
  type LockTraits,
  leaveQueue,
  mayEnd,
  NOT_HELD,
  READ_WRITE_ROLES,
  READERS,
  usesOf,
  WAITERS,
  WRITER,
} from './lock-use.js';
import { ReadHolds } from './read-holds.js';

const { Wait, Try, Queue } = LatchMode;
const MUTEX_ROLES: readonly LockRole[] = ['holder'];

/** What traces call the ops of a lock; `%` stands for the lock. */
export interface MutexLabels {
  readonly lock: string;
  readonly trylock: string;
  readonly unlock: string;
}

const MUTEX_LABELS: MutexLabels = { lock: 'mutex_lock(%)', trylock: 'mutex_trylock(%)', unlock: 'mutex_unlock(%)' };

/**
 * A lock with one holder: struct mutex, the folio lock. One step to take it, enabled when it is free. Who tries steals
 * the lock from those who wait for it (__mutex_trylock_common() asks for an owner, kernel/locking/mutex.c; folio_trylock()
 * for one bit, include/linux/pagemap.h).
 */
export class Mutex {
  constructor(
    readonly latch: Latch,
    readonly labels: MutexLabels = MUTEX_LABELS,
    readonly promises: LockTraits = {},
  ) {}

  /** The lock of one object, where the lock is an array. */
  at(index: Index): Mutex {
    return new Mutex(this.latch.at(index), this.labels, this.promises);
  }

  /** mutex_lock(), folio_lock() */
  lock(): Op<void> {
    const update = { mode: Wait, notMine: 1, empty: 1, set: 1 };
    return this.latch.op(this.labels.lock, update, this.#use('acquire'), HELD);
  }

  /** mutex_trylock(), folio_trylock(): whether it got the lock. Trying a lock one holds just fails. */
  trylock(): Op<boolean> {
    return this.latch.op(this.labels.trylock, { mode: Try, empty: 1, set: 1 }, this.#use('try'));
  }

  /** mutex_lock_killable(), folio_lock_killable(): false (-EINTR) when the task is killed while it waits. */
  lockKillable(): Op<boolean> {
    return this.#lockOr('killable');
  }

  /** mutex_lock_interruptible(): false (-EINTR) when a signal comes while it waits. */
  lockInterruptible(): Op<boolean> {
    return this.#lockOr('interruptible');
  }

  /** pthread_mutex_timedlock(), tryLock() with a time limit: false when the time is over while it waits. */
  lockTimed(): Op<boolean> {
    return this.#lockOr('timed');
  }

  /** mutex_unlock(), folio_unlock() */
  unlock(): Op<void> {
    return this.latch.op(this.labels.unlock, { mode: Wait, mine: 1, clear: 1 }, this.#use('release'), NOT_HELD);
  }

  #lockOr(end: string): Op<boolean> {
    const update = { mode: Try, notMine: 1, empty: 1, set: 1 };
    return this.latch.op(this.labels.lock.replace('(', `_${end}(`), update, mayEnd(this.#use('acquire')), HELD);
  }

  #use(action: LockUse['action']): Omit<LockUse, 'name'> {
    return { action, mode: 'write', ...usesOf(MUTEX_ROLES, this.promises) };
  }
}

/**
 * struct rw_semaphore: a queued writer stops later readers and every try; the order among waiters is free, as Linux lets
 * writers steal (rwsem_try_write_lock_unqueued(), kernel/locking/rwsem.c). Not recursive in either mode.
 *
 * A reader may also steal a lock that nobody holds from a queued writer (rwsem_down_read_slowpath(), since v5.11). Such a
 * run is one in which the writer came later, unless somebody's try has failed because of the writer: then it is left out.
 * Modelling it would let readers starve a writer, which the hand-off of the kernel does not.
 */
export class RwSem {
  readonly #holds: ReadHolds;

  /** @param counts for read holds that are counted (`downReadCounted`) */
  constructor(
    readonly latch: Latch,
    readonly promises: LockPromises = {},
    counts?: Latch,
  ) {
    this.#holds = new ReadHolds(latch.region.name, counts);
  }

  /** down_read(): one step, enabled while no writer holds or waits. */
  downRead(): Op<void> {
    const update = { mode: Wait, notMine: READERS | WRITER, empty: WRITER | WAITERS, set: READERS };
    return this.latch.op('down_read(%)', update, this.#use('acquire', 'read', true), HELD);
  }

  /** down_read_trylock(): whether it got the lock. A second hold is misuse as for `downRead`: it could not be counted. */
  downReadTrylock(): Op<boolean> {
    const update = { mode: Try, notMine: READERS, empty: WRITER | WAITERS, set: READERS };
    return this.latch.op('down_read_trylock(%)', update, this.#use('try', 'read'), HELD);
  }

  /** down_read_killable(): false (-EINTR) when the task is killed while it waits. */
  downReadKillable(): Op<boolean> {
    return this.#downReadOr('killable');
  }

  /** down_read_interruptible(): false (-EINTR) when a signal comes while it waits. */
  downReadInterruptible(): Op<boolean> {
    return this.#downReadOr('interruptible');
  }

  /** The same with a time limit, as other systems have it: false when the time is over while it waits. */
  downReadTimed(): Op<boolean> {
    return this.#downReadOr('timed');
  }

  /**
   * down_read() of a task that may hold it for read already. A writer that is queued stops it all the same: struct
   * rw_semaphore knows no recursion, and two such holds with a writer between are a deadlock. One step.
   */
  *downReadCounted(): Routine {
    const update = { mode: Wait, notMine: WRITER, empty: WRITER | WAITERS, set: READERS };
    const take = this.latch.op<void>('down_read(%)', update, this.#use('acquire', 'read', true), HELD);
    yield* this.#holds.enter(`down_read(${this.latch.region.name})`, take);
  }

  /** up_read() of one such hold. */
  *upReadCounted(): Routine {
    yield* this.#holds.leave(`up_read(${this.latch.region.name})`, this.upRead());
  }

  /** up_read() */
  upRead(): Op<void> {
    const update = { mode: Wait, mine: READERS, clear: READERS };
    return this.latch.op('up_read(%)', update, this.#use('release', 'read'), NOT_HELD);
  }

  /** down_write(): one step when the lock is free, else one to queue and one to acquire. */
  *downWrite(): Routine {
    const first = { mode: Queue, notMine: READERS | WRITER, empty: READERS | WRITER, set: WRITER, queue: WAITERS };
    if (yield* this.latch.op<boolean>('down_write(%)', first, this.#use('queue', 'write', true), HELD)) return;
    const second = { mode: Wait, empty: READERS | WRITER, set: WRITER, clear: WAITERS };
    yield* this.latch.op('down_write(%)', second, this.#use('acquire', 'write', true));
  }

  /** down_write_killable(): false (-EINTR) when the task is killed while it waits; then it is out of the queue as well. */
  *downWriteKillable(): Routine<boolean> {
    return yield* this.#downWriteOr('killable');
  }

  /** The same with a time limit, as other systems have it: false when the time is over while it waits. */
  *downWriteTimed(): Routine<boolean> {
    return yield* this.#downWriteOr('timed');
  }

  /** downgrade_write(): goes on as a reader, and no writer comes between. */
  downgradeWrite(): Op<void> {
    const update = { mode: Wait, mine: WRITER, clear: WRITER, set: READERS };
    return this.latch.op('downgrade_write(%)', update, this.#use('release', 'read'), NOT_HELD);
  }

  /** down_write_trylock(): whether it got the lock, which it does when nobody holds it and no writer waits. */
  downWriteTrylock(): Op<boolean> {
    const update = { mode: Try, empty: READERS | WRITER | WAITERS, set: WRITER };
    return this.latch.op('down_write_trylock(%)', update, this.#use('try', 'write'));
  }

  /** up_write() */
  upWrite(): Op<void> {
    const update = { mode: Wait, mine: WRITER, clear: WRITER };
    return this.latch.op('up_write(%)', update, this.#use('release', 'write'), NOT_HELD);
  }

  #downReadOr(end: string): Op<boolean> {
    const update = { mode: Try, notMine: READERS | WRITER, empty: WRITER | WAITERS, set: READERS };
    return this.latch.op(`down_read_${end}(%)`, update, mayEnd(this.#use('acquire', 'read', true)), HELD);
  }

  *#downWriteOr(end: string): Routine<boolean> {
    const label = `down_write_${end}(%)`;
    const first = { mode: Queue, notMine: READERS | WRITER, empty: READERS | WRITER, set: WRITER, queue: WAITERS };
    if (yield* this.latch.op<boolean>(label, first, mayEnd(this.#use('queue', 'write', true)), HELD)) return true;
    return yield* leaveQueue(this.latch, label, mayEnd(this.#use('acquire', 'write', true)));
  }

  #use(action: LockUse['action'], mode: LockUse['mode'], queues = false): Omit<LockUse, 'name'> {
    return { action, mode, ...(queues && { queues }), ...usesOf(READ_WRITE_ROLES, this.promises) };
  }
}
