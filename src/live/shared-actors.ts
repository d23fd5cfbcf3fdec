/**
 * What the locks know of each actor: the locks it holds, the one it waits for, and whether that was granted.
 *
 * It lies in the run's memory, so a supervisor can name what a dead thread held. Both implementations of `RwLocks` keep
 * their books here, so misuse and holders are judged by the same rules in both. Only the thread that hosts an actor
 * writes its words, except for the grant and the queue link.
 *
 * A thread can be terminated where V8 looks for interrupts: where a function is entered and where a loop goes round. The
 * books therefore change in single stores, and a lock word and the count of held slots change with nothing of that kind
 * between them: whatever a dead thread held is in its slots.
 */

import { ModelError } from '../core/errors.js';
import { ActorField, Command, HELD_SLOTS, type LockLayout } from './lock-layout.js';
import { LockMisuse, type LockRule } from './lock-misuse.js';
import type { LockMode, LockUser, RwLocks } from './rw-lock.js';

const { Grant, WaitsFor, HeldCount, Held, Next } = ActorField;

/** A lock and a mode in one number: `lock << 1`, plus 1 for write. */
export function lockUse(lock: number, mode: LockMode): number {
  return (lock << 1) | (mode === 'write' ? 1 : 0);
}

/** The mode in a `lockUse`. */
export function modeOf(use: number): LockMode {
  return (use & 1) === 0 ? 'read' : 'write';
}

/** The words of the actors that the locks use. */
export class SharedActors {
  constructor(
    readonly words: Int32Array,
    readonly layout: LockLayout,
  ) {}

  /** Index of an actor's first word. @throws RangeError if there is no such actor or lock */
  baseOf(lock: number, actor: number): number {
    const { locks, actors, actorBase, actorStride } = this.layout;
    // A wrong index would change another lock or actor without a word.
    if (!(lock >= 0 && lock < locks)) throw new RangeError(`lock ${lock}: there are locks 0 .. ${locks - 1}`);
    if (!(actor >= 0 && actor < actors)) throw new RangeError(`actor ${actor}: there are actors 0 .. ${actors - 1}`);
    return actorBase + actor * actorStride;
  }

  /** Index of the first word of an actor that may ask for the lock. @throws LockMisuse if it holds the lock */
  asking(locks: RwLocks, lock: number, actor: number, mode: LockMode): number {
    const base = this.#idle(lock, actor);
    const held = this.#useOf(base, lock);
    if (held < 0) return base;
    throw this.#misuse(locks, lockUse(lock, mode) > held ? 'upgrade' : 'recursive', lock, actor, mode);
  }

  /** As `asking`, but a try by an actor that holds the lock so that it excludes itself is none: -1. */
  trying(locks: RwLocks, lock: number, actor: number, mode: LockMode): number {
    const base = this.#idle(lock, actor);
    const held = this.#useOf(base, lock);
    if (held < 0) return base;
    if (mode === 'write' || modeOf(held) === 'write') return -1;
    throw this.#misuse(locks, 'recursive', lock, actor, mode);
  }

  /** Index of the first word of an actor, whose hold is now its last slot. @throws LockMisuse if it has no such hold */
  releasing(locks: RwLocks, lock: number, actor: number, mode: LockMode): number {
    const base = this.baseOf(lock, actor);
    const use = lockUse(lock, mode);
    const held = this.#useOf(base, lock);
    if (held !== use) throw this.#misuse(locks, held < 0 ? 'not-held' : 'wrong-mode', lock, actor, mode);
    this.#moveLast(base, use);
    return base;
  }

  /**
   * Writes the use behind the slots that count; one more slot makes it count: `words[base + HeldCount]++`.
   * @throws ModelError if the actor holds as many locks as can be kept
   */
  prepare(base: number, use: number): void {
    const count = this.words[base + HeldCount];
    if (count >= HELD_SLOTS) {
      const actor = (base - this.layout.actorBase) / this.layout.actorStride;
      throw new ModelError(
        `actor ${actor} takes lock ${use >> 1} while it holds ${count} locks; ${HELD_SLOTS} is the most`,
      );
    }
    this.words[base + Held + count] = use;
  }

  /** How often an actor holds a lock for read. */
  depth(lock: number, actor: number): number {
    const base = this.baseOf(lock, actor);
    const use = lockUse(lock, 'read');
    const end = base + Held + this.words[base + HeldCount];
    let depth = 0;
    for (let at = base + Held; at < end; at++) if (this.words[at] === use) depth++;
    return depth;
  }

  /** Enters what the actor is about to queue for. */
  waitFor(base: number, use: number): void {
    this.words[base + Grant] = 0;
    this.words[base + Next] = 0;
    Atomics.store(this.words, base + WaitsFor, use + 1);
  }

  /** Consumes the grant if there is one: what the actor waited for becomes a slot. */
  consumeGrant(base: number): boolean {
    const { words } = this;
    if (Atomics.load(words, base + Grant) === 0) return false;
    this.prepare(base, words[base + WaitsFor] - 1);
    words[base + HeldCount]++;
    words[base + WaitsFor] = 0;
    Atomics.store(words, base + Grant, 0);
    return true;
  }

  /** What an actor waits for; undefined when it does not wait, or no longer. For the waits-for graph. */
  waitsFor(actor: number): { readonly lock: number; readonly mode: LockMode } | undefined {
    const base = this.baseOf(0, actor);
    const use = Atomics.load(this.words, base + WaitsFor) - 1;
    if (use < 0 || Atomics.load(this.words, base + Grant) !== 0) return undefined;
    return { lock: use >> 1, mode: modeOf(use) };
  }

  /** The locks an actor holds, in the order in which it took them; a grant not yet consumed comes last. */
  heldBy(actor: number): readonly { readonly lock: number; readonly mode: LockMode }[] {
    const { words } = this;
    const base = this.baseOf(0, actor);
    const uses = [...words.subarray(base + Held, base + Held + Atomics.load(words, base + HeldCount))];
    if (Atomics.load(words, base + Grant) !== 0) uses.push(words[base + WaitsFor] - 1);
    // A use is there twice when its thread died while it put the slots in order, or noticed the grant.
    return [...new Set(uses)].map((use) => ({ lock: use >> 1, mode: modeOf(use) }));
  }

  /** As `RwLocks.holders`. */
  holders(lock: number): readonly LockUser[] {
    const found: LockUser[] = [];
    for (let actor = 0; actor < this.layout.actors; actor++) {
      for (const held of this.heldBy(actor)) {
        if (held.lock === lock) found.push({ actor, mode: held.mode });
      }
    }
    return found;
  }

  /** Whether there is no point in waiting any longer: nothing to wait for, granted, or the run is interrupted. */
  mayGoOn(base: number): boolean {
    const { words, layout } = this;
    return (
      Atomics.load(words, base + WaitsFor) === 0 ||
      Atomics.load(words, base + Grant) !== 0 ||
      Atomics.load(words, layout.command) !== Command.Run
    );
  }

  /** Forgets every holder and waiter. Which thread hosts an actor stays. */
  reset(): void {
    const { actors, actorBase, actorStride } = this.layout;
    for (let base = actorBase; base < actorBase + actors * actorStride; base += actorStride) {
      for (let field = 0; field < ActorField.Thread; field++) Atomics.store(this.words, base + field, 0);
    }
  }

  /** Index of the first word of an actor that does not wait. @throws Error if it waits: a defect of the engine */
  #idle(lock: number, actor: number): number {
    const base = this.baseOf(lock, actor);
    const waitsFor = this.words[base + WaitsFor] - 1;
    if (waitsFor < 0) return base;
    throw new Error(`actor ${actor} asks for lock ${lock}, but waits for lock ${waitsFor >> 1}`);
  }

  /** What the actor holds this lock as (`lockUse`), or -1. */
  #useOf(base: number, lock: number): number {
    const { words } = this;
    const end = base + Held + words[base + HeldCount];
    for (let at = base + Held; at < end; at++) {
      if (words[at] >> 1 === lock) return words[at];
    }
    return -1;
  }

  /** Makes a use that the actor holds its last slot; one slot less forgets it. */
  #moveLast(base: number, use: number): void {
    const { words } = this;
    const last = base + Held + words[base + HeldCount] - 1;
    let at = last;
    while (words[at] !== use) at--;
    // Neighbours swap, so that a thread that dies on the way leaves no slot out.
    for (; at < last; at++) {
      words[at] = words[at + 1];
      words[at + 1] = use;
    }
  }

  #misuse(locks: RwLocks, rule: LockRule, lock: number, actor: number, mode: LockMode): LockMisuse {
    return new LockMisuse({ rule, lock, actor, mode, holders: locks.holders(lock), queue: locks.queue(lock) });
  }
}
