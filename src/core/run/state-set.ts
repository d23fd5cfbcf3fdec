/**
 * State set: states of equal length, each with a number, stored exactly. Used by the searches that start from a state of
 * the executor: for the shortest schedule, for what can still come of a run, and by the stream.
 *
 * Most words of a state are the same in all states that are met (registers that nobody uses, calls that nobody has
 * made). So the first state is kept as it is, and of all states only the words in which some state differed from it. A hash
 * is a sum over the words of how far each is from the first state's, times an odd number of its own: words that never change
 * add nothing, and no addend waits for another. States lie in chunks, which are never copied.
 */

import { grown } from '../grown.js';

/** States of a chunk. */
const CHUNK_BITS = 7;
const CHUNK = 1 << CHUNK_BITS;
/** Words that a stored state has room for at first. */
const FEW = 8;
/** States of the table that the bytes are told of, at first. */
const FIRST_STATES = 256;

const GOLDEN = 0x9e3779b9 | 0;

/** Numbers states from 0 in the order in which they come. */
export class StateSet {
  /** Number of states. */
  size = 0;
  /** Bytes that the states take as they are, in a table that doubles, and the slots: no less than what is needed. */
  bytes: number;
  /** The words of the first state. */
  readonly #first: Int32Array;
  #isEmpty = true;
  /** The words in which no state has differed from it so far, as far as any may. */
  readonly #same: Int32Array;
  #sameCount: number;
  /** The words that are stored, in the order in which they were met to differ; and what each is multiplied with. */
  readonly #stored: Int32Array;
  readonly #factors: Int32Array;
  #storedCount = 0;
  /** What the words that are not stored would add to a hash. */
  #rest = 0;
  /** By word: its place among those that are stored; -1 for none. */
  readonly #places: Int32Array;
  /** Words of a stored state, with room for more. */
  #width = FEW;
  #chunks: Int32Array[] = [];
  /** Hashes by number. */
  #hashes = new Int32Array(CHUNK);
  /** Number of a state plus one; 0 is free. */
  #slots = new Int32Array(1024);
  /** States for which the table would have room. */
  #room = FIRST_STATES;

  /** @param length words of a state @param mayDiffer whether states may differ in a word; else it is not looked at */
  constructor(
    readonly length: number,
    mayDiffer: (word: number) => boolean = () => true,
  ) {
    this.#first = new Int32Array(length);
    this.#same = new Int32Array(length);
    this.#sameCount = 0;
    for (let word = 0; word < length; word++) if (mayDiffer(word)) this.#same[this.#sameCount++] = word;
    this.#stored = new Int32Array(length);
    this.#factors = new Int32Array(length);
    this.#places = new Int32Array(length).fill(-1);
    this.bytes = this.#bytes();
  }

  /** From now on states may differ in a word in which they could not before. */
  admit(word: number): void {
    this.#same[this.#sameCount++] = word;
  }

  /** The number of a state, which is added unless it is there; what lies behind `length` words of it does not count. */
  add(state: Int32Array): number {
    if (this.#isEmpty) this.#begin(state);
    if (this.#isOther(state)) this.#widen(state);
    const hash = this.#hashOf(state);
    const slot = this.#slotOf(state, hash);
    const known = this.#slots[slot];
    if (known !== 0) return known - 1;
    const number = this.addNew();
    this.#store(state, number);
    this.#hashes[number] = hash;
    this.#slots[slot] = number + 1;
    if (this.size * 2 > this.#slots.length) this.#rehash();
    return number;
  }

  /** The number of a state; -1 when it is not there. */
  find(state: Int32Array): number {
    return this.#isOther(state) ? -1 : this.#slots[this.#slotOf(state, this.#hashOf(state))] - 1;
  }

  /** A number of its own, for something that is no state. */
  addNew(): number {
    const number = this.size++;
    if (number >= this.#hashes.length) this.#hashes = grown(this.#hashes, number * 2);
    if (number >> CHUNK_BITS === this.#chunks.length) this.#chunks.push(new Int32Array(CHUNK * this.#width));
    if (this.size > this.#room) {
      this.#room *= 2;
      this.bytes = this.#bytes();
    }
    return number;
  }

  /** Copies a state to the front of `target`. */
  read(number: number, target: Int32Array): void {
    const stored = this.#stored;
    const count = this.#storedCount;
    const words = this.#chunks[number >> CHUNK_BITS];
    const base = (number & (CHUNK - 1)) * this.#width;
    target.set(this.#first);
    for (let place = 0; place < count; place++) target[stored[place]] = words[base + place];
  }

  /** One word of a state. */
  word(number: number, word: number): number {
    const place = this.#places[word];
    if (place < 0) return this.#first[word];
    return this.#chunks[number >> CHUNK_BITS][(number & (CHUNK - 1)) * this.#width + place];
  }

  /** Whether a state differs from the first in a word that is not stored. */
  #isOther(state: Int32Array): boolean {
    const first = this.#first;
    const same = this.#same;
    const count = this.#sameCount;
    let other = 0;
    for (let place = 0; place < count; place++) other |= state[same[place]] ^ first[same[place]];
    return other !== 0;
  }

  #hashOf(state: Int32Array): number {
    const stored = this.#stored;
    const factors = this.#factors;
    const count = this.#storedCount;
    let hash = this.#rest;
    for (let place = 0; place < count; place++) hash = (hash + Math.imul(state[stored[place]], factors[place])) | 0;
    // The table's mask would drop the high bits.
    hash = Math.imul(hash ^ (hash >>> 16), GOLDEN);
    return hash ^ (hash >>> 15);
  }

  /** Where the number of a state is, or would be. */
  #slotOf(state: Int32Array, hash: number): number {
    const slots = this.#slots;
    const hashes = this.#hashes;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let entry = slots[slot]; entry !== 0; entry = slots[slot]) {
      if (hashes[entry - 1] === hash && this.#equals(entry - 1, state)) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  /** Whether the words that are stored are those of a state. */
  #equals(number: number, state: Int32Array): boolean {
    const stored = this.#stored;
    const count = this.#storedCount;
    const words = this.#chunks[number >> CHUNK_BITS];
    const base = (number & (CHUNK - 1)) * this.#width;
    for (let place = 0; place < count; place++) if (words[base + place] !== state[stored[place]]) return false;
    return true;
  }

  #store(state: Int32Array, number: number): void {
    const stored = this.#stored;
    const count = this.#storedCount;
    const words = this.#chunks[number >> CHUNK_BITS];
    const base = (number & (CHUNK - 1)) * this.#width;
    for (let place = 0; place < count; place++) words[base + place] = state[stored[place]];
  }

  #begin(state: Int32Array): void {
    this.#isEmpty = false;
    for (let word = 0; word < this.length; word++) {
      this.#first[word] = state[word];
      this.#rest = (this.#rest + this.#share(word)) | 0;
    }
  }

  /** Takes up the words in which a state differs from the first. */
  #widen(state: Int32Array): void {
    const count = this.#sameCount;
    this.#sameCount = 0;
    for (let place = 0; place < count; place++) {
      const word = this.#same[place];
      if (state[word] === this.#first[word]) this.#same[this.#sameCount++] = word;
      else this.#takeUp(word);
    }
  }

  #takeUp(word: number): void {
    const place = this.#storedCount;
    if (place === this.#width) this.#makeWider();
    this.#stored[place] = word;
    this.#factors[place] = factorOf(word);
    this.#places[word] = place;
    this.#rest = (this.#rest - this.#share(word)) | 0;
    this.#storedCount++;
    const value = this.#first[word];
    if (value === 0) return;
    for (const words of this.#chunks) for (let at = place; at < words.length; at += this.#width) words[at] = value;
  }

  #makeWider(): void {
    const before = this.#width;
    this.#width = before * 2;
    this.#chunks = this.#chunks.map((words) => {
      const wider = new Int32Array(words.length * 2);
      for (let at = 0, to = 0; at < words.length; at += before, to += before * 2) {
        for (let place = 0; place < before; place++) wider[to + place] = words[at + place];
      }
      return wider;
    });
  }

  /** What a word of the first state adds to a hash. */
  #share(word: number): number {
    return Math.imul(this.#first[word], factorOf(word));
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (const entry of this.#slots) {
      if (entry === 0) continue;
      let slot = this.#hashes[entry - 1] & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = entry;
    }
    this.#slots = slots;
    this.bytes = this.#bytes();
  }

  #bytes(): number {
    return (this.#room * this.length + this.#slots.length) * Int32Array.BYTES_PER_ELEMENT;
  }
}

/** An odd number of a word's own. */
function factorOf(word: number): number {
  let factor = Math.imul(word + 1, GOLDEN);
  factor = Math.imul(factor ^ (factor >>> 15), 0x85ebca6b | 0);
  return (factor ^ (factor >>> 13)) | 1;
}
