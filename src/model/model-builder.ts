/**
 * The builder that models see: the core's cells, objects, actors and checks, and the kernel's primitives.
 */

import { ModelError } from '../core/errors.js';
import { refuseUnknownOptions } from '../core/known-options.js';
import type { CellArray } from '../core/ops/cell.js';
import type { Latch } from '../core/ops/latch.js';
import type { Domain, Ref } from '../core/ops/ref.js';
import type { Routine, Steps } from '../core/ops/routine.js';
import { isWord, valueText } from '../core/ops/word-value.js';
import { ProgramBuilder } from '../core/program/program-builder.js';
import { Barrier } from '../primitives/barrier.js';
import { CellLock } from '../primitives/cell-lock.js';
import { CompletionEvent } from '../primitives/completion.js';
import { Condition, type ConditionTraits } from '../primitives/condition.js';
import { DeferredWork } from '../primitives/deferred.js';
import { Mutex, type MutexLabels, RwSem } from '../primitives/lock.js';
import type { LockPromises } from '../primitives/lock-use.js';
import { FifoQueue } from '../primitives/queue.js';
import { Rcu, RcuCallbacks } from '../primitives/rcu.js';
import { RefCount } from '../primitives/refcount.js';
import { RwLock } from '../primitives/rwlock.js';
import { Semaphore } from '../primitives/semaphore.js';
import { SeqCount, SeqLock } from '../primitives/seqlock.js';
import { SpawnedActor } from '../primitives/spawned.js';
import { Srcu } from '../primitives/srcu.js';
import { notedRoutines } from '../primitives/to-be-yielded.js';
import { Token } from '../primitives/token.js';
import { Side, WaitQueue } from '../primitives/wait-queue.js';
import { WorkItem, WorkQueue, type WorkSlots } from '../primitives/workqueue.js';

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
    takes('mutex', name, options, ['count', 'labels', 'fair', 'of']);
    return new Mutex(this.latch(name, { count: options.count ?? 1 }), options.labels, options);
  }

  /** spinlock_t, in process context (interrupts are not modelled); with `count`, an array of them (`.at(ref)`). */
  spinlock(name: string, options: { count?: number } & LockPromises = {}): Mutex {
    takes('spinlock', name, options, ['count', 'fair', 'labels', 'of']);
    return this.mutex(name, { ...options, labels: SPINLOCK });
  }

  /** A lock that the model makes of cells itself: its ops are marked, so that reports name who holds it. */
  cellLock(name: string): CellLock {
    return new CellLock(name);
  }

  /** A counting semaphore that lets `count` in, 1 unless said otherwise. */
  semaphore(name: string, options: { count?: number } = {}): Semaphore {
    takes('semaphore', name, options, ['count']);
    const count = numberOf(options.count ?? 1, 0, `semaphore("${name}") lets in`);
    return new Semaphore(this.cell(name, { initial: count }), name, count);
  }

  /** struct completion, not completed; with `count`, an array of them (`.at(ref)`). */
  completion(name: string, options: { count?: number } = {}): CompletionEvent {
    takes('completion', name, options, ['count']);
    return new CompletionEvent(options.count === undefined ? this.cell(name) : this.cells(name, options.count).at(0));
  }

  /** A condition variable. `mutex` is what its waits give back; `spurious`: they may end although nobody signalled. */
  condition(name: string, options: ConditionTraits = {}): Condition {
    takes('condition', name, options, ['mutex', 'spurious']);
    return new Condition(name, this.cell(name), this.cell(`${name}.woken`), options);
  }

  /** A barrier for so many parties, which begins anew whenever all have come. */
  barrier(name: string, options: { parties: number }): Barrier {
    takes('barrier', name, options, ['parties']);
    const parties = numberOf(options?.parties, 1, `barrier("${name}") is for parties:`);
    return new Barrier(name, parties, this.cell(name), this.cell(`${name}.round`));
  }

  /** struct wait_queue_head. `exclusive` is how many can wait for their turn at a time, 4 unless said otherwise. */
  waitQueue(name: string, options: { exclusive?: number } = {}): WaitQueue {
    takes('waitQueue', name, options, ['exclusive']);
    const width = numberOf(options.exclusive ?? LINE, 1, `waitQueue("${name}") has places:`, MOST_LINE);
    return new WaitQueue(name, this.latch(name), this.latch(`${name}.exclusive`, { width }));
  }

  /** A queue of refs into a domain, first in, first out. `capacity` is its room; all of the domain unless said otherwise. */
  queue(name: string, domain: Domain, options: { capacity?: number } = {}): FifoQueue {
    takes('queue', name, options, ['capacity']);
    return new FifoQueue(name, this.cells(name, options.capacity ?? domain.count, { refTo: domain }));
  }

  /** struct rw_semaphore. `nesting`: read holds that a task may have at a time, where they are counted (`downReadCounted`). */
  rwsem(name: string, options: { nesting?: number } & LockPromises = {}): RwSem {
    takes('rwsem', name, options, ['nesting', 'fair', 'of']);
    return new RwSem(this.latch(name, { width: 3 }), options, this.#holds(name, options.nesting, 'rwsem'));
  }

  /**
   * rwlock_t. `queued: false` leaves out who waits, for fewer states, where nobody tries the lock: readers may then overtake
   * writers. `nesting`: read holds that a task may have at a time, where they are counted (`readLockCounted`,
   * `readLockRecursive`).
   */
  rwlock(name: string, options: { queued?: boolean; nesting?: number } & LockPromises = {}): RwLock {
    takes('rwlock', name, options, ['queued', 'nesting', 'fair', 'of']);
    const latch = this.latch(name, { width: options.queued === false ? 2 : 3 });
    return new RwLock(latch, options, this.#holds(name, options.nesting, 'rwlock'));
  }

  /** A sequence count that is only compared for equality; with `count`, an array of them (`.at(ref)`). */
  token(name: string, options: { count?: number } = {}): Token {
    takes('token', name, options, ['count']);
    return new Token(this.latch(name, { count: options.count ?? 1, full: true }), name);
  }

  /** A domain of sleepable read sections, of which a task may be in `nesting` at a time under each of the two indexes. */
  srcu(name: string, options: { nesting?: number } = {}): Srcu {
    takes('srcu', name, options, ['nesting']);
    return this.#readSections(name, 'srcu', nestingOf(name, options.nesting ?? NESTING));
  }

  /** A domain of RCU read sections, of which a task may be in `nesting` at a time, one in another. */
  rcu(name: string, options: { nesting?: number } = {}): Rcu {
    takes('rcu', name, options, ['nesting']);
    return new Rcu(name, this.#readSections(name, 'rcu', nestingOf(name, options.nesting ?? NESTING, 'rcu')));
  }

  /** call_rcu(): a daemon that runs `callback` on each ref handed to it, behind a grace period. `capacity` bounds the queue. */
  rcuCallbacks(
    name: string,
    rcu: Rcu,
    domain: Domain,
    callback: (item: Ref) => Steps<unknown>,
    options: { capacity?: number } = {},
  ): RcuCallbacks {
    takes('rcuCallbacks', name, options, ['capacity']);
    const slots = this.cells(`${name}.queue`, options.capacity ?? domain.count, { refTo: domain });
    const callbacks = new RcuCallbacks(name, rcu, slots);
    this.actor(name, () => callbacks.work(callback), { daemon: true });
    return callbacks;
  }

  /** seqcount_t. `bits`: it is a number of so many bits and wraps around, where it has no end else. */
  seqcount(name: string, options: { bits?: number } = {}): SeqCount {
    takes('seqcount', name, options, ['bits', 'fair']);
    const { bits } = options;
    if (bits === undefined) return new SeqCount(name, this.cell(name), this.token(`${name}.readers`), undefined);
    return new SeqCount(name, this.cell(name), undefined, numberOf(bits, 1, `the bits of "${name}" are`, 30));
  }

  /** seqlock_t: a sequence count with the spinlock of its writers. `bits` as in `seqcount`. */
  seqlock(name: string, options: { bits?: number } & LockPromises = {}): SeqLock {
    takes('seqlock', name, options, ['bits', 'fair']);
    return new SeqLock(name, this.seqcount(name, options), this.spinlock(`${name}.lock`, { fair: options.fair }));
  }

  /** A work queue; its items are declared with `.work(name, body)`. At most `maxActive` of them run at a time. */
  workqueue(name: string, options: { maxActive?: number } = {}): WorkQueue {
    takes('workqueue', name, options, ['maxActive']);
    let slots: WorkSlots | undefined;
    if (options.maxActive !== undefined) {
      const most = numberOf(options.maxActive, 1, `workqueue("${name}") has maxActive`);
      slots = { active: this.cell(`${name}.active`), most };
    }
    return new WorkQueue(name, (item, body, isPending) => {
      const pending = this.cell(`${item}.pending`, { initial: isPending ? 1 : 0 });
      const running = this.cell(`${item}.running`);
      const flushers = this.latch(`${item}.flushers`, { width: 2 });
      const work = new WorkItem(item, pending, running, this.cell(`${item}.cancelling`), flushers);
      this.actor(item, () => work.work(body, slots), { daemon: true });
      const ends = (runs: number) => runs === 0 || `${item} has begun and never gets to its end`;
      this.finally(`work ${item} ends`, [running], ends, { kind: 'deadlock' });
      return work;
    });
  }

  /**
   * A reference count; with `count`, one for each object (`.at(ref)`), `initial` being the same for all or a list. `max` is
   * how far it counts before it saturates.
   */
  refcount(
    name: string,
    options: { count?: number; initial?: number | readonly number[]; max?: number } = {},
  ): RefCount {
    takes('refcount', name, options, ['count', 'initial', 'max']);
    const { count, initial = 1, max } = options;
    if (count === undefined) {
      if (typeof initial === 'object') throw new ModelError(`refcount("${name}") starts with a list, but is one count`);
      return new RefCount(this.cell(name, { initial }), undefined, max);
    }
    if (typeof initial !== 'object') return new RefCount(this.cells(name, count, { initial }).at(0), undefined, max);
    if (initial.length !== count)
      throw new ModelError(`refcount("${name}") has ${count} counts and starts with ${initial.length} values`);
    const counts = this.cells(name, count);
    initial.forEach((value, index) => {
      this.layout.setInitial(counts.region.base + index, value);
    });
    return new RefCount(counts.at(0), undefined, max);
  }

  /** An actor that runs `body` once another one spawns it. */
  spawned(name: string, body: () => Steps<unknown>): SpawnedActor {
    const actor = new SpawnedActor(name, this.cell(`${name}.life`));
    this.actor(name, () => actor.run(body), { daemon: true });
    this.finally(`${name} ends`, [actor.life], actor.ends, { kind: 'deadlock' });
    return actor;
  }

  /** A cell for each actor of those that are members of a domain (`symmetric: domain`): `.at(self)`. */
  perActor(name: string, domain: Domain, options: { initial?: number } = {}): CellArray {
    takes('perActor', name, options, ['initial']);
    return this.cells(name, domain.count, options);
  }

  #holds(name: string, nesting: number | undefined, kind: string): Latch | undefined {
    return nesting === undefined ? undefined : this.latch(`${name}.holds`, { width: nestingOf(name, nesting, kind) });
  }

  #readSections(name: string, kind: 'srcu' | 'rcu', width: number): Srcu {
    const readers = [this.latch(`${name}.readers[0]`, { width }), this.latch(`${name}.readers[1]`, { width })] as const;
    const index = this.cell(`${name}.index`);
    // Whoever asks for a grace period gets one: the kernel queues them (srcu_gp_start_if_needed(), kernel/rcu/srcutree.c).
    const gracePeriod = new Mutex(this.latch(`${name}.grace_period`), undefined, { fair: true, of: name });
    return new Srcu(name, index, readers, gracePeriod, kind);
  }

  /** A daemon that runs `body` on each ref handed to it with `defer`. `capacity` bounds the queue. */
  deferred(
    name: string,
    domain: Domain,
    body: (item: Ref) => Routine<unknown>,
    options: { capacity?: number } = {},
  ): DeferredWork {
    takes('deferred', name, options, ['capacity']);
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

/** An option that nobody reads is a slip. */
function takes(method: string, name: string, options: unknown, known: readonly string[]): void {
  refuseUnknownOptions(`m.${method}("${name}")`, options, known);
}

function numberOf(value: unknown, least: number, what: string, most = Number.POSITIVE_INFINITY): number {
  if (isWord(value) && value >= least && value <= most) return value;
  const bound = most === Number.POSITIVE_INFINITY ? '' : ` and at most ${most}`;
  throw new ModelError(`${what} ${valueText(value)}; that is a whole number, at least ${least}${bound}`);
}

function nestingOf(name: string, nesting: unknown, kind = 'srcu'): number {
  if (isWord(nesting) && nesting >= 1 && nesting <= MOST_NESTING) return nesting;
  throw new ModelError(
    `${kind}("${name}") nests ${valueText(nesting)} deep; that is a whole number from 1 to ${MOST_NESTING}`,
  );
}

notedRoutines(
  Mutex,
  CellLock,
  Semaphore,
  CompletionEvent,
  Condition,
  Barrier,
  WaitQueue,
  Side,
  FifoQueue,
  RwSem,
  RwLock,
  Token,
  Rcu,
  RcuCallbacks,
  SeqCount,
  SeqLock,
  WorkQueue,
  WorkItem,
  RefCount,
  SpawnedActor,
  Srcu,
  DeferredWork,
);
