/**
 * Locks as ops: mutex, folio lock, rwsem, rwlock and their variants that try, or may give up waiting.
 *
 * Who waits until it is killed, a signal comes or the time is over gets the lock if it is there when its step is taken, and
 * has given up if it is not: the environment's choice is when that is. So such a wait is in no deadlock.
 *
 * Each is a row of guarded updates on holder words (`src/core/ops/latch.ts`), so who holds and who waits is always known
 * and misuse is a finding with its name. Used by models; knows no engine.
 */

import { ModelError } from '../core/errors.js';
import { type Latch, LatchMode } from '../core/ops/latch.js';
import type { LockRole, LockUse, Op } from '../core/ops/op.js';
import type { Index } from '../core/ops/ref.js';
import { atomic, type Routine } from '../core/ops/routine.js';
import { ReadHolds } from './read-holds.js';

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
    return this.latch.op(this.labels.lock.replace('(', `_${end}(`), update, this.#use('acquire'), HELD);
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
    return this.latch.op(`down_read_${end}(%)`, update, this.#use('acquire', 'read', true), HELD);
  }

  *#downWriteOr(end: string): Routine<boolean> {
    const label = `down_write_${end}(%)`;
    const first = { mode: Queue, notMine: READERS | WRITER, empty: READERS | WRITER, set: WRITER, queue: WAITERS };
    if (yield* this.latch.op<boolean>(label, first, this.#use('queue', 'write', true), HELD)) return true;
    return yield* leaveQueue(this.latch, label, this.#use('acquire', 'write', true));
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
  readonly #holds: ReadHolds;

  /** @param counts for read holds that are counted (`readLockCounted`, `readLockRecursive`) */
  constructor(
    readonly latch: Latch,
    readonly promises: LockPromises = {},
    counts?: Latch,
  ) {
    this.#queues = latch.region.width > 2;
    this.#holds = new ReadHolds(latch.region.name, counts);
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

  /** A read lock with a time limit (pthread_rwlock_timedrdlock(3)): false when the time is over while it waits. */
  readLockTimed(): Op<boolean> {
    const update = { mode: Try, notMine: READERS | WRITER, empty: WRITER | this.#waiters, set: READERS };
    return this.latch.op('read_lock_timed(%)', update, this.#use('acquire', 'read', true), HELD);
  }

  /**
   * read_lock() of a task that may hold it for read already, in process context: a writer that waits stops it all the same,
   * and two such holds with a writer between are a deadlock. One step.
   */
  *readLockCounted(): Routine {
    yield* this.#countedLock('read_lock', this.#waiters);
  }

  /**
   * The recursive read lock: read_lock() in an interrupt (queued_read_lock_slowpath(), kernel/locking/qrwlock.c), or
   * read_recursive() of other systems. Only who writes is in its way, not who waits to write. One step.
   */
  *readLockRecursive(): Routine {
    yield* this.#countedLock('read_lock_recursive', 0);
  }

  /** read_unlock() of one hold that is counted. */
  *readUnlockCounted(): Routine {
    yield* this.#holds.leave(`read_unlock(${this.latch.region.name})`, this.readUnlock());
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

  /** A write lock with a time limit (pthread_rwlock_timedwrlock(3)): false when the time is over while it waits. */
  *writeLockTimed(): Routine<boolean> {
    const { latch } = this;
    const busy = READERS | WRITER;
    const label = 'write_lock_timed(%)';
    const use = (action: LockUse['action']) => this.#use(action, 'write', true);
    if (!this.#queues) {
      return yield* latch.op<boolean>(
        label,
        { mode: Try, notMine: busy, empty: busy, set: WRITER },
        use('acquire'),
        HELD,
      );
    }
    // Who is behind the head of the queue leaves no trace, and may be there until the time is over.
    const place = yield* atomic(`write_lock_timed(${latch.region.name})`, function* () {
      if (
        !(yield* latch.op<boolean>(
          'nobody waits for %',
          { mode: Try, notMine: busy, empty: WAITERS },
          use('try'),
          HELD,
        ))
      )
        return 'gave up';
      const head = { mode: Queue, notMine: busy, empty: busy, set: WRITER, queue: WAITERS };
      return (yield* latch.op<boolean>(label, head, use('queue'), HELD)) ? 'got' : 'waits';
    });
    return place === 'waits' ? yield* leaveQueue(latch, label, use('acquire')) : place === 'got';
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

  *#countedLock(what: string, waiters: number): Routine {
    const update = { mode: Wait, notMine: WRITER, empty: WRITER | waiters, set: READERS };
    const take = this.latch.op<void>(`${what}(%)`, update, this.#use('acquire', 'read', waiters !== 0), HELD);
    yield* this.#holds.enter(`${what}(${this.latch.region.name})`, take);
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

/** A queued writer that may give up waiting: it gets the lock or is out of the queue. */
function* leaveQueue(latch: Latch, label: string, use: Omit<LockUse, 'name'>): Routine<boolean> {
  return yield* atomic(label.replace('%', latch.region.name), function* () {
    const got = { mode: Try, empty: READERS | WRITER, set: WRITER, clear: WAITERS };
    if (yield* latch.op<boolean>(label, got, use)) return true;
    yield* latch.op('out of its queue', { mode: Wait, clear: WAITERS }, { ...use, action: 'release' });
    return false;
  });
}
