/**
 * Condition variables: give the mutex back and wait, in one step; go on when somebody signals. Used by models, through
 * `m.condition`.
 *
 * A signal wakes any one of those who wait when it comes, and is lost when nobody does; who comes later is never woken by it
 * (POSIX pthread_cond_signal(3); java.util.concurrent.locks.Condition; the C++ standard, thread.condition). No word says who
 * waits: the signaller hands over so many wake-ups, and until these are taken nobody else may begin to wait. Taking one is a
 * step of the waiter that touches nothing else and can be taken at any time, so every run of the real thing is one of these.
 */

import { ModelError } from '../core/errors.js';
import type { Cell } from '../core/ops/cell.js';
import { compute } from '../core/ops/choice.js';
import type { Op } from '../core/ops/op.js';
import { atomic, type Routine } from '../core/ops/routine.js';
import type { Mutex } from './lock.js';

/** What a condition variable may do beyond what it must. */
export interface ConditionTraits {
  /** The mutex that waits give back, unless they name another. */
  readonly mutex?: Mutex | undefined;
  /** Waits may also end although nobody signalled, as POSIX and Java allow. Default false. */
  readonly spurious?: boolean | undefined;
}

/** A condition variable. */
export class Condition {
  constructor(
    readonly name: string,
    /** How many wait and have no wake-up. */
    readonly waiting: Cell,
    /** Wake-ups that were handed over and are not taken yet. */
    readonly woken: Cell,
    readonly traits: ConditionTraits = {},
  ) {}

  /** pthread_cond_wait(): gives the mutex back and waits in one step; holds the mutex again when it returns. */
  *wait(mutex?: Mutex): Routine {
    const lock = this.#mutex(mutex);
    yield* this.#begin(lock, `cond_wait(${this.name})`);
    if (this.traits.spurious === true) yield* this.#giveUp(`cond_wait(${this.name}): wakes up`);
    else {
      const wakes = this.woken.waitUntil(
        (handed) => handed > 0,
        (handed) => handed - 1,
      );
      yield* wakes.named(`cond_wait(${this.name}): wakes up`);
    }
    yield* lock.lock();
  }

  /**
   * pthread_cond_timedwait(): the same, but the time may be over at any moment, or somebody interrupts it. Returns whether it
   * was signalled; false is ETIMEDOUT.
   */
  *waitTimed(mutex?: Mutex): Routine<boolean> {
    const lock = this.#mutex(mutex);
    yield* this.#begin(lock, `cond_timedwait(${this.name})`);
    const signalled = yield* this.#giveUp(`cond_timedwait(${this.name}): wakes up`);
    yield* lock.lock();
    return signalled;
  }

  /** pthread_cond_signal(), notify(): wakes one of those who wait, whichever; nobody if nobody waits. One step. */
  signal(): Op<void> {
    return this.#hand('cond_signal', 1);
  }

  /** pthread_cond_broadcast(), notifyAll(): wakes all who wait. One step. */
  broadcast(): Op<void> {
    return this.#hand('cond_broadcast', Number.POSITIVE_INFINITY);
  }

  #hand(label: string, most: number): Op<void> {
    const hand = (values: number[]): void => {
      const handed = Math.min(most, values[0]);
      values[0] -= handed;
      values[1] += handed;
    };
    return compute<void>(`${label}(${this.name})`, [this.waiting, this.woken], hand, { writes: true });
  }

  *#begin(lock: Mutex, label: string): Routine {
    const { waiting, woken } = this;
    yield* atomic(label, function* () {
      yield* woken.waitUntil((handed) => handed === 0);
      yield* lock.unlock();
      yield* waiting.add(1);
    });
  }

  /** Takes a wake-up, or gives up waiting if there is none: the environment's choice is when this step is taken. */
  #giveUp(label: string): Op<boolean> {
    return compute<boolean>(
      label,
      [this.waiting, this.woken],
      (values) => {
        const isWoken = values[1] > 0;
        values[isWoken ? 1 : 0]--;
        return isWoken;
      },
      { writes: true, result: 'boolean' },
    );
  }

  #mutex(mutex = this.traits.mutex): Mutex {
    if (mutex !== undefined) return mutex;
    throw new ModelError(`${this.name}.wait() names no mutex: hand it one, or declare m.condition(name, { mutex })`);
  }
}
