/**
 * The async read/write locks across threads, in shared memory.
 *
 * A free lock is taken by one compare-exchange on its state word. Otherwise the actor appends itself to the lock's queue
 * (linked through the actors' words, under a spin guard), which sets Queued: from then on nobody takes the lock past the
 * queue. A release is one atomic subtraction; whoever leaves nothing but Queued behind hands the lock over: to the
 * writer at the head, or to all readers up to the next writer, by writing their grant words and ringing the doorbells of
 * their threads. Imported by the live engine.
 */

import { ActorField, LockField, type LockLayout, LockState } from './lock-layout.js';
import type { LockMode, LockUser, RwLocks } from './rw-lock.js';
import { lockUse, modeOf, SharedActors } from './shared-actors.js';
import { Doorbell } from './shared-doorbell.js';
import { SpinGuard } from './shared-guard.js';

const { Grant, WaitsFor, HeldCount, Next, Thread } = ActorField;
const { State, Guard, Head, Tail } = LockField;
const { Writer, Queued } = LockState;

/** Read/write locks that actors on several threads share. Every thread builds its own from the same memory and layout. */
export class SharedRwLocks implements RwLocks {
  /** The words of the actors: what they hold and wait for. */
  readonly actors: SharedActors;
  /** By thread. A thread's loop sleeps on its own; a supervisor rings all of them after it wrote the command word. */
  readonly doorbells: readonly Doorbell[];
  readonly #guard: SpinGuard;
  /** Threads to ring once the guard is free; kept, so that a handover allocates nothing. */
  readonly #toRing: Int32Array;

  /** @param words an Int32Array on a SharedArrayBuffer, zeroes in all words that the layout names but Thread */
  constructor(
    readonly words: Int32Array,
    readonly layout: LockLayout,
  ) {
    const { threads, doorbellBase, doorbellStride } = layout;
    this.actors = new SharedActors(words, layout);
    this.doorbells = Array.from({ length: threads }, (_, i) => new Doorbell(words, doorbellBase + i * doorbellStride));
    this.#guard = new SpinGuard(words, layout.command);
    this.#toRing = new Int32Array(layout.actors);
  }

  tryAcquire(lock: number, actor: number, mode: LockMode): boolean {
    const base = this.actors.trying(this, lock, actor, mode);
    if (base < 0) return false;
    this.actors.prepare(base, lockUse(lock, mode));
    return this.#take(this.#wordOf(lock), base, mode);
  }

  acquire(lock: number, actor: number, mode: LockMode): boolean {
    const base = this.actors.asking(this, lock, actor, mode);
    this.actors.prepare(base, lockUse(lock, mode));
    return this.#take(this.#wordOf(lock), base, mode) || this.#takeOrQueue(lock, actor, mode);
  }

  depth(lock: number, actor: number): number {
    return this.actors.depth(lock, actor);
  }

  enterAgain(lock: number, actor: number): void {
    const base = this.actors.baseOf(lock, actor);
    this.actors.prepare(base, lockUse(lock, 'read'));
    // No writer has it, and whoever waits must wait for this actor anyway.
    Atomics.add(this.words, this.#wordOf(lock) + State, 1);
    this.words[base + HeldCount]++;
  }

  granted(actor: number): boolean {
    return this.actors.consumeGrant(this.actors.baseOf(0, actor));
  }

  cancel(actor: number): boolean {
    const base = this.actors.baseOf(0, actor);
    const use = Atomics.load(this.words, base + WaitsFor) - 1;
    if (use < 0) throw new Error(`actor ${actor} cancels, but waits for no lock`);
    const at = this.#wordOf(use >> 1);
    this.#guard.enter(at + Guard, actor);
    const waits = Atomics.load(this.words, base + Grant) === 0;
    let ring = 0;
    if (waits) {
      this.#unlink(at, actor);
      Atomics.store(this.words, base + WaitsFor, 0);
      // Readers behind a writer that gives up may share with those that hold the lock now.
      ring = this.#handOver(at);
    }
    this.#guard.leave(at + Guard);
    this.#ring(ring);
    return waits || !this.actors.consumeGrant(base);
  }

  release(lock: number, actor: number, mode: LockMode): void {
    const { words } = this;
    const base = this.actors.releasing(this, lock, actor, mode);
    const at = this.#wordOf(lock);
    const hold = mode === 'write' ? Writer : 1;
    const left = Atomics.sub(words, at + State, hold) - hold;
    words[base + HeldCount]--;
    if (left !== Queued) return;
    this.#guard.enter(at + Guard, actor);
    const ring = this.#handOver(at);
    this.#guard.leave(at + Guard);
    this.#ring(ring);
  }

  holders(lock: number): readonly LockUser[] {
    return this.actors.holders(lock);
  }

  queue(lock: number): readonly LockUser[] {
    // Without the guard, which a dead thread may hold. So a queue that changes meanwhile must not lead astray: only who
    // waits for this lock counts, and nobody counts twice.
    const { words } = this;
    const found = new Map<number, LockUser>();
    let actor = Atomics.load(words, this.#wordOf(lock) + Head) - 1;
    while (actor >= 0 && !found.has(actor)) {
      const waited = this.actors.waitsFor(actor);
      if (waited?.lock !== lock) break;
      found.set(actor, { actor, mode: waited.mode });
      actor = Atomics.load(words, this.actors.baseOf(lock, actor) + Next) - 1;
    }
    return [...found.values()];
  }

  async wait(actor: number): Promise<void> {
    const base = this.actors.baseOf(0, actor);
    const ready = () => this.actors.mayGoOn(base);
    const doorbell = this.doorbells[this.words[base + Thread]];
    while (!ready()) await doorbell.sleep(ready);
  }

  reset(): void {
    const { locks, lockBase, lockStride } = this.layout;
    for (let at = lockBase; at < lockBase + locks * lockStride; at += lockStride) {
      for (const field of [State, Guard, Head, Tail]) Atomics.store(this.words, at + field, 0);
    }
    this.actors.reset();
    for (const doorbell of this.doorbells) doorbell.ring();
  }

  #wordOf(lock: number): number {
    return this.layout.lockBase + lock * this.layout.lockStride;
  }

  /** Takes a lock that nobody waits for, if nobody is in the way. The actor's next slot must be prepared. */
  #take(at: number, base: number, mode: LockMode): boolean {
    const { words } = this;
    if (mode === 'write') {
      if (Atomics.compareExchange(words, at + State, 0, Writer) !== 0) return false;
      words[base + HeldCount]++;
      return true;
    }
    let state = Atomics.load(words, at + State);
    while (state < Queued) {
      const seen = Atomics.compareExchange(words, at + State, state, state + 1);
      if (seen === state) {
        words[base + HeldCount]++;
        return true;
      }
      state = seen;
    }
    return false;
  }

  /** Under the guard: takes the lock if it became free meanwhile, else sets Queued and appends the actor. */
  #takeOrQueue(lock: number, actor: number, mode: LockMode): boolean {
    const { words, actors } = this;
    const base = actors.baseOf(lock, actor);
    const at = this.#wordOf(lock);
    this.#guard.enter(at + Guard, actor);
    // Until Queued is set, others take and release the lock without the guard. It is set while somebody is in the way, so
    // there is a release still to come, which sees it.
    let state = Atomics.load(words, at + State);
    while ((state & Queued) === 0) {
      if (mode === 'write' ? state === 0 : state < Queued) {
        if (this.#take(at, base, mode)) {
          this.#guard.leave(at + Guard);
          return true;
        }
      } else if (Atomics.compareExchange(words, at + State, state, state | Queued) === state) {
        break;
      }
      state = Atomics.load(words, at + State);
    }
    actors.waitFor(base, lockUse(lock, mode));
    const tail = Atomics.load(words, at + Tail) - 1;
    Atomics.store(words, tail < 0 ? at + Head : actors.baseOf(lock, tail) + Next, actor + 1);
    Atomics.store(words, at + Tail, actor + 1);
    this.#guard.leave(at + Guard);
    return false;
  }

  /**
   * Under the guard: hands the lock to whoever is first in the queue and need not wait any longer, if anybody. Returns how
   * many threads of `#toRing` are to be rung.
   */
  #handOver(at: number): number {
    const { words, actors } = this;
    let ring = 0;
    let head = Atomics.load(words, at + Head) - 1;
    while (head >= 0) {
      const base = actors.baseOf(0, head);
      const mode = modeOf(words[base + WaitsFor] - 1);
      const state = Atomics.load(words, at + State);
      // With Queued set, all that can happen to the state meanwhile is that readers leave.
      if (mode === 'write' ? state !== Queued : (state & Writer) !== 0) break;
      Atomics.add(words, at + State, mode === 'write' ? Writer : 1);
      head = Atomics.load(words, base + Next) - 1;
      Atomics.store(words, at + Head, head + 1);
      if (head < 0) Atomics.store(words, at + Tail, 0);
      Atomics.store(words, base + Grant, 1);
      this.#toRing[ring++] = words[base + Thread];
    }
    if (head < 0) Atomics.and(words, at + State, ~Queued);
    return ring;
  }

  /** Outside the guard, since to wake a thread takes longer than all that is done under it. */
  #ring(count: number): void {
    for (let i = 0; i < count; i++) this.doorbells[this.#toRing[i]].ring();
  }

  /** Under the guard: takes an actor that waits for the lock out of its queue. */
  #unlink(at: number, actor: number): void {
    const { words, actors } = this;
    let before = -1;
    let link = at + Head;
    for (let other = words[link] - 1; other !== actor; other = words[link] - 1) {
      before = other;
      link = actors.baseOf(0, other) + Next;
    }
    const behind = words[actors.baseOf(0, actor) + Next];
    Atomics.store(words, link, behind);
    if (behind === 0) Atomics.store(words, at + Tail, before + 1);
  }
}
