/** The lock variants behind one interface, so that one suite holds for all of them. */
import type { Ref } from '../../src/core/ops/ref.js';
import type { Routine } from '../../src/core/ops/routine.js';
import type { ModelBuilder } from '../../src/model/model-builder.js';

/** One mode of a lock, as the routine that holds `item` uses it. */
export interface Mode {
  lock(item: Ref): Routine;
  tryLock(item: Ref): Routine<boolean>;
  unlock(item: Ref): Routine;
}

/** A kind of lock. */
export interface LockVariant {
  readonly name: string;
  /** What traces call the operations: lock and unlock of the exclusive and, if there is one, the shared mode. */
  readonly labels: { readonly exclusive: readonly [string, string]; readonly shared?: readonly [string, string] };
  declare(m: ModelBuilder): { readonly exclusive: Mode; readonly shared?: Mode };
}

/** The folio lock is an array of mutexes that a ref picks from; the others are one lock each. */
export const lockVariants: readonly LockVariant[] = [
  {
    name: 'mutex',
    labels: { exclusive: ['mutex_lock(lock)', 'mutex_unlock(lock)'] },
    declare(m) {
      const lock = m.mutex('lock');
      return { exclusive: modeOf(() => [lock.lock(), lock.trylock(), lock.unlock()]) };
    },
  },
  {
    name: 'folio lock',
    labels: { exclusive: ['folio_lock(lock)', 'folio_unlock(lock)'] },
    declare(m) {
      const labels = { lock: 'folio_lock(%)', trylock: 'folio_trylock(%)', unlock: 'folio_unlock(%)' };
      const locks = m.mutex('lock', { count: 2, labels });
      return {
        exclusive: modeOf((item) => [locks.at(item).lock(), locks.at(item).trylock(), locks.at(item).unlock()]),
      };
    },
  },
  {
    name: 'rwsem',
    labels: { exclusive: ['down_write(lock)', 'up_write(lock)'], shared: ['down_read(lock)', 'up_read(lock)'] },
    declare(m) {
      const lock = m.rwsem('lock');
      return {
        exclusive: modeOf(() => [lock.downWrite(), lock.downWriteTrylock(), lock.upWrite()]),
        shared: modeOf(() => [lock.downRead(), lock.downReadTrylock(), lock.upRead()]),
      };
    },
  },
  {
    name: 'rwlock',
    labels: { exclusive: ['write_lock(lock)', 'write_unlock(lock)'], shared: ['read_lock(lock)', 'read_unlock(lock)'] },
    declare(m) {
      const lock = m.rwlock('lock');
      return {
        exclusive: modeOf(() => [lock.writeLock(), lock.writeTrylock(), lock.writeUnlock()]),
        shared: modeOf(() => [lock.readLock(), lock.readTrylock(), lock.readUnlock()]),
      };
    },
  },
];

type Step<T> = Iterable<unknown, T, unknown>;

/** Ops are made anew for each use, because a rwsem's down_write is a routine that runs but once. */
function modeOf(steps: (item: Ref) => [lock: Step<void>, tryLock: Step<boolean>, unlock: Step<void>]): Mode {
  return {
    *lock(item) {
      yield* steps(item)[0] as Routine;
    },
    *tryLock(item) {
      return yield* steps(item)[1] as Routine<boolean>;
    },
    *unlock(item) {
      yield* steps(item)[2] as Routine;
    },
  };
}
