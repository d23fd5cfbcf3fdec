/**
 * SRCU: read sections that a writer can wait out (kernel/rcu/srcutree.c, reduced to one index flip).
 *
 * The flip and the reader's entry are atomic here, so one flip is exact where the kernel needs two for its unordered
 * counters. Read sections nest, under one index or under both: an actor has its bit in as many words of an index as it
 * is in sections that began under it. Used by models.
 */

import { ModelError } from '../core/errors.js';
import type { Cell } from '../core/ops/cell.js';
import { type Latch, LatchMode } from '../core/ops/latch.js';
import type { LockRole, LockUse } from '../core/ops/op.js';
import { atomic, type Routine } from '../core/ops/routine.js';
import { valueText } from '../core/ops/word-value.js';
import type { Mutex } from './lock.js';

const ROLES: readonly LockRole[] = ['reader'];

/** A domain of sleepable read sections. */
export class Srcu {
  constructor(
    readonly name: string,
    readonly index: Cell,
    /** Readers that entered under index 0 and 1. */
    readonly readers: readonly [Latch, Latch],
    readonly gracePeriod: Mutex,
    /** What traces call it. */
    readonly kind: 'srcu' | 'rcu' = 'srcu',
  ) {}

  /** srcu_read_lock(): returns the index to unlock with. A section may begin in another. */
  *readLock(): Routine<number> {
    const { index, name, readers } = this;
    const use = this.use;
    return yield* atomic(`srcu_read_lock(${name})`, function* () {
      const current = yield* index.read();
      const label = `srcu_read_lock(${name})`;
      yield* readersOf(readers, current).op<void>(label, { mode: LatchMode.Enter }, use('acquire', 'read'));
      return current;
    });
  }

  /** srcu_read_unlock() */
  *readUnlock(index: number): Routine {
    yield* readersOf(this.readers, index).op<void>(
      `srcu_read_unlock(${this.name})`,
      { mode: LatchMode.Leave },
      this.use('release', 'read'),
      'it is in no such read section',
    );
  }

  /** synchronize_srcu(): waits for every read section that had begun. */
  *synchronize(): Routine {
    const { index, name } = this;
    yield* this.gracePeriod.lock();
    // A section, although it is one op: on real threads only sections keep out of each other's way, and a reader that
    // has read the index must not enter when the writer has looked already.
    const old = yield* atomic(`flip ${name}`, function* () {
      return yield* index.apply<number>(`flip ${name}`, 'number', {
        next: (value) => 1 - value,
        result: (value) => value,
      });
    });
    yield* readersOf(this.readers, old).op<void>(
      `synchronize_${this.kind}(${this.name})`,
      { mode: LatchMode.Wait, empty: 1 },
      this.use('acquire', 'write'),
    );
    yield* this.gracePeriod.unlock();
  }

  /** What an op of the read sections says of them. */
  readonly use = (action: LockUse['action'], mode: LockUse['mode']): Omit<LockUse, 'name'> => {
    return { action, mode, roles: ROLES, of: this.name };
  };
}

function readersOf(readers: readonly [Latch, Latch], index: number): Latch {
  const latch = readers[index];
  if (latch !== undefined) return latch;
  const { name } = readers[0].region;
  throw new ModelError(`${name} has no neighbour ${valueText(index)}; readUnlock() takes what readLock() returned`);
}
