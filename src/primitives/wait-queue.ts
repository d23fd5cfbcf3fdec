/**
 * Wait queues: who waits puts itself into the queue, looks at its condition, and sleeps unless it was woken since. Used by
 * models, through `m.waitQueue`.
 *
 * Source: kernel/sched/wait.c and include/linux/wait.h (v6.12). Entries are removed by who wakes them
 * (autoremove_wake_function()), so who is in the queue has not been woken since it put itself there; a wake-up that comes
 * between prepare_to_wait() and schedule() is not lost, and one that comes before is. A wake_up() wakes all who wait
 * without WQ_FLAG_EXCLUSIVE and the first of those with it: these stand in line, first come first served.
 */

import { type Latch, LatchMode } from '../core/ops/latch.js';
import type { Op } from '../core/ops/op.js';
import { atomic, here, type Routine, type Steps } from '../core/ops/routine.js';

/** One side of a wait queue: how a task waits, alone in its turn or together with all others. */
export interface WaitQueueSide {
  /** prepare_to_wait(), prepare_to_wait_exclusive(): into the queue, unless the task is there already. */
  prepare(): Op<void>;
  /** schedule(): sleeps until it was woken since it prepared; who has not prepared goes on. */
  schedule(): Op<void>;
  /**
   * schedule_timeout(), or an interruptible sleep: it may end at any time. Returns whether it was woken; if not, the task is
   * out of the queue.
   */
  scheduleTimeout(): Routine<boolean>;
  /** finish_wait(): out of the queue, whether it was woken or not. */
  finish(): Op<void>;
  /** wait_event(): waits until the condition holds, which is asked in the queue, before the first sleep and after each. */
  waitEvent(condition: () => Steps<boolean>): Routine;
  /**
   * wait_event_interruptible(), wait_event_killable(), wait_event_timeout(): the same, but a sleep may end at any time; then
   * the condition is asked once more, out of the queue. Returns whether it held.
   */
  waitEventInterruptible(condition: () => Steps<boolean>): Routine<boolean>;
}

/** struct wait_queue_head. Waits are not exclusive; those of `exclusive` are. */
export class WaitQueue implements WaitQueueSide {
  readonly #side: Side;
  /** Waits that are woken one at a time. */
  readonly exclusive: WaitQueueSide;

  /**
   * @param waiting who waits without its turn
   * @param line who waits for its turn: a word a place
   */
  constructor(
    readonly name: string,
    readonly waiting: Latch,
    readonly line: Latch,
  ) {
    this.#side = new Side(name, waiting, '');
    this.exclusive = new Side(name, line, '_exclusive');
  }

  prepare(): Op<void> {
    return this.#side.prepare();
  }

  schedule(): Op<void> {
    return this.#side.schedule();
  }

  scheduleTimeout(): Routine<boolean> {
    return this.#side.scheduleTimeout();
  }

  finish(): Op<void> {
    return this.#side.finish();
  }

  waitEvent(condition: () => Steps<boolean>): Routine {
    return this.#side.waitEvent(condition);
  }

  waitEventInterruptible(condition: () => Steps<boolean>): Routine<boolean> {
    return this.#side.waitEventInterruptible(condition);
  }

  /** wake_up(): wakes all whose wait is not exclusive, and one whose wait is; one step. */
  *wakeUp(): Routine {
    yield* this.#wake(`wake_up(${this.name})`, 1);
  }

  /** wake_up_nr(): the same with so many whose wait is exclusive. */
  *wakeUpNr(exclusive: number): Routine {
    yield* this.#wake(`wake_up_nr(${this.name}, ${exclusive})`, exclusive);
  }

  /** wake_up_all() */
  *wakeUpAll(): Routine {
    const { line, waiting, name } = this;
    yield* atomic(`wake_up_all(${name})`, function* () {
      yield* waiting.op('wake %', { mode: LatchMode.Drain });
      yield* line.op('wake %', { mode: LatchMode.Drain });
    });
  }

  /** waitqueue_active(): whether anybody is in the queue; one step. */
  *isActive(): Routine<boolean> {
    const { line, waiting, name } = this;
    return yield* atomic(`waitqueue_active(${name})`, function* () {
      const none = yield* waiting.op<boolean>('% is empty', { mode: LatchMode.Try, empty: 1 });
      return !none || !(yield* line.op<boolean>('% is empty', { mode: LatchMode.Try, empty: 1 }));
    });
  }

  *#wake(label: string, exclusive: number): Routine {
    const { line, waiting } = this;
    yield* atomic(label, function* () {
      yield* waiting.op('wake %', { mode: LatchMode.Drain });
      for (let woken = 0; woken < exclusive; woken++) {
        if (!(yield* line.op<boolean>('wake the first of %', { mode: LatchMode.Next }))) return;
      }
    });
  }
}

/** The waits of one side, whose latch says who is in the queue. */
export class Side implements WaitQueueSide {
  constructor(
    readonly name: string,
    readonly latch: Latch,
    readonly suffix: '' | '_exclusive',
  ) {}

  prepare(): Op<void> {
    const { latch, name, suffix } = this;
    const label = `prepare_to_wait${suffix}(${name})`;
    // Who waits together with all others needs no place.
    return latch.op(label, suffix === '' ? { mode: LatchMode.Wait, set: 1 } : { mode: LatchMode.Join });
  }

  schedule(): Op<void> {
    return this.latch.op(`schedule(${this.name})`, { mode: LatchMode.Await });
  }

  *scheduleTimeout(): Routine<boolean> {
    return !(yield* this.latch.op<boolean>(`schedule_timeout(${this.name})`, { mode: LatchMode.Quit }));
  }

  finish(): Op<void> {
    const { latch, name, suffix } = this;
    const label = `finish_wait(${name})`;
    if (suffix === '') return latch.op(label, { mode: LatchMode.Wait, clear: 1 });
    return latch.op<boolean>(label, { mode: LatchMode.Quit }) as Op<unknown> as Op<void>;
  }

  *waitEvent(condition: () => Steps<boolean>): Routine {
    const again = yield* here();
    yield* this.prepare();
    if (yield* condition()) {
      yield* this.finish();
      return;
    }
    yield* this.schedule();
    yield* again();
  }

  *waitEventInterruptible(condition: () => Steps<boolean>): Routine<boolean> {
    const again = yield* here();
    yield* this.prepare();
    if (yield* condition()) {
      yield* this.finish();
      return true;
    }
    if (yield* this.scheduleTimeout()) return yield* again();
    // Out of the queue it looks once more: who was woken must not fail (prepare_to_wait_event()).
    return yield* condition();
  }
}
