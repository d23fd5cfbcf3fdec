/**
 * Level worker: one thread's part of a parallel search.
 *
 * All threads share one table and go through the space level by level. Within a level each takes chunks of states from a
 * shared cursor, tries the steps from them and adds the successors to the table; between levels they stand still and
 * the main thread sees to what only one may do (parallel.ts). Every thread compiles and plans the model for itself, from
 * the same facts, so nodes and local states have the same numbers everywhere. Used by workers/verify.ts.
 */

import { stepDoesNotComeBack } from '../core/automaton/stuck.js';
import { CutOff, type WorkGuard } from '../core/guard.js';
import type { Program } from '../core/program/program.js';
import { HOLE } from '../kernels/search-words.js';
import { Groundwork } from '../space/groundwork.js';
import { type Fact, Met, Surprise } from '../space/met.js';
import { Packing, type Places } from '../space/pack.js';
import { type Plan, planOf, type WantedReductions } from '../space/plan.js';
import { Search } from './search.js';
import { SearchKernel } from './search-kernel.js';
import { type SharedKernelMemory, SharedKernelTable } from './shared-kernel-table.js';
import { SharedSuccessors } from './shared-successors.js';
import { type LevelTable, SharedTable, TableControl, type TableMemory } from './shared-table.js';
import type { StateSighting } from './sightings.js';

/** States that a thread takes from the level at a time. */
const CHUNK = 256;
/** Chunks after which a thread says how far it is. */
const TELLS_EVERY = 32;
/** In the word `Stop`: what is begun is not finished either. Less than that lets a thread finish its chunk. */
export const AT_ONCE = 2;

/** What a thread is told to do; plain data. */
export type LevelTask =
  | {
      readonly do: 'level';
      readonly memory: LevelMemory;
      /** One behind the last place of the level. */
      readonly end: number;
      /** Values learned since the last task: field, value, field, value, ... */
      readonly learned: readonly number[];
      /** Where the bits of each field lie from now on, if they lie elsewhere. */
      readonly places: Places | undefined;
    }
  | { readonly do: 'finish' };

/** What a thread says; plain data. */
export type LevelAnswer =
  | { readonly tells: 'progress'; readonly transitions: number }
  | {
      readonly tells: 'level';
      readonly transitions: number;
      readonly completed: number;
      readonly deadlocked: number;
      readonly loops: boolean;
      readonly sightings: readonly StateSighting[];
      /** States that could not be packed: fields, parent. */
      readonly unpacked: Int32Array;
      /** States that found no room: words, parent. */
      readonly putAside: Int32Array;
      readonly fact: Fact | undefined;
    }
  | {
      readonly tells: 'finish';
      readonly finalStates: Int32Array;
      readonly finalStatesFolded: boolean;
      readonly executed: Uint8Array;
    };

/** What threads share: states in a kernel's memory, or in memory of this language's. */
export type LevelMemory = TableMemory | SharedKernelMemory;

/** A thread's part of a search. */
interface Part {
  readonly search: Search;
  readonly table: LevelTable;
  readonly successors: SharedSuccessors;
  /** Takes up states, if one does. */
  kernel: SearchKernel | undefined;
  follow(memory: LevelMemory): void;
}

/** Plans a program from facts. */
export function sharedPlan(
  program: Program,
  facts: readonly Fact[],
  wanted: WantedReductions,
): { plan: Plan; met: Met } {
  const met = new Met(program.automaton);
  for (const fact of facts) met.learn(fact);
  return { plan: planOf(new Groundwork(program, met), wanted), met };
}

/** One thread of a parallel search. */
export class LevelWorker {
  #part: Part | undefined;

  /** @param area which of the threads this is, from 1 on: where its arrays lie in a kernel's memory */
  constructor(
    readonly plan: Plan,
    readonly met: Met,
    readonly guard: WorkGuard,
    readonly tell: (answer: LevelAnswer) => void,
    readonly area = 1,
  ) {}

  /** Does what it is told. */
  do(task: LevelTask): void {
    if (task.do === 'finish') this.#finish();
    else this.#level(task);
  }

  /** This thread's part of the search, over the memory that it is told. */
  #follow(memory: LevelMemory): Part {
    const { system, canonical, reduction } = this.plan;
    const settings = { order: 'breadth-first', all: true, canonical, reduction } as const;
    const packing = new Packing(system.initial.subarray(0, system.fields), system.kin);
    if ('isKernel' in memory) {
      const table = SharedKernelTable.over(memory, this.area);
      const successors = new SharedSuccessors(table, packing, system.fields, table.batch);
      const search = new Search(system, settings, this.met, { table, packing, successors });
      const kernel = SearchKernel.over(search, table);
      return { search, table, successors, kernel, follow: (next) => table.follow(next as SharedKernelMemory) };
    }
    const table = new SharedTable(memory);
    const successors = new SharedSuccessors(table, packing, system.fields);
    const search = new Search(system, settings, this.met, { table, packing, successors });
    return { search, table, successors, kernel: undefined, follow: (next) => table.follow(next as TableMemory) };
  }

  get #search(): Search {
    return this.#part!.search;
  }

  #level({ memory, end, learned, places }: LevelTask & { do: 'level' }): void {
    this.#part ??= this.#follow(memory);
    const { search, table, successors, follow } = this.#part;
    follow(memory);
    successors.learn(learned, places);
    const before = { transitions: search.transitions, completed: search.completed, deadlocked: search.deadlocked };
    const known = search.sightings.count;
    let fact: Fact | undefined;
    try {
      this.#takeUp(end, before.transitions);
    } catch (surprise) {
      if (!(surprise instanceof Surprise)) throw surprise;
      fact = surprise.fact;
    }
    const { unpacked } = successors;
    const { putAside } = table;
    successors.unpacked = [];
    table.putAside = [];
    table.endLevel();
    this.tell({
      tells: 'level',
      transitions: search.transitions - before.transitions,
      completed: search.completed - before.completed,
      deadlocked: search.deadlocked - before.deadlocked,
      loops: search.loops,
      sightings: [...search.sightings.bySignature.values()].slice(known),
      unpacked: Int32Array.from(unpacked),
      putAside: Int32Array.from(putAside),
      fact,
    });
  }

  #takeUp(end: number, before: number): void {
    while (this.#run(() => this.#takeSome(end))) {
      this.tell({ tells: 'progress', transitions: this.#search.transitions - before });
    }
    this.#part!.successors.flush();
  }

  /** Takes up some chunks; whether there is more to do. */
  #takeSome(end: number): boolean {
    const part = this.#part!;
    const { search } = part;
    const { control, parents } = part.table;
    for (let chunks = 0; chunks < TELLS_EVERY; chunks++) {
      if (Atomics.load(control, TableControl.Stop) !== 0) return false;
      const first = Atomics.add(control, TableControl.Cursor, CHUNK);
      if (first >= end) return false;
      const last = Math.min(first + CHUNK, end);
      search.expanded = first;
      part.kernel = part.kernel?.run(last);
      for (let place = search.expanded; place < last; place++) {
        if (parents[place] !== HOLE) search.expand(place);
        if (Atomics.load(control, TableControl.Stop) === AT_ONCE) return false;
      }
    }
    return true;
  }

  /** Throws ModelError for what does not come back. */
  #run(work: () => boolean): boolean {
    try {
      return this.guard.run(work);
    } catch (cut) {
      if (!(cut instanceof CutOff)) throw cut;
      throw stepDoesNotComeBack(this.#search.underWay, cut);
    }
  }

  #finish(): void {
    const { finalStates, finalStatesFolded } = this.#search.sightings;
    this.tell({
      tells: 'finish',
      finalStates: finalStates.keys.slice(0, finalStates.size * finalStates.width),
      finalStatesFolded,
      executed: this.#search.stepper.ops.coverage.bits,
    });
  }
}
