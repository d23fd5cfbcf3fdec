/**
 * Met words: what follows events in the states of one machine that were met, and which tags they have.
 *
 * A wide machine has far more words than a run ever meets, too many for rows that have a place for each. Those that are met
 * get a row, which an open-addressing table finds; what is known costs one look-up and allocates nothing. Used by
 * machine-cache.ts and by the live engine.
 */

import type { MachineTable } from './machine-table.js';

/** Slots at first; a power of two, as always. Half of them are filled at most. */
const FIRST_SLOTS = 64;
/** 2^32 over the golden ratio: its product with words that lie close together has upper bits that lie far apart. */
const SPREAD = 0x9e3779b1 | 0;

/** The states of a machine that were met. */
export class MetWords {
  static readonly #known = new WeakMap<MachineTable, MetWords>();

  /** By slot: the word + 1, which is 0 where there is none. */
  #keys = new Int32Array(FIRST_SLOTS);
  /** By slot: where the row of the word begins, + 1; 0 where there is none. */
  #places = new Int32Array(FIRST_SLOTS);
  /** How far the product is shifted to be a slot. */
  #shift = 32 - Math.log2(FIRST_SLOTS);
  /**
   * Rows: an entry an event, ~word for the next word, v + 1 for violation v, 0 when not known yet; then an entry a tag, 1
   * without it, 2 with it, 0 when not known yet.
   */
  #rows: Int32Array;
  #count = 0;
  readonly #events: number;
  readonly #width: number;

  constructor(readonly table: MachineTable) {
    this.#events = table.events.length;
    this.#width = this.#events + table.tags.length;
    this.#rows = new Int32Array((FIRST_SLOTS / 2) * this.#width);
  }

  /** What was met of a machine. */
  static of(table: MachineTable): MetWords {
    const known = MetWords.#known.get(table);
    if (known !== undefined) return known;
    const met = new MetWords(table);
    MetWords.#known.set(table, met);
    return met;
  }

  /** How many words were met. */
  get count(): number {
    return this.#count;
  }

  /** The word after an event, or -(v + 1) for violation v. Throws ModelError for what is no word of the machine. */
  next(word: number, event: number): number {
    const place = this.#placeOf(word);
    const known = place < 0 ? 0 : this.#rows[place + event];
    if (known !== 0) return known < 0 ? ~known : -known;
    const next = this.table.next(word, event);
    this.#note(word, event, next >= 0 ? ~next : -next);
    return next;
  }

  /** 1 when a state has the tag of a number, else 0. Throws ModelError for what is no word of the machine. */
  hasTag(word: number, tag: number): number {
    const place = this.#placeOf(word);
    const known = place < 0 ? 0 : this.#rows[place + this.#events + tag];
    if (known !== 0) return known - 1;
    const has = this.table.hasTag(word, this.table.tags[tag]) ? 1 : 0;
    this.#note(word, this.#events + tag, has + 1);
    return has;
  }

  /** Where the row of a word begins; -1 if it was not met. */
  #placeOf(word: number): number {
    const keys = this.#keys;
    const key = (word + 1) | 0;
    const mask = keys.length - 1;
    let slot = Math.imul(word, SPREAD) >>> this.#shift;
    // The key of no word of a machine is 0, which would be found in a slot that is free: it has no place there.
    while (keys[slot] !== key) {
      if (keys[slot] === 0) return -1;
      slot = (slot + 1) & mask;
    }
    return this.#places[slot] - 1;
  }

  #note(word: number, entry: number, value: number): void {
    // First: it may put other rows in place of these.
    const place = this.#placeFor(word);
    this.#rows[place + entry] = value;
  }

  /** Where the row of a word begins, which gets one if it was not met. */
  #placeFor(word: number): number {
    const known = this.#placeOf(word);
    if (known >= 0) return known;
    if (2 * (this.#count + 1) > this.#keys.length) this.#grow();
    const place = this.#count++ * this.#width;
    this.#put((word + 1) | 0, place + 1);
    return place;
  }

  #put(key: number, place: number): void {
    const mask = this.#keys.length - 1;
    let slot = Math.imul(key - 1, SPREAD) >>> this.#shift;
    while (this.#keys[slot] !== 0) slot = (slot + 1) & mask;
    this.#keys[slot] = key;
    this.#places[slot] = place;
  }

  #grow(): void {
    const [keys, places, rows] = [this.#keys, this.#places, this.#rows];
    this.#keys = new Int32Array(2 * keys.length);
    this.#places = new Int32Array(2 * keys.length);
    this.#shift--;
    keys.forEach((key, slot) => {
      if (key !== 0) this.#put(key, places[slot]);
    });
    this.#rows = new Int32Array(2 * rows.length);
    this.#rows.set(rows);
  }
}
