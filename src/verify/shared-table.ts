/**
 * Shared table: the states of one search in shared memory, to which several threads add at once.
 *
 * As StateTable, with one difference: a new state is written first and then published in its slot by compare-exchange;
 * of two threads that come with the same state one wins. The loser's place is given up (a hole), unless the thread has
 * another new state to put there. The table does not grow while threads work on it: states that find no room are put
 * aside for the main thread, which grows it between two levels. Used by the parallel search.
 */

import { CURSOR, HOLE, PLACES, STOP } from '../kernels/search-words.js';
import { MemoryBudget } from '../space/memory-budget.js';
import { moveState, type Packing, type Places } from '../space/pack.js';
import { hashOf, type StateStore } from '../space/state-table.js';

/** Words of the control block. */
export const TableControl = {
  /** Places given out. */
  Places: PLACES,
  /** The next place of the level to take up. */
  Cursor: CURSOR,
  /** Not 0: take up no more. */
  Stop: STOP,
} as const;

/** What threads share the states of a search in. */
export interface LevelTable extends StateStore {
  /** TableControl. */
  readonly control: Int32Array;
  /** What other threads need to have the same table; plain data. */
  readonly memory: object;
  /** States that found no room: their words, then the parent. */
  putAside: number[];
  /** A thread's places that hold no state are holes. */
  endLevel(): void;
  /** Main thread, while no other works: makes room for `count` more states. */
  reserve(count: number): void;
}

/** The memory of a table; plain data that threads may share. */
export interface TableMemory {
  readonly width: number;
  readonly control: SharedArrayBuffer;
  readonly keys: SharedArrayBuffer;
  readonly parents: SharedArrayBuffer;
  readonly slots: SharedArrayBuffer;
}

/** Slots are kept at most this full. */
const FULL = 0.625;
const PAGE = 4096;
/** Room that a table has from the beginning, times the states that it takes over. */
const AHEAD = 4;

/** The states of one search, shared. */
export class SharedTable implements LevelTable {
  control: Int32Array;
  width: number;
  keys: Int32Array;
  parents: Int32Array;
  /** States that found no room: their words, then the parent. */
  putAside: number[] = [];
  #slots: Int32Array;
  #room: number;
  /** Asked by the main thread, which alone makes the table grow. */
  #budget = new MemoryBudget();
  /** A place of this thread's that holds no state; -1 for none. */
  #spare = -1;
  #touched = 0;
  #probes = new Int32Array(64);

  constructor(public memory: TableMemory) {
    this.control = new Int32Array(memory.control);
    this.width = memory.width;
    this.keys = new Int32Array(memory.keys);
    this.parents = new Int32Array(memory.parents);
    this.#slots = new Int32Array(memory.slots);
    this.#room = this.parents.length;
  }

  /** The memory of an empty table. */
  static newMemory(width: number): TableMemory {
    return { control: shared(PAGE), width, keys: shared(PAGE * width), parents: shared(PAGE), slots: shared(PAGE * 2) };
  }

  /** A shared table with the states of one that was not, under the same numbers. */
  static of(store: StateStore, budget: MemoryBudget): SharedTable {
    const { size, width, keys, parents } = store;
    const table = new SharedTable(SharedTable.newMemory(width));
    table.#budget = budget;
    table.reserve(size * AHEAD);
    table.keys.set(keys.subarray(0, size * width));
    table.parents.set(parents.subarray(0, size));
    Atomics.store(table.control, TableControl.Places, size);
    table.#rehash();
    budget.replace(store, table);
    return table;
  }

  /** Number of places; some may be holes. */
  get size(): number {
    return Math.min(Atomics.load(this.control, TableControl.Places), this.#most);
  }

  /** Places that may be given out before the table has to grow. */
  get #most(): number {
    return Math.min(this.#room, Math.floor(this.#slots.length * FULL));
  }

  /** Pages of shared memory that nobody has written to take no room. */
  get bytes(): number {
    return this.size * (this.width + 1) * Int32Array.BYTES_PER_ELEMENT + this.#slots.byteLength;
  }

  /** Goes on with other memory: the main thread has a table now, or has grown it. */
  follow(memory: TableMemory): void {
    if (memory === this.memory) return;
    this.memory = memory;
    this.control = new Int32Array(memory.control);
    this.width = memory.width;
    this.keys = new Int32Array(memory.keys);
    this.parents = new Int32Array(memory.parents);
    this.#slots = new Int32Array(memory.slots);
    this.#room = this.parents.length;
  }

  find(packed: Int32Array, offset: number): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(packed, offset, this.width) & mask;
    for (let entry = Atomics.load(this.#slots, slot); entry !== 0; entry = Atomics.load(this.#slots, slot)) {
      if (this.#equals(entry - 1, packed, offset)) return entry - 1;
      slot = (slot + 1) & mask;
    }
    return -1;
  }

  addBatch(packed: Int32Array, count: number, parents: Int32Array): void {
    if (this.#probes.length < count) this.#probes = new Int32Array(count * 2);
    const { width, keys } = this;
    const slots = this.#slots;
    const probes = this.#probes;
    const mask = slots.length - 1;
    let touched = 0;
    for (let i = 0; i < count; i++) {
      const slot = hashOf(packed, i * width, width) & mask;
      probes[i] = slot;
      touched ^= slots[slot];
    }
    for (let i = 0; i < count; i++) {
      const number = slots[probes[i]] - 1;
      touched ^= keys[(number & ~(number >> 31)) * width];
    }
    this.#touched ^= touched;
    for (let i = 0; i < count; i++) this.#add(packed, i * width, probes[i], parents[i]);
  }

  /** Gives this thread's spare place up. */
  endLevel(): void {
    if (this.#spare >= 0) this.parents[this.#spare] = HOLE;
    this.#spare = -1;
  }

  /** Main thread, while no other works: makes room for `count` more states. */
  reserve(count: number): void {
    // Threads that found no room may have counted on.
    Atomics.store(this.control, TableControl.Places, this.size);
    const needed = this.size + count;
    let { keys, parents, slots } = this.memory;
    if (needed > this.#room) {
      const room = Math.ceil(needed * 1.5);
      // Pages that nobody has written to take no room: what is copied does.
      const bytes = this.size * (this.width + 1) * Int32Array.BYTES_PER_ELEMENT;
      [keys, parents] = this.#budget.take(bytes, () => [
        copied(this.keys, room * this.width),
        copied(this.parents, room),
      ]);
    }
    const full = needed > this.#slots.length * FULL;
    if (full) {
      let length = this.#slots.length * 2;
      while (needed > length * FULL) length *= 2;
      slots = this.#budget.take(length * Int32Array.BYTES_PER_ELEMENT, () => shared(length));
    }
    if (needed <= this.#room && !full) return;
    this.follow({ ...this.memory, keys, parents, slots });
    if (full) this.#rehash();
  }

  /** Main thread, while no other works. */
  relayout(packing: Packing, before: Places): void {
    const { width } = packing.places;
    const bytes = (this.size * width + this.#slots.length) * Int32Array.BYTES_PER_ELEMENT;
    const [keys, slots] = this.#budget.take(bytes, () => [shared(this.#room * width), shared(this.#slots.length)]);
    const words = new Int32Array(keys);
    const moves = packing.movesFrom(before);
    for (let i = 0; i < this.size; i++) moveState(moves, this.keys, i * this.width, words, i * width);
    this.follow({ ...this.memory, width, keys, slots });
    this.#rehash();
  }

  #add(packed: Int32Array, offset: number, first: number, parent: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = first;
    for (;;) {
      let entry = Atomics.load(slots, slot);
      if (entry === 0) {
        const place = this.#place(packed, offset, parent);
        if (place < 0) return;
        entry = Atomics.compareExchange(slots, slot, 0, place + 1);
        if (entry === 0) {
          this.#spare = -1;
          return;
        }
      }
      // Taken, perhaps only just now.
      if (this.#equals(entry - 1, packed, offset)) return;
      slot = (slot + 1) & mask;
    }
  }

  /** Writes a state to a place of this thread's; -1 when there is none left. */
  #place(packed: Int32Array, offset: number, parent: number): number {
    const { width, keys } = this;
    if (this.#spare < 0) {
      const most = this.#most;
      const isFull = Atomics.load(this.control, TableControl.Places) >= most;
      const place = isFull ? most : Atomics.add(this.control, TableControl.Places, 1);
      if (place >= most) {
        Atomics.store(this.control, TableControl.Stop, 1);
        for (let k = 0; k < width; k++) this.putAside.push(packed[offset + k]);
        this.putAside.push(parent);
        return -1;
      }
      this.#spare = place;
    }
    for (let k = 0; k < width; k++) keys[this.#spare * width + k] = packed[offset + k];
    this.parents[this.#spare] = parent;
    return this.#spare;
  }

  #equals(number: number, packed: Int32Array, offset: number): boolean {
    const base = number * this.width;
    for (let k = 0; k < this.width; k++) if (this.keys[base + k] !== packed[offset + k]) return false;
    return true;
  }

  #rehash(): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let i = 0; i < this.size; i++) {
      if (this.parents[i] === HOLE) continue;
      let slot = hashOf(this.keys, i * this.width, this.width) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = i + 1;
    }
  }
}

function shared(words: number): SharedArrayBuffer {
  return new SharedArrayBuffer(words * 4);
}

function copied(words: Int32Array, length: number): SharedArrayBuffer {
  const buffer = shared(length);
  new Int32Array(buffer).set(words);
  return buffer;
}
