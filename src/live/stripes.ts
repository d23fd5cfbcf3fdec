/**
 * Stripes: short locks that make an atomic section one step among the sections about the same thing.
 *
 * A section's stripe follows from its first op: the identity that the op's cell is picked by (gfn 3, folio 7), so that
 * all sections about one gfn exclude each other, and all about one folio. A section that starts on a cell picked by
 * nothing, or on a function of several cells, has the common stripe; an access through a translation is a section too.
 *
 * A stripe is a sequence word, even when free. A section that only reads takes nothing: it runs, and counts if the word
 * is still the same at its end. One that writes makes the word odd just before its first write, which fails if another
 * section wrote meanwhile; then it starts again. So no section waits while it holds a stripe, and none waits for readers.
 * Imported by the live executor and by what it is made of.
 *
 * That holds for models that say so (`striped`): there an op outside sections takes no part and may come between two ops
 * of a section, so ops whose order with those of a section counts must be in sections, too, and all sections about one
 * thing must start at it. In every other model each op but those on locks is a section by itself, and there is one
 * stripe for all.
 *
 * Why the first op's identity is enough for gmem. Its sections touch words of a gfn (i_pages, SPTEs, user PTE, pin,
 * attribute), words of a folio (machine, reference count), and the words of the retry check.
 * - Every section that touches a word of a gfn starts at its gfn, so among those a section is one step.
 * - A folio's machine word and count change by compare-exchange, from sections of either kind. A section of a gfn takes a
 *   reference only to a folio that it has just read from a word of that gfn. While the word is there the page cache or
 *   the PTE has a reference of its own, and the section that removes the word is excluded: the count is above zero, so
 *   the folio_put() that drops the last reference is not under way, and how a get and any other put are ordered shows
 *   nowhere. In a scheme where this fails, the same put just before or just after the section is a schedule, too.
 * - Count, range and sequence of the invalidation are written by ops under mmu_lock, those of several cells with the
 *   common stripe. The unlocked retry check reads them as a section of that stripe, so the range it sees is whole. Its
 *   answer was right at one of its reads: "no" when it read the count (nothing in progress) or the range (not in it), for
 *   the sequence has not moved until later; "yes" when it read the sequence, or when it read the range, for the sequence
 *   moves on before the count drops.
 */

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

/** A number for a domain, the same in every thread. */
export function domainHash(name: string): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) | 0;
  return hash & (STRIPES - 1);
}

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
  readonly #words: Int32Array;
  readonly #shared: Int32Array;
  readonly #command: number;
  #stripe = 0;
  #version = 0;

  constructor({ stripes, words, locks }: SharedMemory) {
    this.#words = stripes;
    this.#shared = words;
    this.#command = locks.command;
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
    let seen = this.#free(GHOST_STRIPE);
    while (Atomics.compareExchange(this.#words, GHOST_STRIPE, seen, seen + 1) !== seen) seen = this.#free(GHOST_STRIPE);
  }

  /** Gives the ghosts' stripe back. */
  leaveGhosts(): void {
    Atomics.add(this.#words, GHOST_STRIPE, 1);
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
