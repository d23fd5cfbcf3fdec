/**
 * What the kernel's locks answer, read off the words that the kernel keeps and not off who holds what: the rules that the
 * modelled locks are held against. Read from Linux v6.12; each row names the function that it restates.
 *
 * A row is about one op of one task. Who may be killed, get a signal or be out of time while it waits fails where it would
 * have to wait. The hand-off of a lock to a task that has waited too long is left out: the model has none.
 */
import type { Mutex, RwSem } from '../../src/primitives/lock.js';
import type { RwLock } from '../../src/primitives/rwlock.js';

/**
 * `gets`: it has the lock (or gave it back) when the op returns. `fails`: it returns without. `waits`: it sleeps or spins, and
 * leaves nothing behind that others could see. `queues`: it waits, and whoever comes can see that. `steals`: it gets a free
 * lock past a writer that waits. `misuse`: lockdep or a debug check complains.
 */
export type Answer = 'gets' | 'fails' | 'waits' | 'queues' | 'steals' | 'misuse';

/** Who is where when a task does the op. */
export interface LockState {
  /** Other tasks that hold the lock for read. */
  readonly readers: number;
  /** Whether another task holds the lock for write. */
  readonly writer: boolean;
  /** Other writers that wait for it. */
  readonly waiters: number;
  /** How the task that does the op holds the lock itself. */
  readonly self: 'read' | 'write' | undefined;
}

/** One op of a lock and the kernel's rule for it. */
export interface Rule<L> {
  readonly op: string;
  readonly source: string;
  readonly run: (lock: L) => Iterable<unknown, unknown, unknown>;
  readonly answer: (state: LockState) => Answer;
}

// kernel/locking/rwsem.c: the bits of sem->count.
const WRITER_LOCKED = 1;
const FLAG_WAITERS = 2;
const READER_BIAS = 1 << 8;
const READ_FAILED_MASK = WRITER_LOCKED | FLAG_WAITERS;
const LOCK_MASK = WRITER_LOCKED | ~(READER_BIAS - 1);

function semCount({ readers, writer, waiters, self }: LockState): number {
  const held = readers + (self === 'read' ? 1 : 0);
  const locked = writer || self === 'write' ? WRITER_LOCKED : 0;
  return held * READER_BIAS + locked + (waiters > 0 ? FLAG_WAITERS : 0);
}

function downReadAnswer(state: LockState): Answer {
  // rwsem_acquire_read(): lockdep's validator finds the lock in the task's own hands.
  if (state.self !== undefined) return 'misuse';
  const count = semCount(state) + READER_BIAS;
  if ((count & READ_FAILED_MASK) === 0) return 'gets';
  const readersOwnIt = count >> 8 > 1;
  if (readersOwnIt && (count & WRITER_LOCKED) === 0) return 'waits';
  return (count & WRITER_LOCKED) === 0 ? 'steals' : 'waits';
}

export const rwsemRules: readonly Rule<RwSem>[] = [
  {
    op: 'down_read',
    source: 'kernel/locking/rwsem.c: down_read(), rwsem_read_trylock(), rwsem_down_read_slowpath()',
    run: (sem) => sem.downRead(),
    answer: downReadAnswer,
  },
  {
    op: 'down_read_trylock',
    source: 'kernel/locking/rwsem.c: __down_read_trylock()',
    run: (sem) => sem.downReadTrylock(),
    answer: (state) => ((semCount(state) & READ_FAILED_MASK) === 0 ? 'gets' : 'fails'),
  },
  ...['down_read_killable', 'down_read_interruptible', 'down_read_timed'].map(
    (op): Rule<RwSem> => ({
      op,
      source: 'kernel/locking/rwsem.c: down_read_killable() (rwsem_down_read_slowpath(): out_nolock)',
      run: (sem) =>
        op === 'down_read_killable'
          ? sem.downReadKillable()
          : op === 'down_read_timed'
            ? sem.downReadTimed()
            : sem.downReadInterruptible(),
      answer: (state) => {
        const answer = downReadAnswer(state);
        return answer === 'waits' ? 'fails' : answer;
      },
    }),
  ),
  ...['down_write_killable', 'down_write_timed'].map(
    (op): Rule<RwSem> => ({
      op,
      source: 'kernel/locking/rwsem.c: down_write_killable() (rwsem_down_write_slowpath(): out_nolock)',
      run: (sem) => (op === 'down_write_timed' ? sem.downWriteTimed() : sem.downWriteKillable()),
      answer: (state) => {
        if (state.self !== undefined) return 'misuse';
        const count = semCount(state);
        if (count === 0) return 'gets';
        return (count & LOCK_MASK) === 0 ? 'steals' : 'queues';
      },
    }),
  ),
  {
    op: 'downgrade_write',
    source: 'kernel/locking/rwsem.c: downgrade_write(), __downgrade_write()',
    run: (sem) => sem.downgradeWrite(),
    answer: ({ self }) => (self === 'write' ? 'gets' : 'misuse'),
  },
  {
    op: 'up_read',
    source: 'kernel/locking/rwsem.c: up_read(), __up_read()',
    run: (sem) => sem.upRead(),
    // rwsem_release(): lockdep finds no such lock in the task's hands.
    answer: ({ self }) => (self === 'read' ? 'gets' : 'misuse'),
  },
  {
    op: 'down_write',
    source:
      'kernel/locking/rwsem.c: down_write(), rwsem_write_trylock(), rwsem_try_write_lock_unqueued(), rwsem_down_write_slowpath()',
    run: (sem) => sem.downWrite(),
    answer: (state) => {
      if (state.self !== undefined) return 'misuse';
      const count = semCount(state);
      if (count === 0) return 'gets';
      return (count & LOCK_MASK) === 0 ? 'steals' : 'queues';
    },
  },
  {
    op: 'down_write_trylock',
    source: 'kernel/locking/rwsem.c: __down_write_trylock(), rwsem_write_trylock()',
    run: (sem) => sem.downWriteTrylock(),
    answer: (state) => (semCount(state) === 0 ? 'gets' : 'fails'),
  },
  {
    op: 'up_write',
    source: 'kernel/locking/rwsem.c: up_write(), __up_write()',
    run: (sem) => sem.upWrite(),
    answer: ({ self }) => (self === 'write' ? 'gets' : 'misuse'),
  },
];

// include/asm-generic/qrwlock.h: the bits of lock->cnts. Only the head of the queue sets _QW_WAITING.
const QW_LOCKED = 0xff;
const QW_WAITING = 0x100;
const QW_WMASK = QW_LOCKED | QW_WAITING;
const QR_BIAS = 0x200;

function lockCnts({ readers, writer, waiters, self }: LockState): number {
  const held = readers + (self === 'read' ? 1 : 0);
  return held * QR_BIAS + (writer || self === 'write' ? QW_LOCKED : 0) + (waiters > 0 ? QW_WAITING : 0);
}

export const rwlockRules: readonly Rule<RwLock>[] = [
  {
    op: 'read_lock',
    source: 'include/asm-generic/qrwlock.h: queued_read_lock(); kernel/locking/qrwlock.c: queued_read_lock_slowpath()',
    run: (lock) => lock.readLock(),
    answer: (state) => {
      // kernel/locking/lockdep.c: read_lock_is_recursive() is false outside of interrupts.
      if (state.self !== undefined) return 'misuse';
      return ((lockCnts(state) + QR_BIAS) & QW_WMASK) === 0 ? 'gets' : 'waits';
    },
  },
  {
    op: 'read_trylock',
    source: 'include/asm-generic/qrwlock.h: queued_read_trylock()',
    run: (lock) => lock.readTrylock(),
    answer: (state) => ((lockCnts(state) & QW_WMASK) === 0 ? 'gets' : 'fails'),
  },
  {
    op: 'read_lock_timed',
    source: 'pthread_rwlock_timedrdlock(3); the states in which it would wait are those of read_lock',
    run: (lock) => lock.readLockTimed(),
    answer: (state) => {
      if (state.self !== undefined) return 'misuse';
      return ((lockCnts(state) + QR_BIAS) & QW_WMASK) === 0 ? 'gets' : 'fails';
    },
  },
  {
    op: 'write_lock_timed',
    source: 'pthread_rwlock_timedwrlock(3); the states in which it would wait are those of write_lock',
    run: (lock) => lock.writeLockTimed(),
    answer: (state) => {
      if (state.self !== undefined) return 'misuse';
      const cnts = lockCnts(state);
      if (cnts === 0) return 'gets';
      return (cnts & QW_WAITING) === 0 ? 'queues' : 'fails';
    },
  },
  {
    op: 'read_unlock',
    source: 'include/asm-generic/qrwlock.h: queued_read_unlock(); kernel/locking/spinlock_debug.c',
    run: (lock) => lock.readUnlock(),
    answer: ({ self }) => (self === 'read' ? 'gets' : 'misuse'),
  },
  {
    op: 'write_lock',
    source:
      'include/asm-generic/qrwlock.h: queued_write_lock(); kernel/locking/qrwlock.c: queued_write_lock_slowpath()',
    run: (lock) => lock.writeLock(),
    answer: (state) => {
      if (state.self !== undefined) return 'misuse';
      const cnts = lockCnts(state);
      if (cnts === 0) return 'gets';
      // Who is not the head of the queue waits for lock->wait_lock, and leaves nothing in cnts.
      return (cnts & QW_WAITING) === 0 ? 'queues' : 'waits';
    },
  },
  {
    op: 'write_trylock',
    source: 'include/asm-generic/qrwlock.h: queued_write_trylock()',
    run: (lock) => lock.writeTrylock(),
    answer: (state) => (lockCnts(state) === 0 ? 'gets' : 'fails'),
  },
  {
    op: 'write_unlock',
    source:
      'include/asm-generic/qrwlock.h: queued_write_unlock(); kernel/locking/spinlock_debug.c: debug_write_unlock()',
    run: (lock) => lock.writeUnlock(),
    answer: ({ self }) => (self === 'write' ? 'gets' : 'misuse'),
  },
];

/** lock->owner without its flags, and PG_locked: whether there is an owner. That somebody waits is a flag beside it. */
function hasOwner({ writer, self }: LockState): boolean {
  return writer || self === 'write';
}

const exclusiveRules = (sources: readonly [string, string, string], names: readonly [string, string, string]) =>
  [
    ...(['killable', 'interruptible', 'timed'] as const).map(
      (end): Rule<Mutex> => ({
        op: `${names[0]}_${end}`,
        source: `${sources[0]}, and out of it by a signal or the end of a time (__mutex_lock_common(): err)`,
        run: (lock) =>
          end === 'killable' ? lock.lockKillable() : end === 'timed' ? lock.lockTimed() : lock.lockInterruptible(),
        answer: (state) => (state.self !== undefined ? 'misuse' : hasOwner(state) ? 'fails' : 'gets'),
      }),
    ),
    {
      op: names[0],
      source: sources[0],
      run: (lock) => lock.lock(),
      answer: (state) => (state.self !== undefined ? 'misuse' : hasOwner(state) ? 'waits' : 'gets'),
    },
    {
      op: names[1],
      source: sources[1],
      run: (lock) => lock.trylock(),
      answer: (state) => (hasOwner(state) ? 'fails' : 'gets'),
    },
    {
      op: names[2],
      source: sources[2],
      run: (lock) => lock.unlock(),
      answer: ({ self }) => (self === 'write' ? 'gets' : 'misuse'),
    },
  ] satisfies readonly Rule<Mutex>[];

export const mutexRules: readonly Rule<Mutex>[] = exclusiveRules(
  [
    'kernel/locking/mutex.c: mutex_lock(), __mutex_trylock_common(), __mutex_lock_common()',
    'kernel/locking/mutex.c: mutex_trylock(), __mutex_trylock_common()',
    'kernel/locking/mutex.c: mutex_unlock(); kernel/locking/mutex-debug.c: debug_mutex_unlock()',
  ],
  ['mutex_lock', 'mutex_trylock', 'mutex_unlock'],
);

export const folioLockRules: readonly Rule<Mutex>[] = exclusiveRules(
  [
    'include/linux/pagemap.h: folio_lock(); mm/filemap.c: __folio_lock(), folio_wait_bit_common()',
    'include/linux/pagemap.h: folio_trylock()',
    'mm/filemap.c: folio_unlock() (VM_BUG_ON_FOLIO: not locked)',
  ],
  ['folio_lock', 'folio_trylock', 'folio_unlock'],
);
