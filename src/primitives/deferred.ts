/**
 * Deferred work: an RCU callback, a work item, the final fput. A daemon actor takes refs from a small queue and runs a
 * routine on each. Used by models.
 */

import { ModelError } from '../core/errors.js';
import type { RefCellArray } from '../core/ops/cell.js';
import type { Op } from '../core/ops/op.js';
import type { Ref } from '../core/ops/ref.js';
import { atomic, here, type Routine } from '../core/ops/routine.js';
import { putLast, shifted } from './queue.js';

/**
 * A queue of refs with its worker: first in, first out, one item at a time, as the callbacks of one CPU and ordered
 * workqueues are. Where the kernel may run items side by side or in any order, model a worker for each.
 */
export class DeferredWork {
  readonly #shift: Op<void>;

  /** @param slots the queue; items move up to the lower slots */
  constructor(
    readonly name: string,
    readonly slots: RefCellArray,
  ) {
    this.#shift = shifted(name, slots);
  }

  /** call_rcu(), queue_work(): hands a ref to the worker. A full queue is a bound of the model and stops it. */
  *defer(item: Ref): Routine {
    const { slots, name } = this;
    yield* atomic(`defer to ${name}`, function* () {
      if (yield* putLast(slots, item)) return;
      throw new ModelError(`${name} has more than ${slots.region.count} items queued; raise its capacity`);
    });
  }

  /** What the worker runs: for ever, one item at a time. `wait` waits until the lowest slot holds an item. */
  *work(body: (item: Ref) => Routine<unknown>, wait: () => Routine): Routine {
    const { slots, name } = this;
    const shift = this.#shift;
    const again = yield* here();
    const item = yield* atomic(`take from ${name}`, function* () {
      yield* wait();
      const first = yield* slots.at(0).read();
      if (first === null) throw new ModelError(`${name} woke up for nothing`);
      yield* shift;
      return first;
    });
    yield* body(item);
    return yield* again();
  }
}
