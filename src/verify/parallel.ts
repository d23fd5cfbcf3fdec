/**
 * Parallel search: breadth first by several threads over one shared table (level-worker.ts). Goes on where a search by
 * one thread stands.
 *
 * The main thread calls the levels. Between two of them it learns values that were new, lays the packing out anew, grows
 * the table and looks at bounds. The states of a level, and so the counts, the verdict and the signatures, do not depend
 * on the number of threads; which of several shortest paths leads to a state does, so findings are taken from a search
 * by one thread (verification.ts). Used by `verify`.
 */

import { HOLE } from '../kernels/search-words.js';
import { MemoryBudget, OutOfMemory } from '../space/memory-budget.js';
import { Surprise } from '../space/met.js';
import type { Packing, Places } from '../space/pack.js';
import type { LevelThread } from './level-threads.js';
import { AT_ONCE, type LevelAnswer, type LevelTask } from './level-worker.js';
import type { Search } from './search.js';
import { SearchKernel } from './search-kernel.js';
import { SharedKernelTable } from './shared-kernel-table.js';
import { type LevelTable, SharedTable, TableControl } from './shared-table.js';

/** What is told now and then, and asked: why to stop, or undefined. `mayEnd`: between two levels. */
export type Watch = (states: number, transitions: number, mayEnd: boolean) => string | undefined;

/** How often bounds, deadline and signal are looked at while threads are at work. */
const LOOK_EVERY_MS = 100;
/** After so many looks when all should be over, threads are in code of the model's that does not come back. */
const LOOKS_WHEN_OVER = 7;

type LevelResult = LevelAnswer & { readonly tells: 'level' };

/** A search by several threads. */
export class ParallelSearch {
  readonly #table: LevelTable;
  readonly #packing: Packing;
  /** Whether threads were left to themselves because they did not answer. */
  #isLeft = false;
  /** Depth of the level in which a signature was met for the first time last; -1 when none was. */
  lastFound = -1;
  #learned: number[];
  /** Where the bits of each field lie, until the threads have been told. */
  #places: Places | undefined;
  #holes = 0;
  /** Places that were looked through for holes. */
  #counted: number;

  /**
   * @param search stands between two levels, and is gone on with from there: it holds the states, for whoever retraces
   * paths, and counts for all threads together
   * @param threads how many there will be
   */
  constructor(
    readonly search: Search,
    threads: number,
  ) {
    this.#packing = search.packing;
    const { table, settings } = search;
    const memory = settings.memory ?? new MemoryBudget();
    const shared = SearchKernel.canTakeUp(search) ? SharedKernelTable.of(table, memory, threads) : undefined;
    this.#table = shared ?? SharedTable.of(table, memory);
    this.#counted = this.#table.size;
    this.#learned = this.#packing.learned();
    this.#places = this.#packing.places;
    search.moveTo(this.#table);
  }

  /** Number of states. */
  get states(): number {
    return this.#table.size - this.#holes;
  }

  /**
   * Runs to the end, or until `watch` says why to stop; that reason. Throws Surprise as a search does. `watch` is asked
   * several times a second. Threads that do not answer soon after it has said why are waited for no longer: what they did
   * on their level does not count.
   */
  async run(crew: readonly LevelThread[], watch: Watch): Promise<string | undefined> {
    const stoppedBy = await this.#levels(crew, watch).catch((error: unknown) => {
      if (error instanceof OutOfMemory) return error.message;
      throw error;
    });
    if (this.#isLeft) return stoppedBy;
    for (const answer of await Promise.all(crew.map((each) => each.tell({ do: 'finish' })))) this.#finish(answer);
    return stoppedBy;
  }

  async #levels(crew: readonly LevelThread[], watch: Watch): Promise<string | undefined> {
    const { search } = this;
    let [first, end] = [search.expanded, this.#table.size];
    /** States of this level and those before it. */
    let known = this.states;
    let stoppedBy: string | undefined;
    while (first < end) {
      // Most states of a level lead to a new one or two.
      this.#table.reserve(2 * (end - first));
      const { control } = this.#table;
      Atomics.store(control, TableControl.Cursor, first);
      Atomics.store(control, TableControl.Stop, 0);
      const task = { do: 'level', memory: this.#table.memory, end, learned: this.#learned, places: this.#places };
      this.#learned = [];
      this.#places = undefined;
      let met = search.transitions;
      const onProgress = (transitions: number): void => {
        met = Math.max(met, search.transitions + transitions);
      };
      const answers = await this.#answers(
        crew.map((each) => each.tell(task as LevelTask, onProgress)),
        () => {
          stoppedBy ??= watch(this.states, met, false);
          if (stoppedBy !== undefined) Atomics.store(control, TableControl.Stop, AT_ONCE);
          return stoppedBy !== undefined;
        },
      );
      if (answers === undefined) return stoppedBy;
      this.#take(answers as readonly LevelResult[]);
      // A level that was cut short, because the table was full, goes on where it stopped.
      first = Math.min(Atomics.load(control, TableControl.Cursor), end);
      if (first === end) search.expanded = known;
      stoppedBy ??= watch(this.states, search.transitions, false);
      if (stoppedBy !== undefined) return stoppedBy;
      if (first < end) continue;
      if (search.sightings.count > 0 && !search.settings.all) return undefined;
      [first, end] = [end, this.#table.size];
      known = this.states;
      if (search.expanded < known) {
        search.nextLevel();
        stoppedBy = watch(known, search.transitions, true);
        if (stoppedBy !== undefined) return stoppedBy;
      }
    }
    return undefined;
  }

  /** Looks now and then while threads are at work; their answers, or undefined when they do not come. */
  async #answers(
    told: readonly Promise<LevelAnswer>[],
    isOver: () => boolean,
  ): Promise<readonly LevelAnswer[] | undefined> {
    let looks = 0;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setInterval(() => {
        if (!isOver()) looks = 0;
        else if (++looks > LOOKS_WHEN_OVER) resolve(undefined);
      }, LOOK_EVERY_MS);
    });
    try {
      const answers = await Promise.race([Promise.all(told), late]);
      this.#isLeft = answers === undefined;
      return answers;
    } finally {
      clearInterval(timer);
    }
  }

  /** Takes in what the threads did, in their order. */
  #take(answers: readonly LevelResult[]): void {
    const { search } = this;
    for (const { fact } of answers) if (fact !== undefined) throw new Surprise(fact);
    const signatures = search.sightings.count;
    for (const answer of answers) {
      search.transitions += answer.transitions;
      search.completed += answer.completed;
      search.deadlocked += answer.deadlocked;
      search.loops ||= answer.loops;
      for (const sighting of answer.sightings) search.sightings.add(sighting);
    }
    if (search.sightings.count > signatures) this.lastFound = search.depth;
    // What was put aside is packed as all others were so far: before the packing changes.
    for (const { putAside } of answers) this.#addPacked(putAside);
    this.#addUnpacked(answers.map(({ unpacked }) => unpacked));
    this.#table.endLevel();
    this.#countHoles();
  }

  #addPacked(putAside: Int32Array): void {
    const { width } = this.#table;
    this.#table.reserve(putAside.length / (width + 1) + 1);
    for (let at = 0; at < putAside.length; at += width + 1) {
      this.#table.addBatch(putAside.subarray(at, at + width), 1, putAside.subarray(at + width, at + width + 1));
    }
  }

  #addUnpacked(rows: readonly Int32Array[]): void {
    const { fields } = this.search.system;
    let overflows = false;
    for (const row of rows) {
      for (let at = 0; at < row.length; at++) {
        const field = at % (fields + 1);
        if (field === fields || this.#packing.codeOf(field, row[at]) >= 0) continue;
        this.#learned.push(field, row[at]);
        if (this.#packing.learn(field, row[at])) overflows = true;
      }
    }
    if (overflows) {
      this.#table.relayout(this.#packing, this.#packing.relayout());
      this.#places = this.#packing.places;
    }
    this.#table.reserve(rows.reduce((sum, { length }) => sum + length, 0) / (fields + 1) + 1024);
    const packed = new Int32Array(this.#table.width);
    for (const row of rows) {
      for (let at = 0; at < row.length; at += fields + 1) {
        this.#packing.pack(row.subarray(at, at + fields), packed, 0);
        this.#table.addBatch(packed, 1, row.subarray(at + fields, at + fields + 1));
      }
    }
  }

  /** Holes are made in the places that were given out since the last level only. */
  #countHoles(): void {
    const { parents, size } = this.#table;
    for (; this.#counted < size; this.#counted++) if (parents[this.#counted] === HOLE) this.#holes++;
  }

  #finish(answer: LevelAnswer): void {
    if (answer.tells !== 'finish') return;
    const { sightings, stepper } = this.search;
    stepper.ops.coverage.merge(answer.executed);
    sightings.addFinalStates(answer.finalStates, answer.finalStatesFolded);
  }
}
