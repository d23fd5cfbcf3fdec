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
import { Groundwork } from '../space/groundwork.js';
import { type Fact, Met, Surprise } from '../space/met.js';
import { Packing, type Places } from '../space/pack.js';
import { type Plan, planOf, type WantedReductions } from '../space/plan.js';
import { Search } from './search.js';
import { SharedSuccessors } from './shared-successors.js';
import { HOLE, SharedTable, TableControl, type TableMemory } from './shared-table.js';
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
      readonly memory: TableMemory;
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
  readonly #search: Search;
  readonly #table = new SharedTable(SharedTable.newMemory(1));
  readonly #successors: SharedSuccessors;

  constructor(
    { system, canonical, reduction }: Plan,
    met: Met,
    readonly guard: WorkGuard,
    readonly tell: (answer: LevelAnswer) => void,
  ) {
    const packing = new Packing(system.initial.subarray(0, system.fields));
    this.#successors = new SharedSuccessors(this.#table, packing, system.fields);
    const settings = { order: 'breadth-first', all: true, canonical, reduction } as const;
    const storage = { table: this.#table, packing, successors: this.#successors };
    this.#search = new Search(system, settings, met, storage);
  }

  /** Does what it is told. */
  do(task: LevelTask): void {
    if (task.do === 'finish') this.#finish();
    else this.#level(task);
  }

  #level({ memory, end, learned, places }: LevelTask & { do: 'level' }): void {
    const search = this.#search;
    this.#table.follow(memory);
    this.#successors.learn(learned, places);
    const before = { transitions: search.transitions, completed: search.completed, deadlocked: search.deadlocked };
    const known = search.sightings.count;
    let fact: Fact | undefined;
    try {
      this.#takeUp(end, before.transitions);
    } catch (surprise) {
      if (!(surprise instanceof Surprise)) throw surprise;
      fact = surprise.fact;
    }
    const { unpacked } = this.#successors;
    const { putAside } = this.#table;
    this.#successors.unpacked = [];
    this.#table.putAside = [];
    this.#table.endLevel();
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
    this.#successors.flush();
  }

  /** Takes up some chunks; whether there is more to do. */
  #takeSome(end: number): boolean {
    const { control, parents } = this.#table;
    for (let chunks = 0; chunks < TELLS_EVERY; chunks++) {
      if (Atomics.load(control, TableControl.Stop) !== 0) return false;
      const first = Atomics.add(control, TableControl.Cursor, CHUNK);
      if (first >= end) return false;
      for (let place = first; place < first + CHUNK && place < end; place++) {
        if (parents[place] !== HOLE) this.#search.expand(place);
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
