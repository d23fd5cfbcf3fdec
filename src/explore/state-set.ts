/**
 * State set: states of equal length, each with a number, stored exactly. Used by the search for the shortest schedule
 * and by the enumeration.
 */

const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;

/** Numbers states from 0 in the order in which they come. */
export class StateSet {
  /** Number of states. */
  size = 0;
  #words: Int32Array;
  /** Number of a state plus one; 0 is free. */
  #slots = new Int32Array(1024);

  /** @param length words of a state */
  constructor(readonly length: number) {
    this.#words = new Int32Array(length * 256);
  }

  /** The number of a state, which is added unless it is there. */
  add(state: Int32Array): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(state, this.length) & mask;
    for (let entry = this.#slots[slot]; entry !== 0; entry = this.#slots[slot]) {
      if (this.#equals(entry - 1, state)) return entry - 1;
      slot = (slot + 1) & mask;
    }
    const number = this.addNew();
    this.#words.set(state.subarray(0, this.length), number * this.length);
    this.#slots[slot] = number + 1;
    if (this.size * 2 > this.#slots.length) this.#rehash();
    return number;
  }

  /** A number of its own, for something that is no state. */
  addNew(): number {
    const number = this.size++;
    if (this.size * this.length > this.#words.length) {
      const words = new Int32Array(this.#words.length * 2);
      words.set(this.#words);
      this.#words = words;
    }
    return number;
  }

  /** Copies a state to the front of `target`. */
  read(number: number, target: Int32Array): void {
    const base = number * this.length;
    for (let word = 0; word < this.length; word++) target[word] = this.#words[base + word];
  }

  #equals(number: number, state: Int32Array): boolean {
    const base = number * this.length;
    for (let word = 0; word < this.length; word++) if (this.#words[base + word] !== state[word]) return false;
    return true;
  }

  #rehash(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    const mask = this.#slots.length - 1;
    for (const entry of old) {
      if (entry === 0) continue;
      const base = (entry - 1) * this.length;
      let slot = hashOf(this.#words.subarray(base, base + this.length), this.length) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = entry;
    }
  }
}

/** FNV-1a over words instead of bytes, with the high bits folded in, which the table's mask would drop. */
function hashOf(state: Int32Array, length: number): number {
  let hash = FNV_OFFSET;
  for (let word = 0; word < length; word++) {
    hash = Math.imul(hash ^ state[word], FNV_PRIME);
    hash ^= hash >>> 15;
  }
  return hash;
}
