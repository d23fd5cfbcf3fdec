/**
 * Deferred work: an RCU callback, a work item, the final fput. A daemon actor takes refs from a small queue and runs a
 * routine on each. Used by models.
 */

import type { RefCellArray } from '../core/cell.js';
import { ModelError } from '../core/errors.js';
import type { Ref } from '../core/ref.js';
import { atomic, here, type Routine } from '../core/routine.js';

/** A queue of refs with its worker. Slots are interchangeable: the order of work items is free. */
export class DeferredWork {
  constructor(
    readonly name: string,
    readonly slots: RefCellArray,
  ) {}

  /** call_rcu(), queue_work(): hands a ref to the worker. A full queue is a bound of the model and stops it. */
  *defer(item: Ref): Routine {
    const { slots, name } = this;
    yield* atomic(`defer to ${name}`, function* () {
      for (let slot = 0; slot < slots.region.count; slot++) {
        if (yield* slots.at(slot).cmpxchg(null, item)) return;
      }
      throw new ModelError(`${name} has more than ${slots.region.count} items queued; raise its capacity`);
    });
  }

  /** What the worker runs: for ever, one item at a time. */
  *work(body: (item: Ref) => Routine<unknown>, wait: () => Routine): Routine {
    const { slots, name } = this;
    const again = yield* here();
    const item = yield* atomic(`take from ${name}`, function* () {
      yield* wait();
      for (let slot = 0; slot < slots.region.count; slot++) {
        const found = yield* slots.at(slot).read();
        if (found === null) continue;
        yield* slots.at(slot).write(null);
        return found;
      }
      throw new ModelError(`${name} woke up for nothing`);
    });
    yield* body(item);
    return yield* again();
  }
}
