/**
 * Calls: begins and ends the calls of the actors, and knows where what they return is kept. Used by the executor.
 *
 * An actor's block in the state is its node, the number of calls it has completed and its registers; behind all blocks lie
 * the results of all calls.
 */

import { type Automaton, DONE as DONE_NODE, Flag, Field as NodeField } from '../automaton/automaton.js';
import { ModelError } from '../errors.js';
import { checkLooks } from '../ops/layout.js';
import { MAX_ACTORS, type Program, type ProgramActor } from '../program/program.js';
import { BLOCK_HEAD as HEAD_OF_BLOCK } from './readiness.js';

// The compiler folds a module's own constants into the code but looks imported ones up at every use.
const BLOCK_HEAD = HEAD_OF_BLOCK;
const DONE = DONE_NODE;
const Field = NodeField;
const { Ends } = Flag;

/** The calls of some scripts over one state, which it makes. */
export class Calls {
  declare readonly state: Int32Array;
  declare private readonly automaton: Automaton;
  declare private readonly scripts: readonly ProgramActor[];
  declare private readonly registers: number;
  declare private readonly firstBlock: number;
  declare private readonly firstResult: number;
  /** By actor: the position of what its first call returns; those of its others follow. */
  declare private readonly results: Int32Array;
  /** First nodes of each actor's calls, in the order of the results, with a DONE behind each actor's last. */
  declare private readonly nodes: Int32Array;

  /** @param firstResult the position of the first result, behind the actors' blocks */
  constructor({ automaton, layout, registers }: Program, actors: readonly ProgramActor[], firstResult: number) {
    this.automaton = automaton;
    this.scripts = actors;
    this.registers = registers;
    this.firstBlock = layout.words;
    this.firstResult = firstResult;
    let end = firstResult;
    this.results = Int32Array.from(actors, ({ calls }) => {
      end += calls.length;
      return end - calls.length;
    });
    this.nodes = Int32Array.from(actors.flatMap(({ calls }) => [...calls.map(({ root }) => root.node), DONE]));
    this.state = new Int32Array(end);
  }

  /** The position of what a call of an actor returns. */
  resultWord(actor: number, call: number): number {
    return this.results[actor] + call;
  }

  /** Begins a call, or what comes after those of no op; the node at which the actor is then. */
  start(actor: number, first: number): number {
    const block = this.#blockOf(actor);
    for (let call = first; ; ) {
      const node = this.nodes[this.results[actor] - this.firstResult + actor + call];
      this.state[block] = node;
      this.state[block + 1] = call;
      if (this.automaton.mostRegisters > 0) this.#clearRegisters(actor, 0);
      if (node === DONE) return node;
      const { identities } = this.scripts[actor].calls[call];
      for (let i = 0; i < identities.length; i++) this.state[block + BLOCK_HEAD + i] = identities[i].index + 1;
      if ((this.automaton.nodes[node + Field.flags] & Ends) === 0) return node;
      call = this.end(actor, node);
    }
  }

  /** Ends the actor's call at a node, and keeps what it returned; which call comes next. */
  end(actor: number, node: number): number {
    const call = this.state[this.#blockOf(actor) + 1];
    this.state[this.results[actor] + call] = this.automaton.nodes[node + Field.a];
    return call + 1;
  }

  /** Empties the registers that the head of a loop does not use. */
  goBack(actor: number, head: number): void {
    const kept = this.automaton.keptAt(head);
    this.#clearRegisters(actor, kept === undefined ? this.automaton.nodes[head + Field.registers] : 0, kept);
  }

  #clearRegisters(actor: number, from: number, kept?: Int32Array): void {
    const { state } = this;
    const registers = this.#blockOf(actor) + BLOCK_HEAD;
    // Those above were never written.
    const end = registers + this.automaton.mostRegisters;
    if (kept === undefined) for (let word = registers + from; word < end; word++) state[word] = 0;
    else for (let word = registers + from; word < end; word++) if (!kept.includes(word - registers)) state[word] = 0;
  }

  #blockOf(actor: number): number {
    return this.firstBlock + actor * (BLOCK_HEAD + this.registers);
  }
}

/** Throws ModelError for more actors than an engine that chooses every step can run, or for what so many rule out. */
export function checkActorCount(program: Program, { length }: readonly ProgramActor[]): void {
  const { name, always, finally: last, layout } = program;
  if (length > MAX_ACTORS) {
    throw new ModelError(
      `model ${name} has ${length} actors; an engine that chooses every step runs at most ${MAX_ACTORS}`,
    );
  }
  for (const word of [...always, ...last].flatMap(({ words }) => words)) {
    const region = layout.regionOf(word);
    if (region !== undefined) checkLooks(region);
  }
}
