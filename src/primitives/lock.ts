/**
 * Locks as ops: mutex, folio lock, rwsem, rwlock and their try-variants.
 *
 * Each is a row of guarded updates on holder words (`src/core/ops/latch.ts`), so who holds and who waits is always known
 * and misuse is a finding with its name. Used by models; knows no engine.
 */

import { ModelError } from '../core/errors.js';
import { type Latch, LatchMode } from '../core/ops/latch.js';
import type { LockRole, LockUse, Op } from '../core/ops/op.js';
import type { Index } from '../core/ops/ref.js';
import type { Routine } from '../core/ops/routine.js';

const { Wait, Try, Queue } = LatchMode;
const MUTEX_ROLES: readonly LockRole[] = ['holder'];
const READ_WRITE_ROLES: readonly LockRole[] = ['reader', 'writer', 'queued writer'];
const HELD = 'it holds the lock already';
const NOT_HELD = 'it does not hold the lock';

/** What traces call the ops of a lock; `%` stands for the lock. */
export interface MutexLabels {
  readonly lock: string;
  readonly trylock: string;
  readonly unlock: string;
}

const MUTEX_LABELS: MutexLabels = { lock: 'mutex_lock(%)', trylock: 'mutex_trylock(%)', unlock: 'mutex_unlock(%)' };

/** What a lock may promise beyond what locks do. */
export interface LockPromises {
  /**
   * Who waits for the lock while others get it again and again gets it as well, as with a ticket lock, a queue, or the
   * hand-off of struct mutex and struct rw_semaphore. verify then takes no round in which that does not happen for a
   * counterexample; which states are reached is the same.
   */
  readonly fair?: boolean | undefined;
}

/** What a lock is made with: promises, and the name of what it is a part of. */
export interface LockTraits extends LockPromises {
  readonly of?: string;
}

/** What every op of a lock says of it. */
function usesOf(roles: readonly LockRole[], { fair, of }: LockTraits): Pick<LockUse, 'fair' | 'of' | 'roles'> {
  return { roles, ...(fair === true && { fair }), ...(of !== undefined && { of }) };
}

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

  /** mutex_unlock(), folio_unlock() */
  unlock(): Op<void> {
    return this.latch.op(this.labels.unlock, { mode: Wait, mine: 1, clear: 1 }, this.#use('release'), NOT_HELD);
  }

  #use(action: LockUse['action']): Omit<LockUse, 'name'> {
    return { action, mode: 'write', ...usesOf(MUTEX_ROLES, this.promises) };
  }
}

const READERS = 1;
const WRITER = 2;
const WAITERS = 4;

/**
 * struct rw_semaphore: a queued writer stops later readers and every try; the order among waiters is free, as Linux lets
 * writers steal (rwsem_try_write_lock_unqueued(), kernel/locking/rwsem.c). Not recursive in either mode.
 *
 * A reader may also steal a lock that nobody holds from a queued writer (rwsem_down_read_slowpath(), since v5.11). Such a
 * run is one in which the writer came later, unless somebody's try has failed because of the writer: then it is left out.
 * Modelling it would let readers starve a writer, which the hand-off of the kernel does not.
 */
export class RwSem {
  constructor(
    readonly latch: Latch,
    readonly promises: LockPromises = {},
  ) {}

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

  #use(action: LockUse['action'], mode: LockUse['mode'], queues = false): Omit<LockUse, 'name'> {
    return { action, mode, ...(queues && { queues }), ...usesOf(READ_WRITE_ROLES, this.promises) };
  }
}

/**
 * rwlock_t, in process context: the queued read/write lock (include/asm-generic/qrwlock.h, kernel/locking/qrwlock.c). The
 * writer at the head of the queue stops later readers, later writers and every try; who is behind it leaves no trace.
 * Not recursive in either mode (read_lock_is_recursive(), kernel/locking/lockdep.c: false outside of interrupts).
 *
 * A latch of two words has no room for who waits: readers may then overtake writers. That reaches all that the queue lets
 * happen but deadlocks that need it, at less states; verify reports these as an order of locks. Nobody may try such a
 * lock, because a try tells whether somebody waits.
 */
export class RwLock {
  readonly #queues: boolean;

  constructor(
    readonly latch: Latch,
    readonly promises: LockPromises = {},
  ) {
    this.#queues = latch.region.width > 2;
  }

  /** read_lock(): one step, enabled while no writer holds or, at the head of the queue, waits. */
  readLock(): Op<void> {
    const update = { mode: Wait, notMine: READERS | WRITER, empty: WRITER | this.#waiters, set: READERS };
    return this.latch.op('read_lock(%)', update, this.#use('acquire', 'read', true), HELD);
  }

  /** read_trylock(): whether it got the lock. A second hold is misuse as for `readLock`: it could not be counted. */
  readTrylock(): Op<boolean> {
    this.#mayTry('read_trylock');
    const update = { mode: Try, notMine: READERS, empty: WRITER | WAITERS, set: READERS };
    return this.latch.op('read_trylock(%)', update, this.#use('try', 'read'), HELD);
  }

  /** read_unlock() */
  readUnlock(): Op<void> {
    const update = { mode: Wait, mine: READERS, clear: READERS };
    return this.latch.op('read_unlock(%)', update, this.#use('release', 'read'), NOT_HELD);
  }

  /** write_lock(): one step when the lock is free; else one to become the head of the queue and one to acquire. */
  *writeLock(): Routine {
    const busy = READERS | WRITER;
    if (!this.#queues) {
      const update = { mode: Wait, notMine: busy, empty: busy, set: WRITER };
      yield* this.latch.op('write_lock(%)', update, this.#use('acquire', 'write', true), HELD);
      return;
    }
    const first = { mode: Queue, notMine: busy, gate: WAITERS, empty: busy, set: WRITER, queue: WAITERS };
    if (yield* this.latch.op<boolean>('write_lock(%)', first, this.#use('queue', 'write', true), HELD)) return;
    const second = { mode: Wait, empty: busy, set: WRITER, clear: WAITERS };
    yield* this.latch.op('write_lock(%)', second, this.#use('acquire', 'write', true));
  }

  /** write_trylock(): whether it got the lock, which it does when nobody holds it and no writer waits. */
  writeTrylock(): Op<boolean> {
    this.#mayTry('write_trylock');
    const update = { mode: Try, empty: READERS | WRITER | WAITERS, set: WRITER };
    return this.latch.op('write_trylock(%)', update, this.#use('try', 'write'));
  }

  /** write_unlock() */
  writeUnlock(): Op<void> {
    const update = { mode: Wait, mine: WRITER, clear: WRITER };
    return this.latch.op('write_unlock(%)', update, this.#use('release', 'write'), NOT_HELD);
  }

  get #waiters(): number {
    return this.#queues ? WAITERS : 0;
  }

  #mayTry(op: string): void {
    if (this.#queues) return;
    const { name } = this.latch.region;
    throw new ModelError(
      `${op}(${name}) would tell whether a writer waits, and ${name} is declared without: leave \`queued: false\` out`,
    );
  }

  #use(action: LockUse['action'], mode: LockUse['mode'], queues = false): Omit<LockUse, 'name'> {
    return { action, mode, ...(queues && { queues }), ...usesOf(READ_WRITE_ROLES, this.promises) };
  }
}
