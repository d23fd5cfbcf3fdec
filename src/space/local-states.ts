/**
 * Local states: the scheduling points of a script, numbered densely: those of a completed automaton in its order, others
 * as they are met.
 *
 * A local state is a call of the script and a node of the automaton at which an actor may rest (the representative of
 * its equivalents). Actors with equal scripts share one table, so that their local states have equal numbers. Used by
 * the stepper and by whatever reasons about what an actor may still do.
 */

import { AGAIN, type Automaton, DONE, Field, Flag, NODE_WORDS } from '../core/automaton/automaton.js';
import { Opcode } from '../core/ops/op.js';
import type { After, ProgramActor } from '../core/program/program.js';
import { type Completion, THROWS } from './complete.js';
import type { LocalView } from './local-view.js';

const NO_REGISTERS = new Int32Array(0);

/** One local state. */
export interface LocalState {
  /** Position of the call in the script; the number of calls when the actor has finished. */
  readonly call: number;
  /** The node of the pending op; DONE when the actor has finished. */
  readonly node: number;
  /** Whether the call starts here and has to wait for calls of other actors. */
  readonly gated: boolean;
  /** Outcomes that the pending op offers when it is a choice; else 1. */
  readonly outcomes: number;
  /** Registers that matter, in slot order. */
  readonly live: Int32Array;
}

/** The local states of one script. */
export class LocalStates {
  /** By number. */
  readonly states: LocalState[] = [];
  /** Number + 1 by node, for each call. */
  readonly #numbers: Int32Array[];

  constructor(
    readonly automaton: Automaton,
    readonly script: ProgramActor,
    readonly view: LocalView,
  ) {
    this.#numbers = Array.from({ length: script.calls.length + 1 }, () => new Int32Array(0));
  }

  /** The calls that a call of the script waits for before it starts. */
  gate(call: number): readonly After[] {
    return this.script.calls[call].after;
  }

  /** Whether the actor has finished. */
  done(number: number): boolean {
    return this.states[number].node === DONE;
  }

  /** The number of the local state at a node during a call; -1 for a node that the view does not know. */
  numberOf(call: number, node: number): number {
    const id = node / NODE_WORDS;
    const numbers = this.#numbers[call];
    if (id < numbers.length && numbers[id] !== 0) return numbers[id] - 1;
    return this.#add(call, node);
  }

  /**
   * Numbers every local state of a completed automaton, so that all searches give them the same numbers: by these the
   * actors of a symmetric group are sorted.
   */
  numberAll({ nodes, edges }: Completion): void {
    this.numberOf(this.script.calls.length, DONE);
    this.script.calls.forEach(({ root }, call) => {
      const reached = new Set([root.node]);
      for (const node of reached) {
        for (const edge of edges.get(node)?.edges ?? []) if (edge !== THROWS) reached.add(edge & ~AGAIN);
      }
      for (const node of nodes) if (reached.has(node) && this.#mayRest(node)) this.numberOf(call, node);
    });
  }

  #mayRest(node: number): boolean {
    const { nodes } = this.automaton;
    return nodes[node + Field.code] !== Opcode.Return && (nodes[node + Field.flags] & Flag.Continues) === 0;
  }

  #add(call: number, node: number): number {
    const representative = this.view.representative(node);
    if (representative < 0) return -1;
    const number = representative === node ? this.states.length : this.numberOf(call, representative);
    if (representative === node) this.states.push(this.#describe(call, node));
    const id = node / NODE_WORDS;
    if (id >= this.#numbers[call].length) this.#numbers[call] = extended(this.#numbers[call], this.automaton.size);
    this.#numbers[call][id] = number + 1;
    return number;
  }

  #describe(call: number, node: number): LocalState {
    const { nodes } = this.automaton;
    const next = this.script.calls[call];
    const starts = next !== undefined && next.after.length > 0 && this.view.representative(next.root.node) === node;
    return {
      ...{ call, node, gated: starts },
      outcomes: nodes[node + Field.code] === Opcode.Choose ? nodes[node + Field.a] : 1,
      live: node === DONE ? NO_REGISTERS : this.view.live(node),
    };
  }
}

function extended(numbers: Int32Array, least: number): Int32Array {
  const longer = new Int32Array(Math.max(least, numbers.length * 2));
  longer.set(numbers);
  return longer;
}
