/**
 * The async read/write locks within one thread: a weighted semaphore of async-mutex for each.
 *
 * A read weighs 1, a write as much as all actors could read at most; the semaphore serves its queue in order, so a waiting
 * writer stops later readers. The semaphore alone decides who gets the lock; holders, misuse and grants are kept in the
 * same words as those of the shared locks, so a supervisor reads both alike. Imported by the live engine, for runs with
 * one thread.
 */

import { Semaphore } from 'async-mutex';
import { ActorField, Command, HELD_SLOTS, type LockLayout } from './lock-layout.js';
import type { LockMode, LockUser, RwLocks } from './rw-lock.js';
import { lockUse, SharedActors } from './shared-actors.js';
import { Doorbell } from './shared-doorbell.js';

const { Grant, WaitsFor, HeldCount } = ActorField;

/** An actor in a queue. */
interface Waiter extends LockUser {
  readonly weight: number;
  /** Settles when the semaphore serves it, or when it has to queue anew because another gave up. */
  ticket: Promise<unknown>;
}

/** A lock. */
interface Entry {
  readonly semaphore: Semaphore;
  /** Weight of all that we know the semaphore to have served. */
  taken: number;
  waiters: Waiter[];
}

/** Read/write locks of actors that one thread hosts. */
export class LocalRwLocks implements RwLocks {
  /** The words of the actors: what they hold and wait for. */
  readonly actors: SharedActors;
  /** The doorbell of the thread. It rings for interrupts only: a grant settles a promise. */
  readonly doorbell: Doorbell;
  readonly #writeWeight: number;
  readonly #entries = new Map<number, Entry>();
  /** By actor: the lock in whose queue it is. */
  readonly #queuedIn = new Map<number, Entry>();
  /** What ends the waits that are under way. */
  readonly #interrupts = new Set<() => void>();
  #listens = false;

  /**
   * @param words an Int32Array on a SharedArrayBuffer, zeroes in all words that the layout names but Thread, which is the
   * same for all actors
   */
  constructor(
    readonly words: Int32Array,
    readonly layout: LockLayout,
  ) {
    this.actors = new SharedActors(words, layout);
    const thread = words[layout.actorBase + ActorField.Thread];
    this.doorbell = new Doorbell(words, layout.doorbellBase + thread * layout.doorbellStride);
    this.#writeWeight = layout.actors * HELD_SLOTS;
  }

  tryAcquire(lock: number, actor: number, mode: LockMode): boolean {
    const base = this.actors.trying(this, lock, actor, mode);
    if (base < 0) return false;
    const { semaphore, waiters } = this.#entryOf(lock);
    if (waiters.length > 0 || semaphore.getValue() < this.#weightOf(mode)) return false;
    return this.acquire(lock, actor, mode);
  }

  acquire(lock: number, actor: number, mode: LockMode): boolean {
    const base = this.actors.asking(this, lock, actor, mode);
    const entry = this.#entryOf(lock);
    const weight = this.#weightOf(mode);
    this.actors.prepare(base, lockUse(lock, mode));
    const before = entry.semaphore.getValue();
    const ticket = ticketOf(entry.semaphore, weight);
    if (entry.semaphore.getValue() < before) {
      entry.taken += weight;
      this.words[base + HeldCount]++;
      return true;
    }
    this.actors.waitFor(base, lockUse(lock, mode));
    entry.waiters.push({ actor, mode, weight, ticket });
    this.#queuedIn.set(actor, entry);
    return false;
  }

  depth(lock: number, actor: number): number {
    return this.actors.depth(lock, actor);
  }

  enterAgain(lock: number, actor: number): void {
    const base = this.actors.baseOf(lock, actor);
    const entry = this.#entryOf(lock);
    this.actors.prepare(base, lockUse(lock, 'read'));
    entry.semaphore.setValue(entry.semaphore.getValue() - 1);
    entry.taken++;
    this.words[base + HeldCount]++;
  }

  granted(actor: number): boolean {
    return this.actors.consumeGrant(this.actors.baseOf(0, actor));
  }

  cancel(actor: number): boolean {
    const base = this.actors.baseOf(0, actor);
    if (this.actors.consumeGrant(base)) return false;
    const entry = this.#queuedIn.get(actor);
    if (entry === undefined) throw new Error(`actor ${actor} cancels, but waits for no lock`);
    this.#queuedIn.delete(actor);
    this.words[base + WaitsFor] = 0;
    // async-mutex lets all give up or none: so all do, and the others queue again in their order.
    entry.semaphore.cancel();
    entry.waiters = entry.waiters.filter((waiter) => waiter.actor !== actor);
    for (const waiter of entry.waiters) waiter.ticket = ticketOf(entry.semaphore, waiter.weight);
    this.#grantServed(entry);
    return true;
  }

  release(lock: number, actor: number, mode: LockMode): void {
    const base = this.actors.releasing(this, lock, actor, mode);
    const entry = this.#entryOf(lock);
    const weight = this.#weightOf(mode);
    entry.taken -= weight;
    this.words[base + HeldCount]--;
    entry.semaphore.release(weight);
    this.#grantServed(entry);
  }

  holders(lock: number): readonly LockUser[] {
    return this.actors.holders(lock);
  }

  queue(lock: number): readonly LockUser[] {
    return (this.#entries.get(lock)?.waiters ?? []).map(({ actor, mode }) => ({ actor, mode }));
  }

  async wait(actor: number): Promise<void> {
    const base = this.actors.baseOf(0, actor);
    this.doorbell.stayAlive(1);
    try {
      while (!this.actors.mayGoOn(base)) await this.#ticketOrInterrupt(actor);
    } finally {
      this.doorbell.stayAlive(-1);
    }
  }

  reset(): void {
    for (const { semaphore } of this.#entries.values()) semaphore.cancel();
    this.#entries.clear();
    this.#queuedIn.clear();
    this.actors.reset();
    this.doorbell.ring();
  }

  #entryOf(lock: number): Entry {
    let entry = this.#entries.get(lock);
    if (entry === undefined) {
      entry = { semaphore: new Semaphore(this.#writeWeight), taken: 0, waiters: [] };
      this.#entries.set(lock, entry);
    }
    return entry;
  }

  #weightOf(mode: LockMode): number {
    return mode === 'write' ? this.#writeWeight : 1;
  }

  /** What the semaphore gave away beyond what we know went to the head of its queue, which is ours. */
  #grantServed(entry: Entry): void {
    while (entry.taken < this.#writeWeight - entry.semaphore.getValue()) {
      const { actor, weight } = entry.waiters.shift()!;
      entry.taken += weight;
      this.#queuedIn.delete(actor);
      Atomics.store(this.words, this.actors.baseOf(0, actor) + Grant, 1);
    }
  }

  #ticketOrInterrupt(actor: number): Promise<void> {
    const waiter = this.#queuedIn.get(actor)!.waiters.find((other) => other.actor === actor)!;
    return new Promise((resolve) => {
      const settle = () => {
        this.#interrupts.delete(settle);
        resolve();
      };
      this.#interrupts.add(settle);
      waiter.ticket.then(settle, settle);
      if (!this.#listens) this.#listen();
    });
  }

  /** One listener for all waits, or each would leave another reaction behind on a promise that may never settle. */
  async #listen(): Promise<void> {
    this.#listens = true;
    await this.doorbell.rung(() => Atomics.load(this.words, this.layout.command) !== Command.Run);
    this.#listens = false;
    for (const settle of [...this.#interrupts]) settle();
  }
}

/** Asks the semaphore; that it rejects those who give up is handled by whoever waits, if anybody does. */
function ticketOf(semaphore: Semaphore, weight: number): Promise<unknown> {
  const ticket = semaphore.acquire(weight);
  ticket.catch(() => {});
  return ticket;
}
