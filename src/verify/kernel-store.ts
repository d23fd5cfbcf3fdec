/**
 * Kernel store: states in the memory of a search kernel, with all else that one kernel works on. What a search by itself and
 * threads that share one have in common. Used by their tables.
 */

import { MOST_WIDTH, ROOM } from '../kernels/search-words.js';
import { OutOfMemory } from '../space/memory-budget.js';
import type { Packing, Places } from '../space/pack.js';
import type { StateStore } from '../space/state-table.js';
import { type KernelArrays, LOOK_WORDS, powerOf2 } from './kernel-layout.js';
import type { Batch } from './successors.js';

/** States of more words than this are not kept in a kernel's memory: they may become twice as wide at once. */
export const WIDE = MOST_WIDTH / 2;
/** Why a search ends that should have left in time. */
export const FULL_MEMORY = 'the memory of the search kernel, which is full';

/** What dist/kernels/search.wasm and search-shared.wasm export (src/kernels/search.ts). */
export interface SearchExports {
  layOut(...addresses: number[]): void;
  describe(
    width: number,
    actors: number,
    required: number,
    awaited: number,
    reduces: number,
    footprint: number,
    lookSlots: number,
  ): void;
  expand(first: number, end: number): number;
  setSymmetry(place: number, groups: number): void;
  noteLooks(state: number): void;
  forgetLooks(): void;
  hashFrom(first: number): void;
  find(address: number): number;
  addPending(): number;
  moveStates(count: number, width: number, moves: number): void;
  rehash(slots: number): void;
  setSlots(slots: number, places: number): void;
  endLevel(): void;
}

/** What the kernel has to know of a search. */
export interface KernelTask {
  readonly actors: number;
  /** Bits: of those that must finish, and of those whose calls others wait for. */
  readonly required: number;
  readonly awaited: number;
  /** Words of a footprint where orders of steps are left out; whether the locks are looked at. */
  readonly footprint: number | undefined;
  readonly looks: boolean;
}

/** States in a kernel's memory. */
export abstract class KernelStore implements StateStore {
  readonly keys: Int32Array;
  readonly parents: Int32Array;
  /** The successors that wait. */
  readonly batch: Batch;
  /** The words that both halves read and write. */
  readonly told: Int32Array;
  /** Where the trees of remembered steps go. */
  readonly words: Int32Array<ArrayBuffer>;
  /** By place in a call of the kernel: who has to finish and has not. */
  readonly unfinished: Int32Array;
  /** Successors that wait and were hashed. */
  hashed = 0;
  #task: KernelTask = { actors: 0, required: 0, awaited: 0, footprint: undefined, looks: false };

  protected constructor(
    readonly kernel: SearchExports,
    protected readonly arrays: KernelArrays,
    public width: number,
  ) {
    this.keys = arrays.keys;
    this.parents = arrays.parents;
    this.told = arrays.control;
    this.words = arrays.words;
    this.unfinished = arrays.unfinished;
    this.batch = {
      parents: arrays.sources,
      actors: arrays.movers,
      numbers: arrays.hashes,
      bufferOf: (words) => arrays.buffer.subarray(0, ROOM * words),
    };
    const { shared, control, words, keys, parents, slots, buffer, sources, movers, hashes } = arrays;
    const states = [words, keys, parents, slots, buffer, sources, movers, hashes];
    const placed = [shared, control, ...states, arrays.unfinished, arrays.perActor, arrays.looks, arrays.sorting];
    kernel.layOut(...placed.map(({ byteOffset }) => byteOffset));
  }

  abstract readonly size: number;
  abstract readonly bytes: number;

  /** Whether so many more states find room. */
  abstract hasRoomFor(count: number): boolean;

  abstract addBatch(packed: Int32Array, count: number, parents: Int32Array, numbers?: Int32Array): void;

  abstract relayout(packing: Packing, before: Places): void;

  /** Tells the kernel where states are found, once it knows how wide they are. */
  protected abstract placeStates(): void;

  /** Says what is searched. */
  describe(task: KernelTask): void {
    this.#task = task;
    const { actors, required, awaited, footprint, looks } = task;
    const lookSlots = looks ? powerOf2(LOOK_WORDS / (this.width + 1)) : 0;
    const reduces = Number(footprint !== undefined);
    this.kernel.describe(this.width, actors, required, awaited, reduces, footprint ?? 0, lookSlots);
    this.hashed = 0;
    this.placeStates();
  }

  /** Takes the states of another store, of the same width; how many. */
  protected copyStates({ size, width, keys, parents }: StateStore): number {
    this.keys.set(keys.subarray(0, size * width));
    this.parents.set(parents.subarray(0, size));
    return size;
  }

  /** States take so many words from now on. */
  protected becomes(width: number): void {
    this.width = width;
    this.describe(this.#task);
  }

  find(packed: Int32Array, offset: number): number {
    this.arrays.sought.set(packed.subarray(offset, offset + this.width));
    return this.kernel.find(this.arrays.sought.byteOffset);
  }

  /** Moves every state to the present places of a packing. @throws OutOfMemory */
  protected moveStates(packing: Packing, before: Places): void {
    const { width } = packing.places;
    const { list } = packing.movesFrom(before);
    const { keys, size } = this;
    const isTooMuch = list.length + width > this.arrays.buffer.length;
    if (width > MOST_WIDTH || size * width > keys.length || isTooMuch) throw new OutOfMemory(FULL_MEMORY);
    // No successor waits.
    this.arrays.buffer.set(list);
    this.kernel.moveStates(size, width, list.length);
    this.becomes(width);
  }
}
