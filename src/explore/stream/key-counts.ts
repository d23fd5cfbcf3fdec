/**
 * Key counts: how often something came that two numbers name. The stream counts at every departure that it queues and at
 * every switch of actors, so there is one table and no object. Used by the stream.
 */

const GOLDEN = 0x9e3779b9 | 0;
const MIXER = 0x85ebca6b | 0;

/** Words of an entry: both halves of the key, and how often it came; 0 is free. */
const WORDS = 3;

/** Counts by keys of two words. */
export class KeyCounts {
  #size = 0;
  #table = new Int32Array(WORDS * 64);
  /** Entries less one. */
  #mask = 63;

  /** Counts a key; how often it came before. */
  add(first: number, second: number): number {
    const place = this.#placeOf(first, second);
    const table = this.#table;
    const count = table[place + 2]++;
    if (count > 0) return count;
    table[place] = first;
    table[place + 1] = second;
    this.#size++;
    if (this.#size * 2 > this.#mask) this.#grow();
    return 0;
  }

  /** How often a key came. */
  of(first: number, second: number): number {
    return this.#table[this.#placeOf(first, second) + 2];
  }

  /** Where a key is, or would be. */
  #placeOf(first: number, second: number): number {
    const table = this.#table;
    const mask = this.#mask;
    let hash = Math.imul(first + Math.imul(second, MIXER), GOLDEN);
    hash ^= hash >>> 15;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = slot * WORDS;
      if (table[place + 2] === 0 || (table[place] === first && table[place + 1] === second)) return place;
    }
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Int32Array(old.length * 2);
    this.#mask = this.#mask * 2 + 1;
    for (let from = 0; from < old.length; from += WORDS) {
      if (old[from + 2] === 0) continue;
      const to = this.#placeOf(old[from], old[from + 1]);
      for (let word = 0; word < WORDS; word++) this.#table[to + word] = old[from + word];
    }
  }
}
