/**
 * The read/write spinlock as ops, with its variants that try, or may give up waiting. Used by models; knows no engine.
 */

import { ModelError } from '../core/errors.js';
import { type Latch, LatchMode } from '../core/ops/latch.js';
import type { LockUse, Op } from '../core/ops/op.js';
import { atomic, type Routine } from '../core/ops/routine.js';
import {
  HELD,
  type LockPromises,
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
    return this.latch.op('read_lock_timed(%)', update, mayEnd(this.#use('acquire', 'read', true)), HELD);
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
    const use = (action: LockUse['action']) => mayEnd(this.#use(action, 'write', true));
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

  /**
   * lockdep_assert_not_held(), might_sleep(): it is misuse to come here with the lock held in either mode.
   *
   * @param label what is asserted, as reports name it
   * @param misuse what is wrong where the lock is held
   */
  assertNotHeld(label = 'lockdep_assert_not_held(%)', misuse = HELD): Op<void> {
    return this.latch.op(label, { mode: Wait, notMine: READERS | WRITER }, undefined, misuse);
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
