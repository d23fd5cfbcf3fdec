/**
 * State set: states of equal length, each with a number, stored exactly. Used by the searches that start from a state of
 * the executor: for the shortest schedule, and for what can still come of a run.
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

  /** Bytes of the states and of the table. */
  get bytes(): number {
    return this.#words.byteLength + this.#slots.byteLength;
  }

  /** The number of a state, which is added unless it is there; what lies behind `length` words of it does not count. */
  add(state: Int32Array): number {
    const slot = this.#slotOf(state);
    if (this.#slots[slot] !== 0) return this.#slots[slot] - 1;
    const number = this.addNew();
    this.#words.set(state.subarray(0, this.length), number * this.length);
    this.#slots[slot] = number + 1;
    if (this.size * 2 > this.#slots.length) this.#rehash();
    return number;
  }

  /** The number of a state; -1 when it is not there. */
  find(state: Int32Array): number {
    return this.#slots[this.#slotOf(state)] - 1;
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

  /** One word of a state. */
  word(number: number, place: number): number {
    return this.#words[number * this.length + place];
  }

  /** Where the number of a state is, or would be. */
  #slotOf(state: Int32Array): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(state, this.length) & mask;
    for (let entry = this.#slots[slot]; entry !== 0; entry = this.#slots[slot]) {
      if (this.#equals(entry - 1, state)) break;
      slot = (slot + 1) & mask;
    }
    return slot;
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
