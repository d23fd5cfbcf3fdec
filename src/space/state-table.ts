/**
 * State table: packed states, each once, with a number and the number of the state it was first reached from.
 *
 * Exact storage in three flat arrays: the states in the order in which they came, their parents, and an index by hash
 * (open addressing, linear probing). A slot holds a number and, in the bits that the number leaves, those of the hash: so
 * a state is fetched only when it is most likely the one that is looked for. Successors are added in batches: a batch
 * first touches all the slots and states that it will compare, so that the processor waits for many cache lines at once
 * instead of for one after the other. Used by the search.
 */

import { MemoryBudget } from './memory-budget.js';
import { moveState, type Packing, type Places } from './pack.js';

/** Slots are kept at most this full. */
const FULL = 0.625;
const WORD_BYTES = Int32Array.BYTES_PER_ELEMENT;
/** Storage grows by this factor. */
const GROWTH = 1.5;
/** An index of fewer slots grows by four: most grow on, and each time all states are placed anew. */
const SMALL = 1 << 15;
/** States are placed anew by this many. */
const PLACED = 256;

/** Where a search keeps its states. */
export interface StateStore {
  /** Number of states. */
  readonly size: number;
  /** Words of a state. */
  readonly width: number;
  /** The states, `width` words each. */
  readonly keys: Int32Array;
  /** The state from which each state was first reached; -1 for the first. */
  readonly parents: Int32Array;
  /** Memory in use, with what is held in reserve. */
  readonly bytes: number;
  /** The number of the state packed at `offset`, or -1. */
  find(packed: Int32Array, offset: number): number;
  /** Adds `count` states packed one after the other; `parents` are theirs. Writes their numbers if it is told where. */
  addBatch(packed: Int32Array, count: number, parents: Int32Array, numbers?: Int32Array): void;
  /** Moves every state to the present places of `packing`. Like adding, it may throw OutOfMemory. */
  relayout(packing: Packing, before: Places): void;
}

/** A store that can be used again and again. */
export interface ReusableStore extends StateStore {
  /** Holds no states from now on but so many, which are packed one behind the other and come from nowhere. */
  beginWith(packed: Int32Array, count: number): void;
}

/** The states of one search. */
export class StateTable implements ReusableStore {
  /** Number of states. */
  size = 0;
  /** The states, `width` words each. */
  keys: Int32Array;
  /** The state from which each state was first reached; -1 for the first. */
  parents: Int32Array;
  /** 0, or the number of a state plus 1 in the low bits and bits of its hash in those of `#tags`. */
  #slots = new Int32Array(1024);
  #tags = tagsOf(1024);
  #room: number;
  /** Keeps the loads of the first two passes alive. */
  #touched = 0;
  #hashes = new Int32Array(64);

  /** @param width words of a state @param memory what it may hold; without, as much as there is */
  constructor(
    public width: number,
    readonly memory = new MemoryBudget(),
  ) {
    this.#room = 512;
    this.keys = new Int32Array(this.#room * width);
    this.parents = new Int32Array(this.#room);
    memory.add(this);
  }

  /** A table with the states of another store, under the same numbers. */
  static of({ size, width, keys, parents }: StateStore, memory: MemoryBudget): StateTable {
    const table = new StateTable(width, memory);
    table.#reserve(size);
    table.keys.set(keys.subarray(0, size * width));
    table.parents.set(parents.subarray(0, size));
    table.size = size;
    table.#rehash(table.#slots.length);
    return table;
  }

  beginWith(packed: Int32Array, count: number): void {
    this.size = 0;
    this.#reserve(count);
    this.keys.set(packed.subarray(0, count * this.width));
    this.parents.fill(-1, 0, count);
    this.size = count;
    this.#rehash(this.#slots.length);
  }

  /** Memory in use, with what is held in reserve. */
  get bytes(): number {
    return this.keys.byteLength + this.parents.byteLength + this.#slots.byteLength;
  }

  /** The number of the state packed at `offset`, or -1. */
  find(packed: Int32Array, offset: number): number {
    const { keys, width } = this;
    const tags = this.#tags;
    const mask = this.#slots.length - 1;
    const hash = hashOf(packed, offset, width);
    let slot = hash & mask;
    for (let entry = this.#slots[slot]; entry !== 0; entry = this.#slots[slot]) {
      if (((entry ^ hash) & tags) === 0) {
        const number = (entry & ~tags) - 1;
        const base = number * width;
        let k = 0;
        while (k < width && keys[base + k] === packed[offset + k]) k++;
        if (k === width) return number;
      }
      slot = (slot + 1) & mask;
    }
    return -1;
  }

  /** Adds the state packed at `offset` unless it is there. Returns its number. */
  add(packed: Int32Array, offset: number, parent: number): number {
    const found = this.find(packed, offset);
    if (found >= 0) return found;
    this.#reserve(1);
    const hash = hashOf(packed, offset, this.width);
    this.#append(packed, offset, parent);
    this.#place(this.#slots, this.#tags, hash, this.size);
    return this.size - 1;
  }

  /**
   * Adds `count` states packed one after the other; `parents` are theirs. Writes the number of each to `numbers` if it
   * is given.
   */
  addBatch(packed: Int32Array, count: number, parents: Int32Array, numbers?: Int32Array): void {
    this.#reserve(count);
    if (this.#hashes.length < count) this.#hashes = new Int32Array(count * 2);
    const { width, keys } = this;
    const slots = this.#slots;
    const tags = this.#tags;
    const hashes = this.#hashes;
    const mask = slots.length - 1;
    let touched = 0;
    for (let i = 0; i < count; i++) {
      const hash = hashOf(packed, i * width, width);
      hashes[i] = hash;
      touched ^= slots[hash & mask];
    }
    for (let i = 0; i < count; i++) {
      const entry = slots[hashes[i] & mask];
      if (entry !== 0 && ((entry ^ hashes[i]) & tags) === 0) touched ^= keys[((entry & ~tags) - 1) * width];
    }
    this.#touched ^= touched;
    for (let i = 0; i < count; i++) {
      const offset = i * width;
      const hash = hashes[i];
      let slot = hash & mask;
      let number = -1;
      for (let entry = slots[slot]; entry !== 0; entry = slots[slot]) {
        if (((entry ^ hash) & tags) === 0) {
          const met = (entry & ~tags) - 1;
          const base = met * width;
          let k = 0;
          while (k < width && keys[base + k] === packed[offset + k]) k++;
          if (k === width) {
            number = met;
            break;
          }
        }
        slot = (slot + 1) & mask;
      }
      if (number < 0) {
        number = this.#append(packed, offset, parents[i]);
        slots[slot] = (hash & tags) | (number + 1);
      }
      if (numbers !== undefined) numbers[i] = number;
    }
  }

  /** Moves every state to the present places of `packing`. */
  relayout(packing: Packing, before: Places): void {
    const { width } = packing.places;
    const words = this.#room * width;
    const keys = this.memory.take(words * WORD_BYTES, () => new Int32Array(words));
    const moves = packing.movesFrom(before);
    for (let i = 0; i < this.size; i++) moveState(moves, this.keys, i * this.width, keys, i * width);
    this.keys = keys;
    this.width = width;
    this.#rehash(this.#slots.length);
  }

  #append(packed: Int32Array, offset: number, parent: number): number {
    const number = this.size++;
    const base = number * this.width;
    for (let k = 0; k < this.width; k++) this.keys[base + k] = packed[offset + k];
    this.parents[number] = parent;
    return number;
  }

  #reserve(count: number): void {
    const needed = this.size + count;
    if (needed >= this.#room) {
      const room = Math.ceil(needed * GROWTH);
      // Both before either is replaced: a table that could not grow is as it was.
      const [keys, parents] = this.memory.take(room * (this.width + 1) * WORD_BYTES, () => [
        larger(this.keys, room * this.width),
        larger(this.parents, room),
      ]);
      this.#room = room;
      this.keys = keys;
      this.parents = parents;
    }
    if (needed > this.#slots.length * FULL) {
      let length = this.#slots.length * (this.#slots.length < SMALL ? 4 : 2);
      while (needed > length * FULL) length *= 2;
      this.#rehash(length);
    }
  }

  #rehash(length: number): void {
    const slots = this.memory.take(length * WORD_BYTES, () => new Int32Array(length));
    const tags = tagsOf(length);
    const mask = length - 1;
    const { keys, width, size } = this;
    if (this.#hashes.length < PLACED) this.#hashes = new Int32Array(PLACED);
    const hashes = this.#hashes;
    let touched = 0;
    // As in a batch of new states: first all slots are touched, then they are filled.
    for (let first = 0; first < size; first += PLACED) {
      const count = Math.min(PLACED, size - first);
      for (let i = 0; i < count; i++) {
        const hash = hashOf(keys, (first + i) * width, width);
        hashes[i] = hash;
        touched ^= slots[hash & mask];
      }
      for (let i = 0; i < count; i++) this.#place(slots, tags, hashes[i], first + i + 1);
    }
    this.#touched ^= touched;
    this.#slots = slots;
    this.#tags = tags;
  }

  /** Writes an entry into the first free slot. */
  #place(slots: Int32Array, tags: number, hash: number, entry: number): void {
    const mask = slots.length - 1;
    let slot = hash & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = (hash & tags) | entry;
  }
}

/** The bits of a slot that no number of a state needs: a table has fewer states than slots. */
function tagsOf(slots: number): number {
  return ~(slots - 1);
}

/** Mixes the words of a state; the low bits, which pick the slot, depend on all of them. */
export function hashOf(packed: Int32Array, offset: number, width: number): number {
  let hash = 0x9e3779b9 | 0;
  for (let k = 0; k < width; k++) {
    hash = Math.imul(hash ^ packed[offset + k], 0x85ebca6b | 0);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0xc2b2ae35 | 0);
  return hash ^ (hash >>> 16);
}

function larger(words: Int32Array, length: number): Int32Array {
  const copy = new Int32Array(length);
  copy.set(words);
  return copy;
}
