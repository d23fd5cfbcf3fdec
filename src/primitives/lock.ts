/**
 * Locks as ops: mutex, folio lock, rwsem, rwlock and their try-variants.
 *
 * Each is a row of guarded updates on holder words (`src/core/ops/latch.ts`), so who holds and who waits is always known
 * and misuse is a finding with its name. Used by models; knows no engine.
 */

import { type Latch, LatchMode } from '../core/ops/latch.js';
import type { Op } from '../core/ops/op.js';
import type { Index } from '../core/ops/ref.js';
import type { Routine } from '../core/ops/routine.js';

const { Wait, Try, Queue } = LatchMode;
const HELD = 'it holds the lock already';
const NOT_HELD = 'it does not hold the lock';

/** What traces call the ops of a lock; `%` stands for the lock. */
export interface MutexLabels {
  readonly lock: string;
  readonly trylock: string;
  readonly unlock: string;
}

const MUTEX_LABELS: MutexLabels = { lock: 'mutex_lock(%)', trylock: 'mutex_trylock(%)', unlock: 'mutex_unlock(%)' };

/** A lock with one holder: struct mutex, the folio lock. One step to take it, enabled when it is free. */
export class Mutex {
  constructor(
    readonly latch: Latch,
    readonly labels: MutexLabels = MUTEX_LABELS,
  ) {}

  /** The lock of one object, where the lock is an array. */
  at(index: Index): Mutex {
    return new Mutex(this.latch.at(index), this.labels);
  }

  /** mutex_lock(), folio_lock() */
  lock(): Op<void> {
    const update = { mode: Wait, notMine: 1, empty: 1, set: 1 };
    return this.latch.op(this.labels.lock, update, { action: 'acquire', mode: 'write' }, HELD);
  }

  /** mutex_trylock(), folio_trylock(): whether it got the lock. Trying a lock one holds just fails. */
  trylock(): Op<boolean> {
    return this.latch.op(this.labels.trylock, { mode: Try, empty: 1, set: 1 }, { action: 'try', mode: 'write' });
  }

  /** mutex_unlock(), folio_unlock() */
  unlock(): Op<void> {
    const update = { mode: Wait, mine: 1, clear: 1 };
    return this.latch.op(this.labels.unlock, update, { action: 'release', mode: 'write' }, NOT_HELD);
  }
}

const READERS = 1;
const WRITER = 2;
const WAITERS = 4;

/**
 * struct rw_semaphore: a queued writer stops later readers; the order among waiters is free, as Linux lets waiters
 * steal. Not recursive in either mode (kernel/locking/rwsem.c).
 */
export class RwSem {
  constructor(readonly latch: Latch) {}

  /** down_read(): one step, enabled while no writer holds or waits. */
  downRead(): Op<void> {
    const update = { mode: Wait, notMine: READERS | WRITER, empty: WRITER | WAITERS, set: READERS };
    return this.latch.op('down_read(%)', update, { action: 'acquire', mode: 'read', queues: true }, HELD);
  }

  /** down_read_trylock(): whether it got the lock. A second hold is misuse as for `downRead`: it could not be counted. */
  downReadTrylock(): Op<boolean> {
    const update = { mode: Try, notMine: READERS, empty: WRITER | WAITERS, set: READERS };
    return this.latch.op('down_read_trylock(%)', update, { action: 'try', mode: 'read' }, HELD);
  }

  /** up_read() */
  upRead(): Op<void> {
    const update = { mode: Wait, mine: READERS, clear: READERS };
    return this.latch.op('up_read(%)', update, { action: 'release', mode: 'read' }, NOT_HELD);
  }

  /** down_write(): one step when the lock is free, else one to queue and one to acquire. */
  *downWrite(): Routine {
    const first = { mode: Queue, notMine: READERS | WRITER, empty: READERS | WRITER, set: WRITER, queue: WAITERS };
    if (yield* this.latch.op<boolean>('down_write(%)', first, { action: 'queue', mode: 'write', queues: true }, HELD))
      return;
    const second = { mode: Wait, empty: READERS | WRITER, set: WRITER, clear: WAITERS };
    yield* this.latch.op('down_write(%)', second, { action: 'acquire', mode: 'write', queues: true });
  }

  /** down_write_trylock(): whether it got the lock. */
  downWriteTrylock(): Op<boolean> {
    const update = { mode: Try, empty: READERS | WRITER, set: WRITER };
    return this.latch.op('down_write_trylock(%)', update, { action: 'try', mode: 'write' });
  }

  /** up_write() */
  upWrite(): Op<void> {
    const update = { mode: Wait, mine: WRITER, clear: WRITER };
    return this.latch.op('up_write(%)', update, { action: 'release', mode: 'write' }, NOT_HELD);
  }
}

/**
 * rwlock_t, in process context. Writers spin without a queue of their own: readers may overtake them, which admits every
 * behaviour of the queued lock but deadlocks that need the queue. Of these, read recursion is reported as misuse, and two
 * readers who lock in opposite orders as an order of locks (read_lock_is_recursive(), kernel/locking/lockdep.c: false
 * outside of interrupts).
 */
export class RwLock {
  constructor(readonly latch: Latch) {}

  /** read_lock() */
  readLock(): Op<void> {
    const update = { mode: Wait, notMine: READERS | WRITER, empty: WRITER, set: READERS };
    return this.latch.op('read_lock(%)', update, { action: 'acquire', mode: 'read', queues: true }, HELD);
  }

  /** read_trylock(): whether it got the lock. A second hold is misuse as for `readLock`: it could not be counted. */
  readTrylock(): Op<boolean> {
    const update = { mode: Try, notMine: READERS, empty: WRITER, set: READERS };
    return this.latch.op('read_trylock(%)', update, { action: 'try', mode: 'read' }, HELD);
  }

  /** read_unlock() */
  readUnlock(): Op<void> {
    const update = { mode: Wait, mine: READERS, clear: READERS };
    return this.latch.op('read_unlock(%)', update, { action: 'release', mode: 'read' }, NOT_HELD);
  }

  /** write_lock() */
  writeLock(): Op<void> {
    const update = { mode: Wait, notMine: READERS | WRITER, empty: READERS | WRITER, set: WRITER };
    return this.latch.op('write_lock(%)', update, { action: 'acquire', mode: 'write', queues: true }, HELD);
  }

  /** write_trylock() */
  writeTrylock(): Op<boolean> {
    const update = { mode: Try, empty: READERS | WRITER, set: WRITER };
    return this.latch.op('write_trylock(%)', update, { action: 'try', mode: 'write' });
  }

  /** write_unlock() */
  writeUnlock(): Op<void> {
    const update = { mode: Wait, mine: WRITER, clear: WRITER };
    return this.latch.op('write_unlock(%)', update, { action: 'release', mode: 'write' }, NOT_HELD);
  }
}
