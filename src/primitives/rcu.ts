/**
 * RCU: read sections that nobody has to wait in, grace periods, and callbacks behind them. Used by models, through `m.rcu`
 * and `m.rcuCallbacks`.
 *
 * Source: Documentation/RCU/whatisRCU.rst, kernel/rcu/tree.c (v6.12): synchronize_rcu() waits for every read section that
 * had begun, and for no later one. It is that of SRCU (srcu.ts), whose two indexes tell the former from the latter; a section
 * in another one belongs to the outermost.
 */

import { ModelError } from '../core/errors.js';
import type { RefCellArray } from '../core/ops/cell.js';
import { LatchMode } from '../core/ops/latch.js';
import type { Identity, Ref } from '../core/ops/ref.js';
import { atomic, here, type Routine, type Steps } from '../core/ops/routine.js';
import { FifoQueue } from './queue.js';
import type { Srcu } from './srcu.js';

/** A domain of read sections. */
export class Rcu {
  constructor(
    readonly name: string,
    readonly srcu: Srcu,
  ) {}

  /** rcu_read_lock(): never waits. Sections nest. */
  *readLock(): Routine {
    const { name, srcu } = this;
    const label = `rcu_read_lock(${name})`;
    yield* atomic(label, function* () {
      const [first, second] = srcu.readers;
      const enter = { mode: LatchMode.Enter };
      const use = srcu.use('acquire', 'read');
      if (yield* first.op<boolean>('in a section?', { mode: LatchMode.Test, mine: 1 }, srcu.use('try', 'read')))
        yield* first.op(label, enter, use);
      else if (yield* second.op<boolean>('in a section?', { mode: LatchMode.Test, mine: 1 }, srcu.use('try', 'read')))
        yield* second.op(label, enter, use);
      else yield* srcu.readers[(yield* srcu.index.read()) === 0 ? 0 : 1].op(label, enter, use);
    });
  }

  /** rcu_read_unlock() */
  *readUnlock(): Routine {
    const { name, srcu } = this;
    const label = `rcu_read_unlock(${name})`;
    yield* atomic(label, function* () {
      const [first, second] = srcu.readers;
      const isFirst = yield* first.op<boolean>(
        'in a section?',
        { mode: LatchMode.Test, mine: 1 },
        srcu.use('try', 'read'),
      );
      const readers = isFirst ? first : second;
      yield* readers.op(label, { mode: LatchMode.Leave }, srcu.use('release', 'read'), 'it is in no read section');
    });
  }

  /** synchronize_rcu(): waits for every read section that had begun; in one's own, for ever. */
  synchronize(): Routine {
    return this.srcu.synchronize();
  }
}

/**
 * call_rcu() with its callbacks: one after the other, each behind a grace period of its own. The kernel lets callbacks of one
 * grace period run side by side on different CPUs; declare several of these for that.
 */
export class RcuCallbacks {
  readonly #queue: FifoQueue;

  constructor(
    readonly name: string,
    readonly rcu: Rcu,
    readonly slots: RefCellArray,
  ) {
    this.#queue = new FifoQueue(name, slots);
  }

  /** call_rcu(): never waits. A full queue is a bound of the model and stops it (ModelError). */
  call(item: Ref | Identity): Routine {
    return this.#queue.add(item);
  }

  /** rcu_barrier(): waits until no callback is left, those that others have queued meanwhile among them. */
  *barrier(): Routine {
    yield* this.#queue.drained(`rcu_barrier(${this.name})`);
  }

  /** What the daemon runs: for ever, one callback at a time. */
  *work(callback: (item: Ref) => Steps<unknown>): Routine {
    const again = yield* here();
    const item = yield* this.#queue.first();
    if (item === null) throw new ModelError(`${this.name} woke up for nothing`);
    yield* this.rcu.synchronize();
    yield* callback(item);
    yield* this.#queue.drop();
    return yield* again();
  }
}
