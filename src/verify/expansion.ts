/**
 * Expansion: every step from one state of a search, and where they lead.
 *
 * A step that was taken before is remembered (space/step-tree.ts) and costs a walk down a tree over the packed state; any
 * other is taken by the stepper on the state unpacked, traced, remembered and taken back. One remembered step in some
 * thousands is taken by the stepper all the same: if that comes to something else, what was remembered is wrong, and the
 * search ends with an internal error. A step that breaks something is noted and not followed. Used by the search.
 */

import type { Violation } from '../core/run/checks.js';
import { FINISHED, FOR_ACTORS, SLOW, WAITS } from '../kernels/tree-words.js';
import { acquaint } from '../space/acquaint.js';
import type { Canonical } from '../space/canonical.js';
import type { MemoryBudget } from '../space/memory-budget.js';
import type { Met } from '../space/met.js';
import { Packing } from '../space/pack.js';
import type { OrderReduction } from '../space/por.js';
import { type StateStore, StateTable } from '../space/state-table.js';
import { StepTree } from '../space/step-tree.js';
import { StepOutcome, Stepper } from '../space/stepper.js';
import type { System } from '../space/system.js';
import type { LockOrder } from './lock-order.js';
import type { SearchOrder } from './search-order.js';
import { Sightings } from './sightings.js';
import type { StateGraph } from './state-graph.js';
import { StuckStates } from './stuck-states.js';
import { type Batch, Successors } from './successors.js';

/** What a search takes besides the system. */
export interface SearchSettings {
  readonly order: SearchOrder;
  /** Goes on after the first violation; else the search ends with the level on which it lies. */
  readonly all: boolean;
  /** Brings states to their canonical form, where actors are interchangeable. */
  readonly canonical?: Canonical | undefined;
  /** Leaves out orders of steps that make no difference. */
  readonly reduction?: OrderReduction | undefined;
  /** Remembers no step: the oracle of the searches that do. */
  readonly remembersNothing?: boolean;
  /** States of the search from which on the kernel takes them up, if it can; Infinity: never. */
  readonly kernelFrom?: number | undefined;
  /** Of so many remembered steps one is taken by the stepper as well. */
  readonly audits?: number;
  /** Keeps the edges between states. Breadth first only. */
  readonly graph?: StateGraph | undefined;
  /** Looks at every state as it is taken up. */
  readonly locks?: LockOrder | undefined;
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

/** Of so many remembered steps one is taken by the stepper as well, if nothing else is said. */
const AUDITED = 4_096;

/** The steps from each state of one search. */
export class Expansion {
  table: StateStore;
  readonly packing: Packing;
  readonly stepper: Stepper;
  readonly sightings: Sightings;
  /** Steps that were tried, each from each state, those that broke something with them. */
  transitions = 0;
  /** States in which every actor that must finish has finished and nobody can run. */
  completed = 0;
  /** States in which nobody can run and somebody should. */
  deadlocked = 0;
  /** Whether some actor went back to the head of a retry loop. */
  loops = false;
  /** The state that is taken up, or was last. */
  current = 0;
  /** States taken up. */
  expanded = 0;
  successors: Successors;
  readonly steps: StepTree;
  readonly stuck: StuckStates;
  /** The state that is taken up: its local states alone. */
  readonly #locals: Int32Array;
  /** A state that was reached by a remembered step, unpacked. */
  readonly #row: Int32Array;
  /** Whether something does not hold in the initial state, where a run that breaks something ends. */
  readonly #startsBroken: boolean;
  /** Whether the stepper is in the state that is taken up. */
  #loaded = false;
  /** Bits: in the state that is taken up, who of those tried waits for others, and who finished; not in wide programs. */
  #waiting = 0;
  #finished = 0;
  /** Remembered steps until one is audited. */
  #untilAudit: number;

  /** @param storage where the states are kept, if not in this search's own table */
  constructor(
    readonly system: System,
    readonly settings: SearchSettings,
    met: Met,
    storage?: Storage,
  ) {
    this.stepper = new Stepper(system, met);
    this.#untilAudit = this.auditsEvery;
    const { table, packing, successors } = storage ?? newStorage(system, met, settings);
    this.table = table;
    this.packing = packing;
    this.successors = successors;
    this.sightings = new Sightings(system, this.stepper, settings.canonical, settings.memory);
    this.stuck = new StuckStates(system, this.stepper);
    this.steps = new StepTree(system, this.packing);
    this.#row = system.initial.slice();
    this.#locals = system.initial.slice();
    this.#startsBroken = settings.idle !== true && this.sightings.initial(0);
  }

  /** Of so many remembered steps one is taken by the stepper as well. */
  get auditsEvery(): number {
    return this.settings.audits ?? AUDITED;
  }

  /** Goes on with its states in another table, under the same numbers, while none waits; what it remembers comes along. */
  moveTo(table: StateStore, batch?: Batch): void {
    const { system, packing, settings } = this;
    const { layouts } = this.successors;
    this.table = table;
    this.successors = new Successors(table, packing, system.fields, system.alike, settings.graph, batch);
    this.successors.layouts = layouts;
    this.steps.moveTo();
  }

  /** Unpacks a state into the stepper. */
  load(number: number): void {
    const { state } = this.stepper;
    this.packing.unpack(this.table.keys, number * this.table.width, state);
    this.system.placeRegisters(state);
  }

  /** Takes up a state. Its successors may wait for a flush. */
  expand(number: number): void {
    const { reduction, canonical, locks, graph } = this.settings;
    this.current = number;
    this.#loaded = false;
    this.steps.follow(this.successors.layouts);
    if (locks !== undefined || graph !== undefined || canonical !== undefined) this.#load();
    else if (reduction !== undefined) this.#unpackLocals();
    this.#waiting = 0;
    this.#finished = 0;
    locks?.visit(this.stepper, number);
    graph?.visited(number, this.system.unfinished(this.stepper.state));
    if (this.#startsBroken && number === 0 && !this.settings.goesOn) return;
    const only = reduction === undefined ? -1 : this.#enough(reduction);
    const twins = only >= 0 ? 0 : (canonical?.twins(this.stepper.state) ?? 0);
    const { sets } = this.system;
    let moved = false;
    const end = only < 0 ? this.system.actors : only + 1;
    for (let actor = Math.max(0, only); actor < end; actor++) {
      if (twins !== 0 && sets.has(twins, actor)) continue;
      if (this.#stepAll(number, actor)) moved = true;
    }
    // Whether all were tried, and whether the two sets have a bit for each.
    const isKnown = only < 0 && twins === 0 && !sets.isWide;
    const stuck = isKnown ? this.stuck.among(this.#waiting, this.#finished) : this.#lookForStuck();
    if (stuck !== 0) this.#noticeStuck(number, stuck);
    if (!moved) this.#end(number);
  }

  /** Unpacks the local states of the actors alone: most of what is asked before a step is asked of them. */
  #unpackLocals(): void {
    const { actors, localBase } = this.system;
    const { places, decode, decodeBase } = this.packing;
    const { keys, width } = this.table;
    const base = this.current * width;
    for (let field = localBase; field < localBase + actors; field++) {
      const code = (keys[base + places.word[field]] >>> places.shift[field]) & places.mask[field];
      this.#locals[field] = decode[decodeBase[field] + code];
    }
  }

  /** The actors that are stuck, as a set. */
  #lookForStuck(): number {
    if (!this.#loaded && !this.stuck.mayWait(this.#locals)) return 0;
    this.#load();
    return this.stuck.look();
  }

  /** Notes that nobody can ever help some actors; if one of them must finish, a run ends here. */
  #noticeStuck(number: number, stuck: number): void {
    this.#load();
    const ends = this.system.sets.meets(stuck, this.stuck.required);
    this.sightings.stuck(number, stuck, ends);
    if (ends) this.settings.graph?.visited(number, 0);
  }

  #load(): void {
    if (this.#loaded) return;
    this.load(this.current);
    this.#loaded = true;
  }

  /** Tries every step of one actor; whether it has any. */
  #stepAll(number: number, actor: number): boolean {
    const { steps } = this;
    for (let choice = 0, outcomes = 1; choice < outcomes; choice++) {
      // What was laid out anew since the last step was forgotten, and the state lies elsewhere.
      steps.follow(this.successors.layouts);
      const root = steps.rootOf(this.table.keys, number * this.table.width, actor);
      if (root === FINISHED) {
        this.#finished |= 1 << actor;
        return false;
      }
      outcomes = steps.outcomesOf(root);
      if (!this.#step(number, actor, root, choice)) return false;
    }
    return true;
  }

  /** Takes one step, as it is remembered if it is; whether the actor has it. */
  #step(number: number, actor: number, root: number, choice: number): boolean {
    const { steps } = this;
    const { keys, width } = this.table;
    const base = number * width;
    const leaf = steps.leafOf(keys, base, root, choice);
    if (leaf === 0) return this.#interpret(number, actor, choice, true);
    const { words } = steps;
    const flags = words[leaf];
    if (flags >= SLOW) {
      if (flags === SLOW) return this.#interpret(number, actor, choice, false);
      // What an op waits for is among what decides its step, so who is in its way is remembered with it.
      if (flags !== WAITS) this.#waiting |= this.stuck.waitsFor(actor, words[leaf + 1]) === 0 ? 0 : 1 << actor;
      return false;
    }
    const { successors } = this;
    const { buffer } = successors;
    const offset = successors.pending * width;
    for (let k = 0, at = leaf + 1; k < width; k++, at += 2)
      buffer[offset + k] = (keys[base + k] & words[at]) | words[at + 1];
    if (--this.#untilAudit === 0) this.#audit(actor, choice, flags, offset);
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

  /** Takes a step with the stepper; whether the actor has it. Remembers it if that is wanted. */
  #interpret(number: number, actor: number, choice: number, isNew: boolean): boolean {
    const { stepper } = this;
    this.#load();
    const isTraced = isNew && this.settings.remembersNothing !== true;
    const flags = isTraced ? stepper.trace(actor, choice) : stepper.step(actor, choice);
    if (flags === StepOutcome.Blocked) {
      const way = this.#cannotRun(actor);
      if (isTraced) this.#remember(number, actor, choice, way === 0 ? WAITS : WAITS | FOR_ACTORS, way);
      return false;
    }
    this.transitions++;
    if (flags !== StepOutcome.Moved) this.#notice(number, actor, flags);
    const breaks = (flags & StepOutcome.Violation) !== 0;
    if (isTraced && breaks) this.#remember(number, actor, choice, SLOW, 0);
    if (breaks && (!this.settings.goesOn || (flags & StepOutcome.Refused) !== 0)) {
      this.settings.graph?.ended(number, actor);
    } else {
      const { layouts } = this.successors;
      this.#succeed(number, actor);
      if (isTraced && !breaks && this.successors.layouts === layouts) this.#remember(number, actor, choice, flags, 0);
    }
    stepper.undo();
    return true;
  }

  /** Notes why an actor cannot run in the stepper's state; who is in its way. */
  #cannotRun(actor: number): number {
    const { state } = this.stepper;
    if (this.system.scripts[actor].done(state[this.system.localBase + actor])) this.#finished |= 1 << actor;
    const way = this.stuck.waits(actor);
    if (way !== 0) this.#waiting |= 1 << actor;
    return way;
  }

  /** Hands the state after a step on. */
  #succeed(number: number, actor: number): void {
    const { state, log, logged } = this.stepper;
    const canonical = this.settings.canonical?.of(state);
    if (canonical !== undefined) this.successors.add(number, actor, canonical);
    else this.successors.addChanged(number, actor, state, log, logged);
  }

  /** Remembers what the stepper has just done. */
  #remember(number: number, actor: number, choice: number, flags: number, way: number): void {
    const { keys, width } = this.table;
    this.steps.remember(keys, number * width, actor, choice, this.stepper, flags, way);
  }

  /** Takes a remembered step once more. @throws Error when it leads elsewhere than to the state at `offset` of the buffer */
  #audit(actor: number, choice: number, flags: number, offset: number): void {
    this.#untilAudit = this.auditsEvery;
    this.#load();
    if (this.leadsTo(actor, choice, offset) !== flags) throw this.wrongStep(actor);
  }

  /**
   * What a step from the stepper's state comes to that should lead to the state at `offset` of the buffer, if that is not -1,
   * or to one with that canonical form; Blocked if it leads elsewhere.
   */
  leadsTo(actor: number, choice: number, offset: number, canonical?: Canonical): number {
    const { stepper, system, packing } = this;
    const flags = stepper.step(actor, choice);
    if (flags === StepOutcome.Blocked) return flags;
    let isSame = true;
    if (offset >= 0) {
      packing.unpack(this.successors.buffer, offset, this.#row);
      const state = canonical?.of(stepper.state) ?? stepper.state;
      for (let field = 0; field < system.fields; field++) isSame &&= this.#row[field] === state[field];
    }
    stepper.undo();
    return isSame ? flags : StepOutcome.Blocked;
  }

  /** What is thrown for a step that leads elsewhere. */
  wrongStep(actor: number): Error {
    return new Error(`a remembered step of ${this.system.program.actors[actor].name} is not what it does`);
  }

  /** An actor whose steps are enough from the stepper's state; -1 when there is none. */
  #enough(reduction: OrderReduction): number {
    const state = this.#loaded ? this.stepper.state : this.#locals;
    for (let actor = 0; actor < this.system.actors; actor++) {
      if (reduction.isIndependent(state, actor) && this.#isEnough(reduction, actor)) return actor;
    }
    return -1;
  }

  #isEnough(reduction: OrderReduction, actor: number): boolean {
    const { steps } = this;
    const { keys, width } = this.table;
    const base = this.current * width;
    const root = steps.rootOf(keys, base, actor);
    if (root === FINISHED) return false;
    for (let choice = 0; choice < steps.outcomesOf(root); choice++) {
      const leaf = steps.leafOf(keys, base, root, choice);
      const known = leaf === 0 ? SLOW : steps.words[leaf];
      const flags = known === SLOW ? this.#outcomeOf(actor, choice) : known;
      if (flags >= WAITS || flags === StepOutcome.Blocked || !reduction.isEnough(actor, flags)) return false;
    }
    return true;
  }

  /** What a step would come to. */
  #outcomeOf(actor: number, choice: number): number {
    this.#load();
    const flags = this.stepper.step(actor, choice);
    if (flags !== StepOutcome.Blocked) this.stepper.undo();
    return flags;
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
  const packing = new Packing(system.initial.subarray(0, system.fields), system.kin);
  if (idle !== true) acquaint(packing, system, met, canonical);
  const table = new StateTable(packing.places.width, memory);
  table.add(new Int32Array(table.width), 0, -1);
  return { table, packing, successors: new Successors(table, packing, system.fields, system.alike, graph) };
}
