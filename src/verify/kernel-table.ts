/**
 * Kernel table: the states of one search in the memory of the search kernel.
 *
 * All arrays are laid out once, as long as they may become (kernel-layout.ts), so nothing is copied when the table grows, and
 * no view of the memory ends. Used by the search.
 */

import { PENDING, SIZE } from '../kernels/search-words.js';
import { type KernelMemory, loadKernel, newKernelMemory } from '../space/kernel.js';
import { MemoryBudget, OutOfMemory } from '../space/memory-budget.js';
import type { Packing, Places } from '../space/pack.js';
import type { ReusableStore, StateStore } from '../space/state-table.js';
import { kernelArrays, mostStates, slotsFor, treeRoom } from './kernel-layout.js';
import { FULL_MEMORY, KernelStore, type SearchExports, WIDE } from './kernel-store.js';

const WORD_BYTES = Int32Array.BYTES_PER_ELEMENT;
/**
 * Bytes of memories: for some hundred thousand states, for some million, and for as many as a kernel can address, if need be
 * half of that or a quarter. What is large is made only for who needs it: it makes the collector of garbage run.
 */
const MEMORIES = [2 ** 25, 2 ** 28, 2 ** 32];
const LEAST_OF_MOST = 2 ** 29;
/** States become wider by so many words, often. */
const WIDER = 2;
/** After so many states the budget is asked. */
const ASKS_EVERY = 1 << 15;

/** The states of one search, in a kernel's memory. */
export class KernelTable extends KernelStore implements ReusableStore {
  #slots: number;
  /** Bytes of its memory. */
  readonly #room: number;

  private constructor(
    kernel: SearchExports,
    memory: KernelMemory,
    readonly budget: MemoryBudget,
    store: StateStore,
  ) {
    super(kernel, kernelArrays(memory, store.width), store.width);
    this.#slots = slotsFor(store.size * 2);
    this.#room = memory.buffer.byteLength;
    this.told[SIZE] = this.copyStates(store);
    budget.replace(store, this);
  }

  /**
   * A table with the states of another, under the same numbers, which the budget counts in its place; undefined when no kernel
   * or no memory is to be had. `trees`: words that they take now.
   */
  static of(store: StateStore, budget = new MemoryBudget(), trees = 0): KernelTable | undefined {
    if (store.width > WIDE) return undefined;
    // Who comes from a kernel's memory found no room there.
    const least = store instanceof KernelTable ? store.#room : 0;
    for (const bytes of MEMORIES.filter((each) => each > least)) {
      const memory = newKernelMemory(bytes, Math.min(bytes, LEAST_OF_MOST));
      if (memory === undefined || treeRoom(memory.buffer.byteLength) <= trees) continue;
      if (mostStates(memory, store.width + WIDER) <= store.size * 2) continue;
      const kernel = loadKernel<SearchExports>('search', memory);
      return kernel && new KernelTable(kernel, memory, budget, store);
    }
    return undefined;
  }

  get size(): number {
    return this.told[SIZE];
  }

  beginWith(packed: Int32Array, count: number): void {
    this.#slots = Math.max(this.#slots, slotsFor(count));
    this.keys.set(packed.subarray(0, count * this.width));
    this.parents.fill(-1, 0, count);
    this.told[SIZE] = count;
    this.placeStates();
    this.hashed = 0;
  }

  get bytes(): number {
    return (this.size * (this.width + 1) + this.#slots) * WORD_BYTES;
  }

  /** Whether so many more states find room, and all of them if they should become somewhat wider. */
  hasRoomFor(count: number): boolean {
    const states = this.size + count;
    const fits = states <= this.parents.length && states * (this.width + WIDER) <= this.keys.length;
    return fits && this.width <= WIDE && slotsFor(states) <= this.arrays.slots.length;
  }

  protected placeStates(): void {
    this.kernel.rehash(this.#slots);
  }

  /** Adds what waits in this table's batch. */
  addBatch(_packed: Int32Array, count: number): void {
    const { kernel, size } = this;
    this.told[PENDING] = count;
    const needed = slotsFor(size + count);
    if (size + count > this.parents.length || needed > this.arrays.slots.length) throw new OutOfMemory(FULL_MEMORY);
    if (needed > this.#slots) {
      this.budget.ask((needed - this.#slots) * WORD_BYTES);
      this.#slots = needed;
      kernel.rehash(needed);
    } else if ((size & (ASKS_EVERY - 1)) + count >= ASKS_EVERY) this.budget.ask(0);
    kernel.hashFrom(this.hashed);
    kernel.addPending();
    this.hashed = 0;
  }

  relayout(packing: Packing, before: Places): void {
    this.budget.ask(Math.max(0, packing.places.width - this.width) * this.size * WORD_BYTES);
    this.moveStates(packing, before);
  }
}
