/**
 * Search: every state of a program, each once.
 *
 * Breadth first, the first path to a state is a shortest one; depth first reaches long runs sooner. Every step from a state
 * is tried (expansion.ts), and the successors go to the table in batches. The search runs in slices so that its caller can look at clocks, signals and
 * bounds; it has no clock of its own. Used by `verify` and by the tests of everything in this folder.
 */

import { opAt } from '../core/story/signature.js';
import type { Met } from '../space/met.js';
import type { StateStore } from '../space/state-table.js';
import type { System } from '../space/system.js';
import { Expansion, type SearchSettings, type Storage } from './expansion.js';
import { SearchKernel } from './search-kernel.js';
import type { Batch } from './successors.js';

/** States of a search from which on the kernel takes them up, if nothing else is said. */
const KERNEL_FROM = 8_000;

/** One search. */
export class Search extends Expansion {
  /** Steps of the longest shortest path so far; depth first: of the longest path. */
  depth = 0;
  /** Breadth first: by level, how many states it and those before it have; of the levels that were left behind. */
  readonly levelEnds: number[] = [];
  #levelStart = 0;
  #levelEnd = 1;
  /** Breadth first: whether the search ended with the level of its first violation. */
  #halted = false;
  /** Depth first: states to take up, each with its depth. */
  #stack = new Int32Array(256);
  #stacked = 2;
  #kernel: SearchKernel | undefined;
  /** States from which on the kernel is worth while. */
  #kernelFrom: number;

  /** @param storage where the states are kept, if not in this search's own table */
  constructor(system: System, settings: SearchSettings, met: Met, storage?: Storage) {
    super(system, settings, met, storage);
    this.#kernelFrom = settings.kernelFrom ?? KERNEL_FROM;
  }

  /** Whether every state was taken up, or the search ended because of a violation. */
  get over(): boolean {
    if (this.settings.order === 'depth-first') return this.#stacked === 0 || this.#stopped;
    return this.#halted || this.expanded === this.table.size;
  }

  /** States that wait to be taken up. */
  get frontier(): number {
    return this.settings.order === 'depth-first' ? this.#stacked / 2 : this.table.size - this.expanded;
  }

  /** Whether the kernel takes up the states. */
  get isInKernel(): boolean {
    return this.#kernel !== undefined;
  }

  /** Whether a bound on states may end the search here: breadth first only between two levels. */
  get mayEnd(): boolean {
    return this.settings.order === 'depth-first' || this.expanded === this.#levelStart;
  }

  /**
   * Takes up at most `count` more states. Takes up none once there are more than `most` of them; breadth first a level
   * that was begun is finished all the same, so that what was covered is the same for any number of threads, and none of
   * a level that is `deepest` steps away or more.
   */
  run(count: number, most = Number.POSITIVE_INFINITY, deepest = Number.POSITIVE_INFINITY): void {
    if (this.settings.order === 'depth-first') this.#runDeep(count, most);
    else this.#runBroad(count, most, deepest);
  }

  /** Every state up to here was taken up, and those behind are one step further away. */
  nextLevel(): void {
    this.levelEnds.push(this.expanded);
    this.depth++;
  }

  /** How many of so many states are on each level; none depth first, which knows no levels. */
  levels(states: number): readonly number[] {
    if (this.settings.order === 'depth-first') return [];
    return [...this.levelEnds, states].map((end, level, ends) => end - (level === 0 ? 0 : ends[level - 1]));
  }

  /** The op that was run last, for whoever cuts a step off. */
  get underWay(): string {
    return opAt(this.system.program.automaton, this.stepper.ops.runsAt);
  }

  /** The number of the state that the stepper is in; -1 when it was not met. */
  numberOfState(): number {
    const { state } = this.stepper;
    const row = this.settings.canonical?.of(state) ?? state;
    const packed = new Int32Array(this.table.width);
    return this.packing.pack(row, packed, 0) ? this.table.find(packed, 0) : -1;
  }

  get #stopped(): boolean {
    return this.sightings.count > 0 && !this.settings.all;
  }

  #runBroad(count: number, most: number, deepest: number): void {
    const last = this.expanded + count;
    while (this.expanded < last) {
      if (this.expanded === this.#levelEnd) {
        this.successors.flush();
        this.#halted = this.#stopped;
        if (this.over) return;
        this.nextLevel();
        this.#levelStart = this.#levelEnd;
        this.#levelEnd = this.table.size;
        if (this.table.size >= this.#kernelFrom) this.#takeOver();
      }
      if (this.expanded === this.#levelStart && (this.table.size > most || this.depth >= deepest)) return;
      this.#takeUp(Math.min(last, this.#levelEnd));
    }
    this.successors.flush();
  }

  /** Takes up the states from the next up to one. */
  #takeUp(end: number): void {
    while (this.#kernel !== undefined && this.expanded < end) this.#kernel = this.#kernel.run(end);
    while (this.expanded < end) this.expand(this.expanded++);
  }

  /** From here on the kernel takes up states, if it can. */
  #takeOver(): void {
    this.#kernelFrom = Number.POSITIVE_INFINITY;
    this.#kernel = SearchKernel.takeOver(this);
  }

  #runDeep(count: number, most: number): void {
    const last = this.expanded + count;
    while (this.expanded < last && this.table.size <= most && !this.over) {
      const depth = this.#stack[--this.#stacked];
      const number = this.#stack[--this.#stacked];
      const before = this.table.size;
      this.expand(number);
      this.expanded++;
      this.successors.flush();
      if (this.table.size > before) this.depth = Math.max(this.depth, depth + 1);
      // The first successor is taken up first.
      for (let next = this.table.size - 1; next >= before; next--) this.#push(next, depth + 1);
    }
  }

  #push(number: number, depth: number): void {
    if (this.#stacked + 2 > this.#stack.length) {
      const longer = new Int32Array(this.#stack.length * 2);
      longer.set(this.#stack);
      this.#stack = longer;
    }
    this.#stack[this.#stacked++] = number;
    this.#stack[this.#stacked++] = depth;
  }

  override moveTo(table: StateStore, batch?: Batch): void {
    super.moveTo(table, batch);
    this.#kernel = undefined;
  }
}
