/**
 * Actor sets: sets of the actors of one program, each as one number.
 *
 * Up to thirty actors the number is the set, a bit an actor, and what is done with it is an operation on bits. In a wider
 * program every set that was met lies once in a table, as a row of words with thirty bits each, and the number is that of
 * its row. So a set fits wherever one word does, two sets are equal when their numbers are, and 0 is the empty set in
 * both. Numbers of one object mean nothing to another. Used by whatever asks who waits for whom; which actors can run is
 * kept without it (readiness.ts).
 */

import { ACTORS_A_WORD } from '../program/program.js';

// The compiler folds a module's own constants into the code but looks imported ones up at every use.
const BITS = ACTORS_A_WORD;

/** Above this many sets, `forget` does. */
const MOST_KEPT = 1 << 16;

/** How many words hold a bit for each of so many actors. */
export function wordsOfActors(actors: number): number {
  return Math.max(1, Math.ceil(actors / ACTORS_A_WORD));
}

/** The sets of the actors of one program. */
export class ActorSets {
  /** Whether a set is the number of a row, and not the bits themselves. */
  readonly isWide: boolean;
  /** All actors. */
  readonly everyone: number;
  /** Words of a row. */
  readonly #words: number;
  #rows = new Int32Array(0);
  #count = 1;
  /** Number of a row by hash, 0 for none; a power of two of them. */
  #slots = new Int32Array(0);
  /** The set that is being made. */
  readonly #draft: Int32Array;

  constructor(readonly actors: number) {
    this.#words = wordsOfActors(actors);
    this.isWide = this.#words > 1;
    this.#draft = new Int32Array(this.#words);
    if (this.isWide) {
      this.#rows = new Int32Array(this.#words * 64);
      this.#slots = new Int32Array(128);
    }
    this.everyone = this.of(Array.from({ length: actors }, (_, actor) => actor));
  }

  /** Memory in use. */
  get bytes(): number {
    return this.#rows.byteLength + this.#slots.byteLength;
  }

  /** The set of some actors. */
  of(members: Iterable<number>): number {
    this.begin();
    for (const actor of members) this.put(actor);
    return this.end();
  }

  /** Begins to make a set: `put` and `putBits` follow, then `end`, and nothing else of this object between. */
  begin(): void {
    this.#draft.fill(0);
  }

  /** Puts an actor into the set that is being made. */
  put(actor: number): void {
    this.#draft[(actor / BITS) | 0] |= 1 << (actor % BITS);
  }

  /** Puts in the actors that have a bit in a word of a latch; `plane` says of which thirty: 0 of the first. */
  putBits(bits: number, plane: number): void {
    this.#draft[plane] |= bits;
  }

  /** Puts in all of another set. */
  putAll(set: number): void {
    if (!this.isWide) this.#draft[0] |= set;
    else
      for (let word = 0, at = set * this.#words; word < this.#words; word++) this.#draft[word] |= this.#rows[at + word];
  }

  /** The set that was made. */
  end(): number {
    return this.isWide ? this.#find() : this.#draft[0];
  }

  /** Whether an actor is in a set. */
  has(set: number, actor: number): boolean {
    if (!this.isWide) return ((set >> actor) & 1) !== 0;
    return ((this.#rows[set * this.#words + ((actor / BITS) | 0)] >> (actor % BITS)) & 1) !== 0;
  }

  /** The first member at or above an actor, or -1: `for (let a = next(set, 0); a >= 0; a = next(set, a + 1))`. */
  next(set: number, from: number): number {
    if (!this.isWide) {
      if (from >= BITS) return -1;
      const rest = set & (-1 << from);
      return rest === 0 ? -1 : 31 - Math.clz32(rest & -rest);
    }
    for (let actor = from; actor < this.actors; actor++) if (this.has(set, actor)) return actor;
    return -1;
  }

  /** A set with one actor more. */
  with(set: number, actor: number): number {
    if (!this.isWide) return set | (1 << actor);
    if (this.has(set, actor)) return set;
    this.begin();
    this.putAll(set);
    this.put(actor);
    return this.end();
  }

  /** Who is in one of two sets. */
  union(left: number, right: number): number {
    if (!this.isWide) return left | right;
    if (right === 0 || left === right) return left;
    this.begin();
    this.putAll(left);
    this.putAll(right);
    return this.end();
  }

  /** Who is not in a set. */
  others(set: number): number {
    if (!this.isWide) return this.everyone & ~set;
    this.begin();
    for (let actor = 0; actor < this.actors; actor++) if (!this.has(set, actor)) this.put(actor);
    return this.end();
  }

  /** Whether some actor is in both. */
  meets(left: number, right: number): boolean {
    if (!this.isWide) return (left & right) !== 0;
    const [a, b] = [left * this.#words, right * this.#words];
    for (let word = 0; word < this.#words; word++) if ((this.#rows[a + word] & this.#rows[b + word]) !== 0) return true;
    return false;
  }

  /** The members, ascending. */
  members(set: number): number[] {
    const found: number[] = [];
    for (let actor = this.next(set, 0); actor >= 0; actor = this.next(set, actor + 1)) found.push(actor);
    return found;
  }

  /** Forgets the sets if they have become many; for whoever keeps none but between two calls of its own. */
  forget(): void {
    if (this.#count <= MOST_KEPT) return;
    this.#count = 1;
    this.#slots.fill(0);
    this.of(Array.from({ length: this.actors }, (_, actor) => actor));
  }

  /** The number of the row that equals the draft. */
  #find(): number {
    if (this.#equals(0)) return 0;
    const mask = this.#slots.length - 1;
    for (let slot = this.#hash(this.#draft, 0) & mask; ; slot = (slot + 1) & mask) {
      const row = this.#slots[slot];
      if (row === 0) return this.#add(slot);
      if (this.#equals(row)) return row;
    }
  }

  #hash(words: Int32Array, from: number): number {
    let hash = 0;
    for (let word = 0; word < this.#words; word++) {
      hash = Math.imul(hash ^ words[from + word], 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return hash;
  }

  #equals(row: number): boolean {
    const at = row * this.#words;
    for (let word = 0; word < this.#words; word++) if (this.#rows[at + word] !== this.#draft[word]) return false;
    return true;
  }

  #add(slot: number): number {
    const row = this.#count;
    if ((row + 1) * this.#words > this.#rows.length) this.#rows = longer(this.#rows);
    this.#rows.set(this.#draft, row * this.#words);
    this.#slots[slot] = row;
    this.#count++;
    if (this.#count * 2 > this.#slots.length) this.#spread();
    return row;
  }

  /** Gives the table twice as many slots. */
  #spread(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let row = 1; row < this.#count; row++) {
      let slot = this.#hash(this.#rows, row * this.#words) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = row;
    }
    this.#slots = slots;
  }
}

function longer(words: Int32Array): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(words.length * 2);
  copy.set(words);
  return copy;
}
