/**
 * Batches: takes up states, a batch at a time, in a table of bounded size which begins anew with each, and goes one step deep.
 * The kernel of the search does that where it can. Used by the search on disk and by its way back.
 */

import { stepDoesNotComeBack } from '../../core/automaton/stuck.js';
import { CutOff, type WorkGuard } from '../../core/guard.js';
import type { MemoryBudget } from '../../space/memory-budget.js';
import type { Met } from '../../space/met.js';
import type { Packing } from '../../space/pack.js';
import type { Plan } from '../../space/plan.js';
import { type ReusableStore, StateTable } from '../../space/state-table.js';
import { Search } from '../search.js';
import { SearchKernel } from '../search-kernel.js';
import { Successors } from '../successors.js';

/** How much is done at a time. */
export interface BatchSizes {
  /** States of a batch. */
  readonly states: number;
  /** States in the table, from which on it begins anew though its batch is not taken up to its end. */
  readonly most: number;
  /** States that are taken up between two looks at deadline and signal. */
  readonly atOnce: number;
  /** Bytes of new states that are gathered before they are sorted and written. */
  readonly gathered: number;
  /** Runs of states that are known, from which on they are merged. */
  readonly known: number;
}

/** Sizes that were found by measuring: smaller batches are no quicker, larger ones leave the cache; of 1, 4, 8 and 16 runs 8 are. */
export const USUAL_SIZES: BatchSizes = {
  states: 1 << 16,
  most: 1 << 20,
  atOnce: 1 << 14,
  gathered: 1 << 26,
  known: 8,
};

/** The same for who has so many bytes of memory. */
export function sizesWithin({ states, most, atOnce, gathered, known }: BatchSizes, bytes: number): BatchSizes {
  return {
    states: Math.min(states, Math.ceil(bytes / 512)),
    most: Math.min(most, Math.ceil(bytes / 64)),
    atOnce: Math.min(atOnce, Math.ceil(bytes / 4096)),
    gathered: Math.min(gathered, Math.ceil(bytes / 8)),
    known,
  };
}

/** How many times the usual patience a part may take. */
const PATIENCE = 8;

/** Takes up states one step deep. */
export class Batches {
  readonly search: Search;
  #kernel: SearchKernel | undefined;

  constructor(
    readonly plan: Plan,
    met: Met,
    readonly packing: Packing,
    readonly sizes: BatchSizes,
    readonly guard: WorkGuard,
    memory: MemoryBudget,
    usesKernel: boolean,
  ) {
    const { system, canonical, reduction } = plan;
    const table = new StateTable(packing.places.width, memory);
    table.add(new Int32Array(table.width), 0, -1);
    const successors = new Successors(table, packing, system.fields, system.alike);
    const settings = {
      ...{ order: 'breadth-first' as const, all: true, canonical, reduction, memory },
      kernelFrom: usesKernel ? undefined : Number.POSITIVE_INFINITY,
    };
    this.search = new Search(system, settings, met, { table, packing, successors });
    this.#kernel = SearchKernel.takeOver(this.search);
  }

  /** Words of a packed state. */
  get width(): number {
    return this.search.table.width;
  }

  /**
   * Takes up states that are packed one behind the other. Yields now and then; `took` is called with the table whenever it
   * holds all successors of some of them, behind these: how many these are, of how many that it began with. Comes to false
   * when the packing was laid out anew: then nothing counts.
   */
  *run(packed: Int32Array, took: (taken: number, began: number) => void): Generator<void, boolean> {
    const { search, sizes } = this;
    const { width } = search.table;
    const { layouts } = search.successors;
    for (let rest = packed; rest.length > 0; ) {
      const began = rest.length / width;
      (search.table as ReusableStore).beginWith(rest, began);
      search.expanded = 0;
      while (search.expanded < began && search.table.size < sizes.most) {
        const end = Math.min(began, search.expanded + sizes.atOnce);
        this.#run(() => this.#takeUp(end));
        if (search.successors.layouts !== layouts) return false;
        yield;
      }
      took(search.expanded, began);
      rest = rest.subarray(search.expanded * width);
    }
    return true;
  }

  /** @throws CutOff, but ModelError for what does not come back */
  #run(work: () => void): void {
    try {
      this.guard.run(work, PATIENCE);
    } catch (cut) {
      if (!(cut instanceof CutOff) || cut.reason !== 'patience') throw cut;
      throw stepDoesNotComeBack(this.search.underWay, cut);
    }
  }

  #takeUp(end: number): void {
    const { search } = this;
    while (this.#kernel !== undefined && search.expanded < end) this.#kernel = this.#kernel.run(end);
    while (search.expanded < end) search.expand(search.expanded++);
    search.successors.flush();
  }
}
