/**
 * Kernel table: the states of one search in the memory of the search kernel, with all else that the kernel works on.
 *
 * All arrays are laid out once, as long as they may become: pages that nobody has written to take no room, so nothing is
 * copied when the table grows, and no view of the memory ends. Used by the search.
 */

import { MOST_WIDTH, PENDING, ROOM, SIZE } from '../kernels/search-words.js';
import { type KernelMemory, loadKernel, newKernelMemory } from '../space/kernel.js';
import { MemoryBudget, OutOfMemory } from '../space/memory-budget.js';
import { moveState, type Packing, type Places } from '../space/pack.js';
import type { StateStore } from '../space/state-table.js';
import { MOST_WORDS } from '../space/step-tree.js';
import type { Batch } from './successors.js';

const WORD_BYTES = Int32Array.BYTES_PER_ELEMENT;
/** All that a kernel can address, and the least that it is worth while for. */
const MEMORY = { most: 2 ** 32, least: 2 ** 28 };
/** The arrays begin here; what lies before is the compiler's. */
const START = 1 << 16;
/** Room of the looks at locks. */
const LOOK_BYTES = 1 << 22;
/** Slots are kept at most this full. */
const FULL = 0.625;
/** An index of fewer slots is small. */
const SMALL = 1 << 22;
/** States of more words than this are not kept here: they may become twice as wide at once. And by so many they often do. */
const WIDE = MOST_WIDTH / 2;
const WIDER = 2;
/** Why a search ends that should have left in time. */
const FULL_MEMORY = 'the memory of the search kernel, which is full';
/** Slots at first, at the least. */
const FIRST_SLOTS = 1 << 15;
/** Beyond what trees may take: roots are made all the same. */
const SPARE_WORDS = 1 << 20;

/** What dist/kernels/search.wasm exports (src/kernels/search.ts). */
export interface SearchExports {
  layOut(...addresses: number[]): void;
  describe(width: number, actors: number, required: number, awaited: number, reduces: number, lookSlots: number): void;
  expand(first: number, end: number): number;
  noteLooks(state: number): void;
  forgetLooks(): void;
  hashFrom(first: number): void;
  find(address: number): number;
  addPending(): void;
  rehash(slots: number): void;
}

/** What the kernel has to know of a search. */
export interface KernelTask {
  readonly actors: number;
  /** Bits: of those that must finish, and of those whose calls others wait for. */
  readonly required: number;
  readonly awaited: number;
  /** Whether orders of steps are left out; whether the locks are looked at. */
  readonly reduces: boolean;
  readonly looks: boolean;
}

/** The arrays, in their order. */
interface Arrays {
  readonly control: Int32Array;
  readonly perActor: Int32Array;
  readonly sources: Int32Array;
  readonly hashes: Int32Array;
  readonly movers: Uint8Array;
  readonly unfinished: Int32Array;
  /** Where one state is put that is looked for. */
  readonly sought: Int32Array;
  readonly buffer: Int32Array;
  readonly looks: Int32Array;
  readonly words: Int32Array<ArrayBuffer>;
  readonly slots: Int32Array;
  readonly parents: Int32Array;
  readonly keys: Int32Array;
}

/** The states of one search, in a kernel's memory. */
export class KernelTable implements StateStore {
  width: number;
  keys: Int32Array;
  readonly parents: Int32Array;
  /** The successors that wait. */
  readonly batch: Batch;
  /** The words that both halves read and write. */
  readonly control: Int32Array;
  /** Where the trees of remembered steps go. */
  readonly words: Int32Array<ArrayBuffer>;
  /** By place in a call of the kernel: who has to finish and has not. */
  readonly unfinished: Int32Array;
  readonly #arrays: Arrays;
  #slots: number;
  #searched: KernelTask = { actors: 0, required: 0, awaited: 0, reduces: false, looks: false };
  /** Successors that wait and were hashed. */
  hashed = 0;

  private constructor(
    readonly kernel: SearchExports,
    memory: KernelMemory,
    readonly budget: MemoryBudget,
    { size, width, keys, parents }: StateStore,
  ) {
    const arrays = arraysIn(memory.buffer, width);
    this.#arrays = arrays;
    this.width = width;
    this.keys = arrays.keys;
    this.parents = arrays.parents;
    this.batch = {
      parents: arrays.sources,
      actors: arrays.movers,
      numbers: arrays.hashes,
      bufferOf: (words) => arrays.buffer.subarray(0, ROOM * words),
    };
    this.control = arrays.control;
    this.words = arrays.words;
    this.unfinished = arrays.unfinished;
    this.#slots = slotsFor(size * 2);
    const { control, words, slots, buffer, sources, movers, hashes, unfinished, perActor, looks } = arrays;
    const states = [arrays.keys, arrays.parents, slots];
    const placed = [control, words, ...states, buffer, sources, movers, hashes, unfinished, perActor, looks];
    kernel.layOut(...placed.map(({ byteOffset }) => byteOffset));
    this.keys.set(keys.subarray(0, size * width));
    this.parents.set(parents.subarray(0, size));
    control[SIZE] = size;
  }

  /** A table with the states of another, under the same numbers; undefined when no kernel or no memory is to be had. */
  static of(store: StateStore, budget = new MemoryBudget()): KernelTable | undefined {
    const { most, least } = MEMORY;
    if (store.width > WIDE) return undefined;
    const memory = newKernelMemory(most, least);
    const kernel = memory && loadKernel<SearchExports>('search', memory);
    if (kernel === undefined || mostStates(memory!.buffer.byteLength, store.width) < store.size * 2) return undefined;
    return new KernelTable(kernel, memory!, budget, store);
  }

  /** Takes its place among what the budget counts, in place of the store that it took the states from. */
  replace(store: StateStore): void {
    this.budget.replace(store, this);
  }

  get size(): number {
    return this.control[SIZE];
  }

  get bytes(): number {
    return (this.size * (this.width + 1) + this.#slots) * WORD_BYTES;
  }

  /** Whether so many more states find room, and all of them if they should become somewhat wider. */
  hasRoomFor(count: number): boolean {
    const states = this.size + count;
    const fits = states <= this.parents.length && states * (this.width + WIDER) <= this.keys.length;
    return fits && this.width <= WIDE && slotsFor(states) <= this.#arrays.slots.length;
  }

  /** Says what is searched. */
  describe(searched: KernelTask): void {
    this.#searched = searched;
    const { actors, required, awaited, reduces, looks } = searched;
    const lookSlots = looks ? powerOf2(LOOK_BYTES / WORD_BYTES / (this.width + 1)) : 0;
    this.kernel.describe(this.width, actors, required, awaited, Number(reduces), lookSlots);
    this.kernel.rehash(this.#slots);
    this.hashed = 0;
  }

  find(packed: Int32Array, offset: number): number {
    this.#arrays.sought.set(packed.subarray(offset, offset + this.width));
    return this.kernel.find(this.#arrays.sought.byteOffset);
  }

  /** Adds what waits in this batch. */
  addBatch(_packed: Int32Array, count: number): void {
    const { kernel } = this;
    this.control[PENDING] = count;
    const needed = slotsFor(this.size + count);
    if (this.size + count > this.parents.length || needed > this.#arrays.slots.length)
      throw new OutOfMemory(FULL_MEMORY);
    if (needed > this.#slots) {
      this.budget.ask((needed - this.#slots) * WORD_BYTES);
      this.#slots = needed;
      kernel.rehash(needed);
      this.hashed = 0;
    } else if ((this.size & (FIRST_SLOTS - 1)) + count >= FIRST_SLOTS) this.budget.ask(0);
    kernel.hashFrom(this.hashed);
    kernel.addPending();
    this.hashed = 0;
  }

  relayout(packing: Packing, before: Places): void {
    const { width } = packing.places;
    const moves = packing.movesFrom(before);
    const { keys, size } = this;
    if (width > MOST_WIDTH || size * width > keys.length) throw new OutOfMemory(FULL_MEMORY);
    this.budget.ask(Math.max(0, width - this.width) * size * WORD_BYTES);
    const state = new Int32Array(width);
    // From the end on which no state overtakes another.
    const [first, end, by] = width > this.width ? [size - 1, -1, -1] : [0, size, 1];
    for (let number = first; number !== end; number += by) {
      moveState(moves, keys, number * this.width, state, 0);
      for (let k = 0, to = number * width; k < width; k++) keys[to + k] = state[k];
    }
    this.width = width;
    this.describe(this.#searched);
  }
}

/** Slots for so many states: an index that is small grows by four, for most grow on, and each time all states are placed anew. */
function slotsFor(states: number): number {
  let slots = FIRST_SLOTS;
  while (states > slots * FULL) slots *= slots < SMALL ? 4 : 2;
  return slots;
}

function powerOf2(most: number): number {
  return 2 ** Math.floor(Math.log2(most));
}

/** The words of every array but those that grow with the states, and room between them. */
const FIXED_WORDS = START / WORD_BYTES + ROOM * (MOST_WIDTH + 8) + LOOK_BYTES / WORD_BYTES + MOST_WORDS + SPARE_WORDS;

/** The slots that are worth while in a memory: as many as let all their states find room. */
function mostSlots(bytes: number, width: number): number {
  const rest = bytes / WORD_BYTES - FIXED_WORDS;
  return powerOf2(rest / (1 + FULL * (1 + width)));
}

function mostStates(bytes: number, width: number): number {
  return Math.floor(mostSlots(bytes, width) * FULL);
}

function arraysIn(memory: ArrayBuffer, width: number): Arrays {
  let at = START;
  const take = (words: number): Int32Array<ArrayBuffer> => {
    const array = new Int32Array(memory, at, words);
    at += words * WORD_BYTES;
    return array;
  };
  const slots = mostSlots(memory.byteLength, width);
  return {
    control: take(32),
    perActor: take(3 * 32),
    sources: take(ROOM),
    hashes: take(ROOM),
    movers: new Uint8Array(memory, take(ROOM / WORD_BYTES).byteOffset, ROOM),
    unfinished: take(ROOM * 2),
    sought: take(MOST_WIDTH),
    buffer: take(ROOM * MOST_WIDTH),
    looks: take(LOOK_BYTES / WORD_BYTES),
    words: take(MOST_WORDS + SPARE_WORDS),
    slots: take(slots),
    parents: take(Math.floor(slots * FULL)),
    keys: take(Math.floor((memory.byteLength - at) / WORD_BYTES)),
  };
}
