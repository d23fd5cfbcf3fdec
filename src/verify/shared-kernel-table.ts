/**
 * Shared kernel table: the states of one search in memory that the kernels of several threads work on, as SharedTable.
 *
 * Each thread has a kernel, and arrays of its own in an area of the memory; area 0 is the main thread's. Places are given out
 * to threads some hundred at a time, and those that hold no state when a level ends are holes. The table does not grow while
 * threads work on it. Used by the parallel search.
 */

import { PENDING, PLACES, STOP } from '../kernels/search-words.js';
import { type KernelMemory, loadKernel, newKernelMemory } from '../space/kernel.js';
import { MemoryBudget, OutOfMemory } from '../space/memory-budget.js';
import type { Packing, Places } from '../space/pack.js';
import type { StateStore } from '../space/state-table.js';
import { FULL_SLOTS, kernelArrays, mostStates, slotsFor } from './kernel-layout.js';
import { FULL_MEMORY, KernelStore, type SearchExports, WIDE } from './kernel-store.js';
import type { LevelTable } from './shared-table.js';

const WORD_BYTES = Int32Array.BYTES_PER_ELEMENT;
const BYTES = 2 ** 32;

/** The memory of such a table; plain data that threads may share. */
export interface SharedKernelMemory {
  readonly isKernel: true;
  readonly memory: KernelMemory;
  readonly areas: number;
  /** Words of a state now, and when the memory was laid out. */
  readonly width: number;
  readonly firstWidth: number;
  readonly slots: number;
}

/** The states of one search, shared by kernels. */
export class SharedKernelTable extends KernelStore implements LevelTable {
  /** States that found no room: their words, then the parent. */
  putAside: number[] = [];
  readonly control: Int32Array;
  #budget = new MemoryBudget();

  private constructor(
    kernel: SearchExports,
    public memory: SharedKernelMemory,
    readonly area: number,
  ) {
    super(kernel, kernelArrays(memory.memory, memory.firstWidth, area, memory.areas), memory.width);
    this.control = this.arrays.shared;
  }

  /** A thread's table over a memory. */
  static over(memory: SharedKernelMemory, area: number): SharedKernelTable {
    const kernel = loadKernel<SearchExports>('search-shared', memory.memory);
    if (kernel === undefined) throw new Error('a thread has no kernel, and another has one');
    const table = new SharedKernelTable(kernel, memory, area);
    table.becomes(memory.width);
    return table;
  }

  /**
   * A table for so many threads, with the states of one that was not shared, under the same numbers; undefined when no kernel
   * or no memory is to be had.
   */
  static of(store: StateStore, budget: MemoryBudget, threads: number): SharedKernelTable | undefined {
    const { size, width } = store;
    const areas = threads + 1;
    if (width > WIDE) return undefined;
    const memory = newKernelMemory(BYTES, BYTES, true);
    if (memory === undefined || mostStates(memory, width, areas) < size * 2) return undefined;
    const kernel = loadKernel<SearchExports>('search-shared', memory);
    if (kernel === undefined) return undefined;
    const slots = slotsFor(size * 2);
    const table = new SharedKernelTable(kernel, { isKernel: true, memory, areas, width, firstWidth: width, slots }, 0);
    Atomics.store(table.control, PLACES, table.copyStates(store));
    table.#budget = budget;
    budget.replace(store, table);
    table.becomes(width);
    return table;
  }

  /** Number of places; some may be holes. */
  get size(): number {
    return Math.min(Atomics.load(this.control, PLACES), this.#most);
  }

  get #most(): number {
    return Math.min(Math.floor(this.memory.slots * FULL_SLOTS), this.#room);
  }

  /** Places of states that are as wide as these. */
  get #room(): number {
    return Math.min(this.parents.length, Math.floor(this.keys.length / this.width));
  }

  get bytes(): number {
    return (this.size * (this.width + 1) + this.memory.slots) * WORD_BYTES;
  }

  /** Who finds no room is put aside. */
  hasRoomFor(): boolean {
    return true;
  }

  protected placeStates(): void {
    if (this.area === 0) this.kernel.rehash(this.memory.slots);
    this.kernel.setSlots(this.memory.slots, this.#most);
  }

  /** Goes on with what the main thread has made of the memory. */
  follow(memory: SharedKernelMemory): void {
    const { width, slots } = this.memory;
    if (memory.width === width && memory.slots === slots) return;
    this.memory = memory;
    this.becomes(memory.width);
  }

  /** Adds what waits in this thread's batch. */
  addBatch(packed: Int32Array, count: number, parents: Int32Array): void {
    const { kernel, batch, width } = this;
    // What was put aside is the main thread's to add; it lies elsewhere.
    if (packed.buffer !== this.keys.buffer) {
      batch.bufferOf(width).set(packed.subarray(0, count * width));
      batch.parents.set(parents.subarray(0, count));
      this.hashed = 0;
    }
    this.told[PENDING] = count;
    kernel.hashFrom(this.hashed);
    this.hashed = 0;
    const added = kernel.addPending();
    if (added === count) return;
    // Nobody takes it from the main thread: what found no room here would be lost.
    if (this.area === 0) throw new OutOfMemory(FULL_MEMORY);
    Atomics.store(this.control, STOP, 1);
    const waiting = batch.bufferOf(width);
    for (let place = added; place < count; place++) {
      for (let k = 0; k < width; k++) this.putAside.push(waiting[place * width + k]);
      this.putAside.push(batch.parents[place]);
    }
  }

  /** Gives up the places of this thread's that hold no state. */
  endLevel(): void {
    this.kernel.endLevel();
  }

  /** Main thread, while no other works: makes room for `count` more states, or for as many as there can be. */
  reserve(count: number): void {
    // Threads that found no room may have counted on.
    Atomics.store(this.control, PLACES, this.size);
    const slots = Math.min(slotsFor(this.size + count), this.arrays.slots.length);
    this.#budget.ask(0);
    if (slots <= this.memory.slots) return;
    this.#budget.ask((slots - this.memory.slots) * WORD_BYTES);
    this.memory = { ...this.memory, slots };
    this.placeStates();
  }

  /** Main thread, while no other works. */
  relayout(packing: Packing, before: Places): void {
    this.memory = { ...this.memory, width: packing.places.width };
    this.moveStates(packing, before);
  }
}
