/**
 * System: the row of numbers that is a state of a program, as the search unpacks it.
 *
 * In order: the words of shared memory, the results of calls, the number of each actor's local state, the registers
 * that matter there (its slots) - these are the fields that are packed and stored - and behind them the registers of
 * each actor at their own positions, where ops look for them. Used by the stepper and all searches.
 */

import { DONE, Field } from '../core/automaton/automaton.js';
import { Opcode } from '../core/ops/op.js';
import type { Domain } from '../core/ops/ref.js';
import type { Program, ProgramActor } from '../core/program/program.js';
import { ActorSets } from '../core/run/actor-sets.js';
import type { Executor } from '../core/run/executor.js';
import { LocalStates } from './local-states.js';
import type { LocalView } from './local-view.js';

/** Where things lie in a state, and the scripts of the actors. */
export class System {
  /** Number of actors. */
  readonly actors: number;
  /** Number of words of shared memory; they come first. */
  readonly words: number;
  /** Per actor: where the results of its calls lie. */
  readonly resultBase: Int32Array;
  /** Where the local states of the actors lie. */
  readonly localBase: number;
  /** Where the slots lie: `slots` for each actor. */
  readonly slotBase: number;
  readonly slots: number;
  /** Number of fields that are stored. */
  readonly fields: number;
  /** Where the registers of the actors lie: `program.registers` for each. */
  readonly registerBase: number;
  /** Per actor: the local states of its script, shared by actors with equal scripts. */
  readonly scripts: readonly LocalStates[];
  /**
   * Sets of fields that take the same values sooner or later: of actors with equal scripts their local states, the results of
   * a call, and what lies in a slot.
   */
  readonly alike: readonly (readonly number[])[];
  /** Sets of fields of which one may come to take as many values as another: the same word of the cells of a region; all results. */
  readonly kin: readonly (readonly number[])[];
  /** What sets of actors are numbers of, here and in whatever searches this system. */
  readonly sets: ActorSets;
  readonly #length: number;
  #initial: Int32Array | undefined;

  /** @param watched domains whose identities must not be told apart by what the model's closures do */
  constructor(
    readonly program: Program,
    readonly view: LocalView,
    readonly watched: ReadonlySet<Domain> = new Set(),
  ) {
    const { actors, layout, registers } = program;
    this.actors = actors.length;
    this.sets = new ActorSets(actors.length);
    this.words = layout.words;
    let next = this.words;
    this.resultBase = Int32Array.from(actors, ({ calls }) => {
      next += calls.length;
      return next - calls.length;
    });
    this.localBase = next;
    this.slotBase = next + this.actors;
    this.slots = view.slots;
    this.fields = this.slotBase + this.actors * this.slots;
    this.registerBase = this.fields;
    this.scripts = this.#scripts();
    this.alike = this.#alike();
    const cells = layout.regions.flatMap(({ base, count, width }) => (count > 1 ? rowsOf(base, count, width) : []));
    this.kin = [...cells, ...rowsOf(this.words, this.localBase - this.words, 1)];
    this.#length = this.registerBase + this.actors * registers;
  }

  /** The state in which every run begins: each actor at the first op of its script. */
  get initial(): Int32Array {
    this.#initial ??= this.#begin();
    return this.#initial;
  }

  /** Where the registers of an actor lie. */
  registersOf(actor: number): number {
    return this.registerBase + actor * this.program.registers;
  }

  /** Puts the slots of every actor into its registers. */
  placeRegisters(state: Int32Array): void {
    for (let actor = 0; actor < this.actors; actor++) this.placeRegistersOf(state, actor);
  }

  /** Puts the slots of one actor into its registers. */
  placeRegistersOf(state: Int32Array, actor: number): void {
    const { live } = this.scripts[actor].states[state[this.localBase + actor]];
    const slots = this.slotBase + actor * this.slots;
    const registers = this.registersOf(actor);
    for (let slot = 0; slot < live.length; slot++) state[registers + live[slot]] = state[slots + slot];
  }

  /** The actors that must finish and have not, as a set. */
  unfinished(state: Int32Array): number {
    if (this.sets.isWide) return this.#unfinishedOfMany(state);
    let unfinished = 0;
    for (let actor = 0; actor < this.actors; actor++) {
      const { script } = this.scripts[actor];
      if (!script.daemon && !this.scripts[actor].done(state[this.localBase + actor])) unfinished |= 1 << actor;
    }
    return unfinished;
  }

  #unfinishedOfMany(state: Int32Array): number {
    this.sets.begin();
    for (let actor = 0; actor < this.actors; actor++) {
      const { script } = this.scripts[actor];
      if (!script.daemon && !this.scripts[actor].done(state[this.localBase + actor])) this.sets.put(actor);
    }
    return this.sets.end();
  }

  /** Hands a state to an executor, for checks and reports. */
  loadInto(executor: Executor, state: Int32Array): void {
    const copy = new Int32Array(executor.state.length);
    copy.set(state.subarray(0, this.words));
    copy.set(state.subarray(this.words, this.localBase), executor.results);
    for (let actor = 0; actor < this.actors; actor++) {
      const { call, node, live } = this.scripts[actor].states[state[this.localBase + actor]];
      const block = executor.registerWord(actor, 0) - 2;
      copy[block] = node;
      copy[block + 1] = call;
      const slots = this.slotBase + actor * this.slots;
      for (let slot = 0; slot < live.length; slot++) copy[block + 2 + live[slot]] = state[slots + slot];
    }
    executor.load(copy);
  }

  #begin(): Int32Array {
    const { automaton, actors, layout } = this.program;
    const state = new Int32Array(this.#length);
    state.set(layout.initial());
    for (let actor = 0; actor < this.actors; actor++) {
      const { calls } = actors[actor];
      let call = 0;
      // A call without an op is over as soon as it begins.
      while (call < calls.length && automaton.nodes[calls[call].root.node + Field.code] === Opcode.Return) {
        state[this.resultBase[actor] + call] = automaton.nodes[calls[call].root.node + Field.a];
        call++;
      }
      const node = calls[call]?.root.node ?? DONE;
      calls[call]?.identities.forEach(({ index }, register) => {
        state[this.registersOf(actor) + register] = index + 1;
      });
      state[this.localBase + actor] = this.scripts[actor].numberOf(call, node);
      const live = node === DONE ? [] : this.view.live(node);
      live.forEach((register, slot) => {
        state[this.slotBase + actor * this.slots + slot] = state[this.registersOf(actor) + register];
      });
    }
    state.fill(0, this.registerBase);
    this.placeRegisters(state);
    return state;
  }

  #alike(): number[][] {
    const { scripts, localBase, resultBase, slotBase, slots } = this;
    const places = [...scripts.keys()];
    const groups = [...new Set(scripts)].map((script) => places.filter((actor) => scripts[actor] === script));
    return groups
      .filter((actors) => actors.length > 1)
      .flatMap((actors) => [
        actors.map((actor) => localBase + actor),
        ...scripts[actors[0]].script.calls.map((_, call) => actors.map((actor) => resultBase[actor] + call)),
        ...Array.from({ length: slots }, (_, slot) => actors.map((actor) => slotBase + actor * slots + slot)),
      ]);
  }

  #scripts(): LocalStates[] {
    const known = new Map<string, LocalStates>();
    const { automaton } = this.program;
    return this.program.actors.map((actor) => {
      const key = scriptKey(actor);
      let script = known.get(key);
      if (script === undefined) {
        script = new LocalStates(automaton, actor, this.view);
        known.set(key, script);
      }
      return script;
    });
  }
}

/** The numbers from `base` on, in rows of as many. */
function rowsOf(base: number, length: number, rows: number): number[][] {
  return Array.from({ length: rows }, (_, row) => Array.from({ length }, (_, i) => base + row * length + i));
}

/** Equal for two actors whose calls run the same nodes under the same conditions, whatever their identities. */
export function scriptKey({ calls, daemon }: ProgramActor): string {
  const of = calls.map(({ root, after }) => `${root.node}:${after.map((each) => `${each.actor}.${each.calls}`)}`);
  return `${daemon}|${of.join('|')}|${DONE}`;
}
