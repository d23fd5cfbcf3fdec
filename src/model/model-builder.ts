/**
 * The builder that models see: the core's cells, objects, actors and checks, and the kernel's primitives.
 */

import { ModelError } from '../core/errors.js';
import type { Domain, Ref } from '../core/ops/ref.js';
import type { Routine } from '../core/ops/routine.js';
import { isWord, valueText } from '../core/ops/word-value.js';
import { ProgramBuilder } from '../core/program/program-builder.js';
import { Barrier } from '../primitives/barrier.js';
import { CellLock } from '../primitives/cell-lock.js';
import { CompletionEvent } from '../primitives/completion.js';
import { Condition, type ConditionTraits } from '../primitives/condition.js';
import { DeferredWork } from '../primitives/deferred.js';
import { type LockPromises, Mutex, type MutexLabels, RwLock, RwSem } from '../primitives/lock.js';
import { FifoQueue } from '../primitives/queue.js';
import { RefCount } from '../primitives/refcount.js';
import { Semaphore } from '../primitives/semaphore.js';
import { Srcu } from '../primitives/srcu.js';
import { Token } from '../primitives/token.js';
import { WaitQueue } from '../primitives/wait-queue.js';

/** Read sections of one SRCU domain that a task may be in at a time under one index, unless the model says otherwise. */
const NESTING = 4;
/** The most it may say: each is a word of the state. */
const MOST_NESTING = 32;

/** Places in a line, unless the model says otherwise, and the most it may say: each is a word of the state. */
const LINE = 4;
const MOST_LINE = 32;

const SPINLOCK: MutexLabels = { lock: 'spin_lock(%)', trylock: 'spin_trylock(%)', unlock: 'spin_unlock(%)' };

/** Declares the parts of a model. */
export class ModelBuilder extends ProgramBuilder {
  /** struct mutex; with `count`, an array of them (`.at(ref)`). `labels` renames its ops, for the folio lock say. */
  mutex(name: string, options: { count?: number; labels?: MutexLabels } & LockPromises = {}): Mutex {
    return new Mutex(this.latch(name, { count: options.count ?? 1 }), options.labels, options);
  }

  /** spinlock_t, in process context (interrupts are not modelled); with `count`, an array of them (`.at(ref)`). */
  spinlock(name: string, options: { count?: number } & LockPromises = {}): Mutex {
    return this.mutex(name, { ...options, labels: SPINLOCK });
  }

  /** A lock that the model makes of cells itself: its ops are marked, so that reports name who holds it. */
  cellLock(name: string): CellLock {
    return new CellLock(name);
  }

  /** A counting semaphore that lets `count` in, 1 unless said otherwise. */
  semaphore(name: string, options: { count?: number } = {}): Semaphore {
    const count = numberOf(options.count ?? 1, 0, `semaphore("${name}") lets in`);
    return new Semaphore(this.cell(name, { initial: count }), name);
  }

  /** struct completion, not completed; with `count`, an array of them (`.at(ref)`). */
  completion(name: string, options: { count?: number } = {}): CompletionEvent {
    return new CompletionEvent(options.count === undefined ? this.cell(name) : this.cells(name, options.count).at(0));
  }

  /** A condition variable. `mutex` is what its waits give back; `spurious`: they may end although nobody signalled. */
  condition(name: string, options: ConditionTraits = {}): Condition {
    return new Condition(name, this.cell(name), this.cell(`${name}.woken`), options);
  }

  /** A barrier for so many parties, which begins anew whenever all have come. */
  barrier(name: string, options: { parties: number }): Barrier {
    const parties = numberOf(options?.parties, 1, `barrier("${name}") is for parties:`);
    return new Barrier(name, parties, this.cell(name), this.cell(`${name}.round`));
  }

  /** struct wait_queue_head. `exclusive` is how many can wait for their turn at a time, 4 unless said otherwise. */
  waitQueue(name: string, options: { exclusive?: number } = {}): WaitQueue {
    const width = numberOf(options.exclusive ?? LINE, 1, `waitQueue("${name}") has places:`, MOST_LINE);
    return new WaitQueue(name, this.latch(name), this.latch(`${name}.exclusive`, { width }));
  }

  /** A queue of refs into a domain, first in, first out. `capacity` is its room; all of the domain unless said otherwise. */
  queue(name: string, domain: Domain, options: { capacity?: number } = {}): FifoQueue {
    return new FifoQueue(name, this.cells(name, options.capacity ?? domain.count, { refTo: domain }));
  }

  /** struct rw_semaphore */
  rwsem(name: string, options: LockPromises = {}): RwSem {
    return new RwSem(this.latch(name, { width: 3 }), options);
  }

  /**
   * rwlock_t. `queued: false` leaves out who waits, for fewer states, where nobody tries the lock: readers may then overtake
   * writers.
   */
  rwlock(name: string, options: { queued?: boolean } & LockPromises = {}): RwLock {
    return new RwLock(this.latch(name, { width: options.queued === false ? 2 : 3 }), options);
  }

  /** A sequence count that is only compared for equality; with `count`, an array of them (`.at(ref)`). */
  token(name: string, options: { count?: number } = {}): Token {
    return new Token(this.latch(name, { count: options.count ?? 1, full: true }), name);
  }

  /** A domain of sleepable read sections, of which a task may be in `nesting` at a time under each of the two indexes. */
  srcu(name: string, options: { nesting?: number } = {}): Srcu {
    const width = nestingOf(name, options.nesting ?? NESTING);
    const readers = [this.latch(`${name}.readers[0]`, { width }), this.latch(`${name}.readers[1]`, { width })] as const;
    const index = this.cell(`${name}.index`);
    // Whoever asks for a grace period gets one: the kernel queues them (srcu_gp_start_if_needed(), kernel/rcu/srcutree.c).
    const gracePeriod = new Mutex(this.latch(`${name}.grace_period`), undefined, { fair: true, of: name });
    return new Srcu(name, index, readers, gracePeriod);
  }

  /** A reference count. */
  refcount(name: string, options: { initial?: number } = {}): RefCount {
    return new RefCount(this.cell(name, { initial: options.initial ?? 1 }));
  }

  /** A daemon that runs `body` on each ref handed to it with `defer`. `capacity` bounds the queue. */
  deferred(
    name: string,
    domain: Domain,
    body: (item: Ref) => Routine<unknown>,
    options: { capacity?: number } = {},
  ): DeferredWork {
    const slots = this.cells(`${name}.queue`, options.capacity ?? domain.count, { refTo: domain });
    const work = new DeferredWork(name, slots);
    const m = this;
    function* wait(): Routine {
      yield* m.waitUntil([slots.at(0)], (first) => first !== 0);
    }
    this.actor(name, () => work.work(body, wait), { daemon: true });
    return work;
  }
}

function numberOf(value: unknown, least: number, what: string, most = Number.POSITIVE_INFINITY): number {
  if (isWord(value) && value >= least && value <= most) return value;
  const bound = most === Number.POSITIVE_INFINITY ? '' : ` and at most ${most}`;
  throw new ModelError(`${what} ${valueText(value)}; that is a whole number, at least ${least}${bound}`);
}

function nestingOf(name: string, nesting: unknown): number {
  if (isWord(nesting) && nesting >= 1 && nesting <= MOST_NESTING) return nesting;
  throw new ModelError(
    `srcu("${name}") nests ${valueText(nesting)} deep; that is a whole number from 1 to ${MOST_NESTING}`,
  );
}
