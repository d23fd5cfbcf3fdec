/**
 * Completions: wait until something is over that may be over already. Used by models, through `m.completion`.
 *
 * Source: kernel/sched/completion.c and include/linux/completion.h (v6.12): a count of what was completed and not waited
 * for, which complete_all() sets to its maximum for good. It is counted under x->wait.lock, by the waker and by the waiter,
 * so each op is one step.
 */

import { type Cell, CellArray } from '../core/ops/cell.js';
import type { Op } from '../core/ops/op.js';
import type { Index } from '../core/ops/ref.js';

/** UINT_MAX of `done`, as far as a word goes. */
const ALL = 0x7fff_ffff;

const isDone = (done: number): boolean => done !== 0;
const consume = (done: number): number => (done === ALL ? done : done - 1);

/** struct completion; `cell` holds `done`. */
export class CompletionEvent {
  constructor(readonly cell: Cell) {}

  /** The completion of one object, where the completion is an array. */
  at(index: Index): CompletionEvent {
    return new CompletionEvent(new CellArray(this.cell.region).at(index));
  }

  /** complete(): lets one go on, now or later. */
  complete(): Op<void> {
    return this.cell.apply('complete(%)', 'none', { next: (done) => (done === ALL ? done : done + 1) });
  }

  /** complete_all(): lets all go on, until `reinit`. */
  completeAll(): Op<void> {
    return this.cell.apply('complete_all(%)', 'none', { next: () => ALL });
  }

  /** reinit_completion(): nothing is completed. */
  reinit(): Op<void> {
    return this.cell.apply('reinit_completion(%)', 'none', { next: () => 0 });
  }

  /** wait_for_completion() */
  wait(): Op<void> {
    return this.cell.waitUntil(isDone, consume).named('wait_for_completion(%)');
  }

  /** wait_for_completion_killable(): false (-ERESTARTSYS) when the task is killed while it waits. */
  waitKillable(): Op<boolean> {
    return this.#try('wait_for_completion_killable(%)');
  }

  /** wait_for_completion_interruptible(): false (-ERESTARTSYS) when a signal comes while it waits. */
  waitInterruptible(): Op<boolean> {
    return this.#try('wait_for_completion_interruptible(%)');
  }

  /** wait_for_completion_timeout(): false (0) when the time is over while it waits, which may be at any time. */
  waitTimeout(): Op<boolean> {
    return this.#try('wait_for_completion_timeout(%)');
  }

  /** try_wait_for_completion(): whether it was completed; does not wait. */
  tryWait(): Op<boolean> {
    return this.#try('try_wait_for_completion(%)');
  }

  /** completion_done(): whether it was completed more often than waited for; consumes nothing. */
  done(): Op<boolean> {
    return this.cell.apply('completion_done(%)', 'boolean', { result: (done) => (isDone(done) ? 1 : 0) });
  }

  #try(label: string): Op<boolean> {
    return this.cell.apply<boolean>(label, 'boolean', {
      next: (done) => (isDone(done) ? consume(done) : done),
      result: (done) => (isDone(done) ? 1 : 0),
    });
  }
}
