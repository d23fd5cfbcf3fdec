/**
 * Local view: how the search looks at the nodes of the automaton. As they are, or merged (merge.ts).
 */

import { type Automaton, DONE, Field } from '../core/automaton/automaton.js';
import type { Completion } from './complete.js';

/** Which nodes are one local state, and what a local state holds. */
export interface LocalView {
  /** The node that stands for all nodes equivalent to `node`; -1 for a node that the view does not know. */
  representative(node: number): number;
  /** The nodes equivalent to `node`, with it; empty when no two nodes are. */
  members(node: number): readonly number[];
  /** Whether the view reckons with a result of the op at `node`. */
  knows(node: number, result: number): boolean;
  /** The registers whose values matter at `node`, in the order in which equivalent nodes correspond. */
  live(node: number): Int32Array;
  /** The most registers that matter at any node. */
  readonly slots: number;
}

const NOBODY: readonly number[] = [];

/** Every node is a local state of its own, and every register that was ever loaded matters. */
export class PlainView implements LocalView {
  readonly slots: number;
  readonly #firsts: readonly Int32Array[];

  /**
   * @param registers registers of an actor
   * @param completion the nodes that the view knows, if a reduction relies on there being no others
   */
  constructor(
    readonly automaton: Automaton,
    registers: number,
    readonly completion?: Completion,
  ) {
    this.slots = registers;
    this.#firsts = Array.from({ length: registers + 1 }, (_, count) =>
      Int32Array.from({ length: count }, (__, r) => r),
    );
  }

  representative(node: number): number {
    return this.completion === undefined || node === DONE || this.completion.edges.has(node) ? node : -1;
  }

  members(): readonly number[] {
    return NOBODY;
  }

  knows(node: number, result: number): boolean {
    return this.completion?.edges.get(node)?.results.includes(result) ?? true;
  }

  live(node: number): Int32Array {
    return this.automaton.keptAt(node) ?? this.#firsts[this.automaton.nodes[node + Field.registers]];
  }
}
