/**
 * Held locks: which locks each actor holds, followed through the lock ops of a run.
 *
 * A lock is held while the actor's bit is in a word that the op set; a queued writer's bit therefore does not count,
 * nor does waiting readers out, which sets none. Used by traces.
 */

import { latchUpdateOf } from '../ops/accesses.js';
import type { Layout } from '../ops/layout.js';
import type { LockUse, OpSpec } from '../ops/op.js';
import { bitOfActor, planeOfActor } from '../program/program.js';

/** A lock that an actor holds. */
export interface HeldLock {
  /** As traces print it: `invalidate_lock`, `folio_lock[1]`. */
  readonly name: string;
  /** First word of the lock. */
  readonly word: number;
  /** Undefined for a lock that has one mode only. */
  readonly mode: 'read' | 'write' | undefined;
}

/** Follows who holds what. */
export class HeldLocks {
  readonly #held: HeldLock[][];
  readonly #marks = new Map<string, number>();

  constructor(
    readonly layout: Layout,
    actors: number,
  ) {
    this.#held = Array.from({ length: actors }, () => []);
  }

  /** The locks an actor holds now, in the order in which it took them. */
  of(actor: number): readonly HeldLock[] {
    return [...this.#held[actor]];
  }

  /**
   * Takes in an op on `word` that has just been executed with a result; `before` and `after` are the words around it.
   */
  executed(
    actor: number,
    spec: OpSpec,
    word: number,
    { before, after }: { readonly before: Int32Array; readonly after: Int32Array },
    result: number,
  ): void {
    const update = latchUpdateOf(spec);
    if (spec.lock !== undefined && update === undefined) this.#marked(actor, spec.lock, word, result);
    if (update === undefined || spec.lock === undefined || spec.region === undefined) return;
    const { width, count, planes } = spec.region;
    const { set, clear } = update;
    const bit = bitOfActor(actor);
    let taken = false;
    let given = false;
    for (let part = 0, at = word + planes[planeOfActor(actor)]; part < width; part++, at += count) {
      const had = (before[at] & bit) !== 0;
      const has = (after[at] & bit) !== 0;
      if (((set >> part) & 1) !== 0 && has && !had) taken = true;
      if (((clear >> part) & 1) !== 0 && had && !has) given = true;
    }
    const held = this.#held[actor];
    if (taken) {
      const lock = { name: this.layout.nameOf(word), word, mode: width === 1 ? undefined : spec.lock.mode };
      const place = given ? held.findLastIndex((each) => each.word === word) : -1;
      // Who goes over from one mode to the other holds it once.
      if (place >= 0) held[place] = lock;
      else held.push(lock);
    } else if (given && spec.lock.action === 'release') {
      const place = held.findLastIndex((lock) => lock.word === word);
      if (place >= 0) held.splice(place, 1);
    }
  }

  /** A lock that is made of cells (primitives/cell-lock.ts): its ops say what they do to it. */
  #marked(actor: number, { name, action, mode }: LockUse, word: number, result: number): void {
    if (action === 'release') {
      const own = this.#held[actor].some((lock) => lock.name === name);
      const held = own ? this.#held[actor] : this.#held.find((locks) => locks.some((lock) => lock.name === name));
      const place = held?.findLastIndex((lock) => lock.name === name) ?? -1;
      if (place >= 0) held?.splice(place, 1);
    } else if (action === 'acquire' || result !== 0) {
      this.#held[actor].push({ name, word: this.#wordOf(name, word), mode: mode === 'read' ? 'read' : undefined });
    }
  }

  /** A word that stands for a lock of cells: the first on which it was taken. */
  #wordOf(name: string, word: number): number {
    const known = this.#marks.get(name) ?? word;
    this.#marks.set(name, known);
    return known;
  }
}
