/**
 * Search: every state of a program, each once.
 *
 * Breadth first, the first path to a state is a shortest one; depth first reaches long runs sooner. A state is unpacked
 * once, every step from it is tried and taken back, and the successors go to the table in batches. A step that breaks
 * something is noted and not followed. The search runs in slices so that its caller can look at clocks, signals and
 * bounds; it has no clock of its own. Used by `verify` and by the tests of everything in this folder.
 */

import type { Violation } from '../core/run/checks.js';
import { opAt } from '../core/story/signature.js';
import { acquaint } from '../space/acquaint.js';
import type { Canonical } from '../space/canonical.js';
import type { Footprints } from '../space/footprints.js';
import type { MemoryBudget } from '../space/memory-budget.js';
import type { Met } from '../space/met.js';
import { Packing } from '../space/pack.js';
import type { OrderReduction } from '../space/por.js';
import { type StateStore, StateTable } from '../space/state-table.js';
import { FINISHED, FOR_ACTORS, SLOW, StepTable, WAITS } from '../space/step-table.js';
import { StepOutcome, Stepper } from '../space/stepper.js';
import type { System } from '../space/system.js';
import type { SearchOrder } from './search-order.js';
import { Sightings } from './sightings.js';
import type { StateGraph } from './state-graph.js';
import { StuckStates } from './stuck-states.js';
import { Successors } from './successors.js';

/** What a search takes besides the system. */
export interface SearchSettings {
  readonly order: SearchOrder;
  /** Goes on after the first violation; else the search ends with the level on which it lies. */
  readonly all: boolean;
  /** Brings states to their canonical form, where actors are interchangeable. */
  readonly canonical?: Canonical | undefined;
  /** Leaves out orders of steps that make no difference. */
  readonly reduction?: OrderReduction | undefined;
  /** What ops may touch: lets the search remember steps. */
  readonly footprints?: Footprints | undefined;
  /** Keeps the edges between states. Breadth first only. */
  readonly graph?: StateGraph | undefined;
  /** Looks at every state as it is taken up. */
  readonly visit?: ((stepper: Stepper, state: number) => void) | undefined;
  /** Goes on after a step that broke something, unless it was refused. */
  readonly goesOn?: boolean;
  /** Takes no step, not even to get ready: a search that is not to begin. */
  readonly idle?: boolean;
  /** What the stores of the search may hold together; without, as much as there is. */
  readonly memory?: MemoryBudget | undefined;
}

/** Where a search keeps its states and how it packs them; several threads may share it. */
export interface Storage {
  readonly table: StateStore;
  readonly packing: Packing;
  readonly successors: Successors;
}

/** One search. */
export class Search {
  table: StateStore;
  readonly packing: Packing;
  readonly stepper: Stepper;
  readonly sightings: Sightings;
  /** Steps that were tried, each from each state, those that broke something with them. */
  transitions = 0;
  /** Steps of the longest shortest path so far; depth first: of the longest path. */
  depth = 0;
  /** States in which every actor that must finish has finished and nobody can run. */
  completed = 0;
  /** States in which nobody can run and somebody should. */
  deadlocked = 0;
  /** Whether some actor went back to the head of a retry loop. */
  loops = false;
  /** States taken up. */
  expanded = 0;
  /** The state that is taken up, or was last. */
  current = 0;
  #levelStart = 0;
  #levelEnd = 1;
  /** Breadth first: whether the search ended with the level of its first violation. */
  #halted = false;
  readonly #successors: Successors;
  readonly #steps: StepTable | undefined;
  /** A state that was reached by a remembered step, unpacked. */
  readonly #row: Int32Array;
  /** Whether something does not hold in the initial state, where a run that breaks something ends. */
  readonly #startsBroken: boolean;
  readonly #stuck: StuckStates;
  /** Whether the stepper is in the state that is taken up. */
  #loaded = false;
  /** Bits: in the state that is taken up, who of those tried waits for others, and who finished; not in wide programs. */
  #waiting = 0;
  #finished = 0;
  /** Depth first: states to take up, each with its depth. */
  #stack = new Int32Array(256);
  #stacked = 0;

  /** @param storage where the states are kept, if not in this search's own table */
  constructor(
    readonly system: System,
    readonly settings: SearchSettings,
    met: Met,
    storage?: Storage,
  ) {
    this.stepper = new Stepper(system, met);
    const { table, packing, successors } = storage ?? newStorage(system, met, settings);
    this.table = table;
    this.packing = packing;
    this.#successors = successors;
    this.sightings = new Sightings(system, this.stepper, settings.canonical, settings.memory);
    this.#stuck = new StuckStates(system, this.stepper);
    const { footprints } = settings;
    this.#steps = footprints && new StepTable(system, this.packing, footprints);
    this.#row = system.initial.slice();
    this.#stacked = 2;
    this.#startsBroken = settings.idle !== true && this.sightings.initial(0);
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

  /** The op that was run last, for whoever cuts a step off. */
  get underWay(): string {
    return opAt(this.system.program.automaton, this.stepper.ops.runsAt);
  }

  /** Unpacks a state into the stepper. */
  load(number: number): void {
    const { state } = this.stepper;
    this.packing.unpack(this.table.keys, number * this.table.width, state);
    this.system.placeRegisters(state);
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
        this.#successors.flush();
        this.#halted = this.#stopped;
        if (this.over) return;
        this.depth++;
        this.#levelStart = this.#levelEnd;
        this.#levelEnd = this.table.size;
      }
      if (this.expanded === this.#levelStart && (this.table.size > most || this.depth >= deepest)) return;
      this.expand(this.expanded++);
    }
    this.#successors.flush();
  }

  #runDeep(count: number, most: number): void {
    const last = this.expanded + count;
    while (this.expanded < last && this.table.size <= most && !this.over) {
      const depth = this.#stack[--this.#stacked];
      const number = this.#stack[--this.#stacked];
      const before = this.table.size;
      this.expand(number);
      this.expanded++;
      this.#successors.flush();
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

  /** Goes on with its states in another table, under the same numbers; between two levels, when none waits. */
  moveTo(table: StateStore): void {
    this.table = table;
  }

  /** Takes up a state. Its successors may wait for `flush`. */
  expand(number: number): void {
    const { reduction, canonical, visit, graph } = this.settings;
    this.current = number;
    this.#loaded = false;
    if (reduction !== undefined || visit !== undefined || graph !== undefined || canonical !== undefined) this.#load();
    this.#waiting = 0;
    this.#finished = 0;
    visit?.(this.stepper, number);
    graph?.visited(number, this.system.unfinished(this.stepper.state));
    if (this.#startsBroken && number === 0 && !this.settings.goesOn) return;
    const only = reduction === undefined ? -1 : this.#enough(reduction);
    const twins = only >= 0 ? 0 : (canonical?.twins(this.stepper.state) ?? 0);
    const { sets } = this.system;
    let moved = false;
    const end = only < 0 ? this.system.actors : only + 1;
    for (let actor = Math.max(0, only); actor < end; actor++) {
      if (twins !== 0 && sets.has(twins, actor)) continue;
      if (this.#step(number, actor)) moved = true;
    }
    // Whether all were tried, and whether the two sets have a bit for each.
    const isKnown = only < 0 && twins === 0 && !sets.isWide;
    if (!isKnown) this.#load();
    const stuck = isKnown ? this.#stuck.among(this.#waiting, this.#finished) : this.#stuck.look();
    if (stuck !== 0) this.#noticeStuck(number, stuck);
    if (!moved) this.#end(number);
  }

  /** Notes that nobody can ever help some actors; if one of them must finish, a run ends here. */
  #noticeStuck(number: number, stuck: number): void {
    this.#load();
    const ends = this.system.sets.meets(stuck, this.#stuck.required);
    this.sightings.stuck(number, stuck, ends);
    if (ends) this.settings.graph?.visited(number, 0);
  }

  #load(): void {
    if (this.#loaded) return;
    this.load(this.current);
    this.#loaded = true;
  }

  /** Tries every step of one actor, as it is remembered if it is; whether it has any. */
  #step(number: number, actor: number): boolean {
    const steps = this.#steps;
    if (steps === undefined) return this.#stepAll(number, actor, SLOW);
    const successors = this.#successors;
    const { table } = this;
    const { keys, width } = table;
    steps.follow(successors.layouts);
    const base = number * width;
    const entry = steps.entryOf(keys, base, actor);
    if (entry === FINISHED) {
      this.#finished |= 1 << actor;
      return false;
    }
    const flags = entry < 0 ? 0 : steps.entries[entry];
    if (flags === 0) return this.#stepAll(number, actor, entry);
    const { entries } = steps;
    if (flags >= WAITS) {
      // What an op waits for is among what decides its step, so who is in its way is remembered with it.
      if (flags !== WAITS) this.#waiting |= this.#stuck.waitsFor(actor, entries[entry + 1]) === 0 ? 0 : 1 << actor;
      return false;
    }
    const { buffer } = successors;
    const offset = successors.pending * width;
    for (let k = 0; k < width; k++) buffer[offset + k] = keys[base + k] ^ entries[entry + 1 + k];
    this.transitions++;
    if ((flags & StepOutcome.Again) !== 0) this.loops = true;
    const { canonical } = this.settings;
    if (canonical === undefined) {
      successors.addPacked(number, actor);
      return true;
    }
    this.packing.unpack(buffer, offset, this.#row);
    const row = canonical.of(this.#row);
    if (row === undefined) successors.addPacked(number, actor);
    else successors.add(number, actor, row);
    return true;
  }

  /** Tries every step of one actor; whether it has any. Remembers the only one in `entry`, unless that is SLOW. */
  #stepAll(number: number, actor: number, entry: number): boolean {
    const { stepper } = this;
    this.#load();
    const outcomes = stepper.outcomesOf(actor);
    for (let choice = 0; choice < outcomes; choice++) {
      const flags = stepper.step(actor, choice);
      if (flags === StepOutcome.Blocked) {
        this.#cannotRun(actor, entry);
        return false;
      }
      this.transitions++;
      if (flags !== StepOutcome.Moved) this.#notice(number, actor, flags);
      const ends =
        (flags & StepOutcome.Violation) !== 0 && (!this.settings.goesOn || (flags & StepOutcome.Refused) !== 0);
      if (ends) this.settings.graph?.ended(number, actor);
      else this.#succeed(number, actor, flags, entry);
      stepper.undo();
    }
    return true;
  }

  /** Notes why an actor cannot run in the stepper's state, and remembers it in `entry`, unless that is SLOW. */
  #cannotRun(actor: number, entry: number): void {
    const { state } = this.stepper;
    if (this.system.scripts[actor].done(state[this.system.localBase + actor])) this.#finished |= 1 << actor;
    const way = this.#stuck.waits(actor);
    if (way !== 0) this.#waiting |= 1 << actor;
    if (entry < 0) return;
    const { entries } = this.#steps as StepTable;
    entries[entry] = way === 0 ? WAITS : WAITS | FOR_ACTORS;
    entries[entry + 1] = way;
  }

  /** Hands the state after a step on. */
  #succeed(number: number, actor: number, flags: number, entry: number): void {
    const successors = this.#successors;
    const { state, log, logged } = this.stepper;
    const canonical = this.settings.canonical?.of(state);
    if (canonical !== undefined) {
      // What is remembered is the step as it was taken.
      const taken = entry >= 0 && successors.packChanged(number, state, log, logged);
      if (taken) this.#remember(entry, flags, number, successors.pending);
      successors.add(number, actor, canonical);
      return;
    }
    const { pending } = successors;
    const packed = successors.addChanged(number, actor, state, log, logged);
    if (packed) this.#remember(entry, flags, number, pending);
  }

  /** Remembers a step to the state that lies in the buffer at a place. */
  #remember(entry: number, flags: number, number: number, place: number): void {
    if (entry < 0 || (flags & StepOutcome.Violation) !== 0) return;
    const { keys, width } = this.table;
    (this.#steps as StepTable).remember(entry, flags, keys, number * width, this.#successors.buffer, place * width);
  }

  /** An actor whose steps are enough from the stepper's state; -1 when there is none. */
  #enough(reduction: OrderReduction): number {
    for (let actor = 0; actor < this.system.actors; actor++) {
      if (reduction.isIndependent(this.stepper.state, actor) && this.#isEnough(reduction, actor)) return actor;
    }
    return -1;
  }

  #isEnough(reduction: OrderReduction, actor: number): boolean {
    const { stepper } = this;
    const outcomes = stepper.outcomesOf(actor);
    for (let choice = 0; choice < outcomes; choice++) {
      const flags = stepper.step(actor, choice);
      if (flags === StepOutcome.Blocked) return false;
      stepper.undo();
      if (!reduction.isEnough(actor, flags)) return false;
    }
    return true;
  }

  #notice(number: number, actor: number, flags: number): void {
    if ((flags & StepOutcome.Again) !== 0) this.loops = true;
    if ((flags & StepOutcome.Violation) === 0) return;
    const { violation, breaking } = this.stepper;
    this.sightings.step(number, actor, violation as Violation, breaking);
  }

  #end(number: number): void {
    this.#load();
    if (this.system.unfinished(this.stepper.state) === 0) this.completed++;
    else this.deadlocked++;
    this.sightings.end(number);
  }
}

/** An empty table with the initial state in it. */
function newStorage(system: System, met: Met, { canonical, graph, memory, idle }: SearchSettings): Storage {
  const packing = new Packing(system.initial.subarray(0, system.fields));
  if (idle !== true) acquaint(packing, system, met, canonical);
  const table = new StateTable(packing.places.width, memory);
  table.add(new Int32Array(table.width), 0, -1);
  return { table, packing, successors: new Successors(table, packing, system.fields, graph) };
}
