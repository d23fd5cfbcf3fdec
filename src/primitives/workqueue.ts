/**
 * Work queues: work items that run later, each in one worker at a time. Used by models, through `m.workqueue`.
 *
 * Source: kernel/workqueue.c and Documentation/core-api/workqueue.rst (v6.12). Queueing an item that is pending already does
 * nothing; one that runs may be queued again, and then runs again; it never runs in two workers. Each item has an actor, a
 * daemon; which of several that are pending starts first is free, also where `maxActive` is 1. Delays are as long as one
 * likes, so queue_delayed_work() is queue_work(). A worker that does not get to the end of an item is a deadlock.
 */

import type { Cell } from '../core/ops/cell.js';
import { compute, waitUntil } from '../core/ops/choice.js';
import { type Latch, LatchMode } from '../core/ops/latch.js';
import { atomic, here, type Routine, type Steps } from '../core/ops/routine.js';

/** Those that wait for the run that is under way, or next if there is none; and for the one behind it. */
const THIS_RUN = 1;
const NEXT_RUN = 2;

/** A work item: struct work_struct. */
export class WorkItem {
  constructor(
    readonly name: string,
    /** Whether it is queued and has not begun. */
    readonly pending: Cell,
    readonly running: Cell,
    /** How many cancel it now: nobody can queue it meanwhile. */
    readonly cancelling: Cell,
    /** Who waits for it to end. */
    readonly flushers: Latch,
  ) {}

  /** queue_work(), queue_delayed_work(): false if it was pending already, or is being cancelled. */
  *queue(): Routine<boolean> {
    const queue = (values: number[]): boolean => {
      if (values[0] === 1 || values[1] > 0) return false;
      values[0] = 1;
      return true;
    };
    const label = `queue_work(${this.name})`;
    return yield* compute<boolean>(label, [this.pending, this.cancelling], queue, { writes: true, result: 'boolean' });
  }

  /**
   * flush_work(): waits until what was queued last has run to its end. Returns whether it had to wait. Within the item
   * itself it waits for ever.
   */
  *flush(): Routine<boolean> {
    const { flushers, name, pending, running } = this;
    const waits = yield* atomic(`flush_work(${name})`, function* () {
      const runs = (yield* running.read()) === 1;
      const isPending = (yield* pending.read()) === 1;
      if (!runs && !isPending) return false;
      yield* flushers.op('waits for %', { mode: LatchMode.Wait, set: runs && isPending ? NEXT_RUN : THIS_RUN });
      return true;
    });
    if (waits) yield* flushers.op(`flush_work(${name}): until it ends`, { mode: LatchMode.Await });
    return waits;
  }

  /** cancel_work(): it does not run again unless it is queued again; a run that is under way goes on. Whether it was pending. */
  *cancel(): Routine<boolean> {
    const item = this;
    return yield* atomic(`cancel_work(${this.name})`, function* () {
      return yield* item.#unqueue((yield* item.running.read()) === 1);
    });
  }

  /** cancel_work_sync(): the same, and waits for the run that is under way; nobody can queue it before that has ended. */
  *cancelSync(): Routine<boolean> {
    const item = this;
    const { cancelling, flushers, name, running } = this;
    const done = yield* atomic(`cancel_work_sync(${name})`, function* () {
      const runs = (yield* running.read()) === 1;
      const wasPending = yield* item.#unqueue(runs);
      if (runs) {
        yield* cancelling.add(1);
        yield* flushers.op('waits for %', { mode: LatchMode.Wait, set: THIS_RUN });
      }
      return (runs ? 2 : 0) + (wasPending ? 1 : 0);
    });
    if (done >= 2) {
      yield* flushers.op(`cancel_work_sync(${name}): until it ends`, { mode: LatchMode.Await });
      yield* cancelling.add(-1).named(`cancel_work_sync(${name}): over`);
    }
    return done % 2 === 1;
  }

  /** What the worker runs: for ever, one run of the item after the other, while `slots` has room. */
  *work(body: () => Steps<unknown>, slots: WorkSlots | undefined): Routine {
    const { flushers, name, pending, running } = this;
    const again = yield* here();
    yield* atomic(`${name} begins`, function* () {
      if (slots === undefined) {
        yield* pending.waitUntil(
          (queued) => queued === 1,
          () => 0,
        );
      } else {
        const { active, most } = slots;
        yield* waitUntil([pending, active], (queued, count) => queued === 1 && count < most, `${name} is queued`);
        yield* pending.write(0);
        yield* active.add(1);
      }
      yield* running.write(1);
    });
    yield* body();
    yield* atomic(`${name} ends`, function* () {
      yield* running.write(0);
      if (slots !== undefined) yield* slots.active.add(-1);
      const isPending = (yield* pending.read()) === 1;
      // Who waits for the next run waits on; without a next run nobody has to.
      yield* flushers.op('wake %', { mode: isPending ? LatchMode.Next : LatchMode.Drain });
    });
    return yield* again();
  }

  *#unqueue(runs: boolean): Routine<boolean> {
    const { flushers, pending } = this;
    const wasPending = (yield* pending.swap(0)) === 1;
    if (wasPending && !runs) yield* flushers.op('wake %', { mode: LatchMode.Drain });
    return wasPending;
  }
}

/** Where no more than so many items may run at a time. */
export interface WorkSlots {
  readonly active: Cell;
  readonly most: number;
}

/** struct workqueue_struct: items are declared with `work`. */
export class WorkQueue {
  readonly #items: WorkItem[] = [];

  /** @param declare makes the cells and the worker of an item, which is pending at the start or not */
  constructor(
    readonly name: string,
    readonly declare: (name: string, body: () => Steps<unknown>, isPending: boolean) => WorkItem,
  ) {}

  /** Declares a work item, and what it does. `pending`: it is queued at the start. */
  work(name: string, body: () => Steps<unknown>, options: { pending?: boolean } = {}): WorkItem {
    const item = this.declare(name, body, options.pending === true);
    this.#items.push(item);
    return item;
  }

  /** flush_workqueue(): waits for all items, one after the other, in the order of their declaration. */
  *flush(): Routine {
    for (const item of this.#items) yield* item.flush();
  }
}
