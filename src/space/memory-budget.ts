/**
 * Memory budget: the bound of memory of a search, asked before a store grows. A store that grows holds its old arrays and
 * its new ones at once, and what it lets go of is not free before it was swept: so what counts is the peak. Used by the
 * stores of searches.
 */

import { collectGarbage } from '../core/collect-garbage.js';

/** Thrown in place of taking memory that is not to be had; the search ends there, with what it found. */
export class OutOfMemory extends Error {}

/** The bytes that the stores of one search may hold together. */
export class MemoryBudget {
  readonly #stores: { readonly bytes: number }[] = [];
  /** Bytes that were let go of since the garbage was collected last, if nobody else collected it. */
  #unswept = 0;

  /** @param most bytes; what is held beside the stores of this search is the caller's to subtract, `told` is the whole bound */
  constructor(
    readonly most = Number.POSITIVE_INFINITY,
    readonly told = most,
  ) {}

  /** Counts a store from now on. */
  add(store: { readonly bytes: number }): void {
    this.#stores.push(store);
  }

  /** Counts a store in place of another, which is of no use any more. */
  replace(one: { readonly bytes: number }, other: { readonly bytes: number }): void {
    const place = this.#stores.indexOf(one);
    if (place >= 0) this.#stores[place] = other;
    else this.add(other);
    this.#unswept += one.bytes;
  }

  /**
   * Asks for so many bytes beside those that are held, where nothing has to be made for them.
   * @throws OutOfMemory when that is more than the bound
   */
  ask(bytes: number): void {
    this.take(bytes, () => undefined);
    this.#unswept -= bytes;
  }

  /**
   * What `make` makes, which takes so many bytes beside those that are held.
   * @throws OutOfMemory when that is more than the bound, or more than there is
   */
  take<T>(bytes: number, make: () => T): T {
    const held = this.#stores.reduce((sum, store) => sum + store.bytes, 0);
    if (held + bytes + this.#unswept > this.most && this.#unswept > 0) {
      collectGarbage();
      this.#unswept = 0;
    }
    if (held + bytes > this.most) throw new OutOfMemory(`the bound of ${this.told} bytes of memory`);
    try {
      const made = make();
      // What takes so many bytes takes the place of no more than that.
      this.#unswept += bytes;
      return made;
    } catch (error) {
      if (!isAllocationFailure(error)) throw error;
      throw new OutOfMemory(`the machine, which had no ${bytes} bytes of memory left`);
    }
  }
}

/** Whether an error says that an array could not be made, for want of memory or because it would be too long. */
export function isAllocationFailure(error: unknown): boolean {
  return (
    error instanceof RangeError && /allocation failed|invalid (typed )?array( buffer)? length/i.test(error.message)
  );
}
