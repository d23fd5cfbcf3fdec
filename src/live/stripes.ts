/**
 * Stripes: short locks that make a step of several accesses one step.
 *
 * Every op but those that touch nothing is a step, or part of an atomic section that is one, and all of them have one
 * stripe: every step excludes every other. So what a live run reaches, a schedule reaches too, whatever a model does. A
 * model may know better (core/program/stripes.ts): then a section's stripe follows from its first op, namely from the
 * identity that the op's cell is picked by (gfn 3, folio 7). One that starts on a cell picked by nothing, or on a function
 * of several cells, has the common stripe; an access through a translation is a section, too; and most single ops take no
 * part. A step that the model does not know, for it comes from a user's scheme, begins the run anew, with one stripe.
 *
 * A stripe is a sequence word, even when free. A section that only reads takes nothing: it runs, and counts if the word
 * is still the same at its end. One that writes makes the word odd just before its first write, which fails if another
 * section wrote meanwhile; then it starts again. So no section waits while it holds a stripe, and none waits for readers.
 *
 * A section that is about several things (a model says so of a batch of pages) has the stripes of all of them. It takes all
 * but the last before it begins, in ascending order, and goes on with the last as others do with their one. Who waits there
 * holds lower ones only, so nobody waits in a circle. Imported by the live executor and by what it is made of.
 */

import { LiveFlag, type LiveNode } from './live-node.js';
import { Command } from './lock-layout.js';
import { LockAbandoned } from './shared-guard.js';
import { type SharedMemory, STRIPES } from './shared-memory.js';

/** The stripe of what no identity picks. */
export const COMMON_STRIPE = 0;

/** The stripe of ops that update ghosts, so that an op and its ghosts change together. */
export const GHOST_STRIPE = 1;

/** Looks at a taken stripe before the first nap: some microseconds. */
const SPINS = 500;
const NAP_MS = 0.05;

/** The stripe of a position in a domain (`domainHash`). Neighbours lie on different cache lines. */
export function stripeOf(domain: number, position: number): number {
  const stripe = (domain + (position << 4) + (position >>> 9)) & (STRIPES - 1);
  return stripe > GHOST_STRIPE ? stripe : stripe + 2;
}

/** The stripe of a section that opens at a node. */
export function stripeAt({ flags, stripe, register }: LiveNode, registers: Int32Array): number {
  return (flags & StripeByRegister) !== 0 ? stripeOf(stripe, registers[register] - 1) : stripe;
}

/** The stripes of all that it is about. */
export function stripesAt(node: LiveNode, registers: Int32Array): readonly number[] {
  const stripes = [stripeAt(node, registers)];
  for (const { domain, register } of node.others) stripes.push(stripeOf(domain, registers[register] - 1));
  return stripes;
}

/** A number for a domain, the same in every thread. */
export function domainHash(name: string): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) | 0;
  return hash & (STRIPES - 1);
}

const { StripeByRegister } = LiveFlag;

/** How far the section that is under way has got with its stripe. */
export const Guard = {
  /** No section is under way. */
  None: 0,
  /** What it read so far counts only if the stripe's word does not change. */
  Reading: 1,
  /** It holds the stripe. */
  Holding: 2,
} as const;

const { None, Reading, Holding } = Guard;

/** The section that one thread is in, if it is in one. */
export class Section {
  /** A Guard. Read by every op that writes, hence a field. */
  guard: number = None;
  /** Whether every step excludes every other; then nobody else updates ghosts meanwhile. */
  readonly #exact: boolean;
  readonly #words: Int32Array;
  readonly #shared: Int32Array;
  readonly #command: number;
  #stripe = 0;
  #version = 0;

  constructor({ stripes, words, locks, exact }: SharedMemory) {
    this.#exact = exact;
    this.#words = stripes;
    this.#shared = words;
    this.#command = locks.command;
  }

  /** Runs a section that is about several things, under all of their stripes but the last, which it is handed. */
  amongAll<T>(stripes: readonly number[], run: (last: number) => T): T {
    const ascending = stripes.toSorted((one, other) => one - other);
    const last = ascending.length - 1;
    // Two things may have one stripe.
    const isTaken = (place: number) => ascending[place] !== ascending[place + 1];
    let place = 0;
    try {
      for (; place < last; place++) if (isTaken(place)) this.#take(ascending[place]);
      return run(ascending[last]);
    } finally {
      while (place-- > 0) if (isTaken(place)) Atomics.add(this.#words, ascending[place], 1);
    }
  }

  /** Begins a section, or begins it again, once nobody holds its stripe. */
  open(stripe: number): void {
    this.#stripe = stripe;
    this.#version = this.#free(stripe);
    this.guard = Reading;
  }

  /** Before a write: takes the stripe; false if another section wrote since this one began. */
  hold(): boolean {
    const version = this.#version;
    if (Atomics.compareExchange(this.#words, this.#stripe, version, version + 1) !== version) return false;
    this.guard = Holding;
    return true;
  }

  /** Whether what the section has read so far was there at one time. */
  stands(): boolean {
    return Atomics.load(this.#words, this.#stripe) === this.#version;
  }

  /** Ends a section in which something was thrown; whether what it had read was never there at one time. */
  get wasTorn(): boolean {
    const torn = this.guard === Reading && !this.stands();
    if (torn) this.guard = None;
    return torn;
  }

  /** Ends the section; false if another one wrote since it began, so that it does not count. */
  close(): boolean {
    const { guard } = this;
    this.guard = None;
    if (guard === Holding) {
      Atomics.store(this.#words, this.#stripe, this.#version + 2);
      return true;
    }
    return this.stands();
  }

  /** Takes the ghosts' stripe, beside that of the section if there is one. Nobody waits while holding it. */
  enterGhosts(): void {
    if (!this.#exact) this.#take(GHOST_STRIPE);
  }

  /** Gives the ghosts' stripe back. */
  leaveGhosts(): void {
    if (!this.#exact) Atomics.add(this.#words, GHOST_STRIPE, 1);
  }

  /** Takes a stripe, once it is free. */
  #take(stripe: number): void {
    let seen = this.#free(stripe);
    while (Atomics.compareExchange(this.#words, stripe, seen, seen + 1) !== seen) seen = this.#free(stripe);
  }

  /** Waits until a stripe is free; its word then. @throws LockAbandoned when its holder died */
  #free(stripe: number): number {
    for (let spins = 0; ; spins++) {
      const seen = Atomics.load(this.#words, stripe);
      if ((seen & 1) === 0) return seen;
      if (spins < SPINS) continue;
      if (Atomics.load(this.#shared, this.#command) === Command.Broken) {
        throw new LockAbandoned(`a thread died in a section, and stripe ${stripe} stays taken`);
      }
      Atomics.wait(this.#words, stripe, seen, NAP_MS);
    }
  }
}
