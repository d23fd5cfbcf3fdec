/**
 * Closure graph: ways and rounds among the states of a whole closure. Used by the outlook.
 */

import type { Closure, Move } from './closure.js';
import { type Components, componentsOf } from './components.js';

/** A way through the graph. */
export interface Way {
  /** The state that it leads to. */
  readonly to: number;
  readonly moves: readonly Move[];
}

/** One step of the closure, from a state that is known. */
interface Edge extends Move {
  readonly target: number;
  readonly again: boolean;
}

/** The graph of a closure in which every state was taken up. */
export class ClosureGraph {
  /** The steps from state s are `#order[#starts[s]]` .. `#order[#starts[s + 1] - 1]`. */
  readonly #starts: Int32Array;
  readonly #order: Int32Array;
  readonly #components: Components;
  /** By component: whether a step leads out of it. */
  readonly #leaves: Uint8Array;
  readonly #members = new Map<number, number[]>();

  constructor(readonly closure: Closure) {
    const { states, sources, targets } = closure;
    this.#starts = new Int32Array(states.size + 1);
    for (const source of sources) this.#starts[source + 1]++;
    for (let state = 0; state < states.size; state++) this.#starts[state + 1] += this.#starts[state];
    this.#order = new Int32Array(sources.length);
    const next = this.#starts.slice();
    sources.forEach((source, step) => {
      this.#order[next[source]++] = step;
    });
    const ordered = Int32Array.from(this.#order, (step) => targets[step]);
    this.#components = componentsOf(states.size, this.#starts, ordered);
    this.#leaves = new Uint8Array(this.#components.count);
    const { of } = this.#components;
    sources.forEach((source, step) => {
      if (of[source] !== of[targets[step]]) this.#leaves[of[source]] = 1;
    });
  }

  /** Whether all that can be reached from a state leads back to it. */
  isForEver(state: number): boolean {
    return this.#leaves[this.#components.of[state]] === 0;
  }

  /** The states that lead to a state and can be reached from it, ascending; the same list for each of them. */
  componentOf(state: number): readonly number[] {
    const { of } = this.#components;
    let members = this.#members.get(of[state]);
    if (members === undefined) {
      members = [];
      for (let other = 0; other < of.length; other++) if (of[other] === of[state]) members.push(other);
      this.#members.set(of[state], members);
    }
    return members;
  }

  /** The steps from a state to states that lead back to it. */
  stepsFrom(state: number): readonly Edge[] {
    const { of } = this.#components;
    return this.#all(state).filter(({ target }) => of[target] === of[state]);
  }

  /** The actors that take steps within a component, ascending. */
  moversIn(component: readonly number[]): readonly number[] {
    const movers = new Set(component.flatMap((state) => this.stepsFrom(state).map(({ actor }) => actor)));
    return [...movers].sort((left, right) => left - right);
  }

  /** The shortest way from a state to one that is wanted, or over a step that is; undefined when there is none. */
  way(from: number, wanted: (state: number, step: Edge | undefined) => boolean): Way | undefined {
    if (wanted(from, undefined)) return { to: from, moves: [] };
    const came = new Map<number, { readonly from: number; readonly step: Edge }>();
    const queue = [from];
    for (const state of queue) {
      for (const step of this.#all(state)) {
        if (wanted(step.target, step))
          return { to: step.target, moves: [...this.#back(came, from, state), moveOf(step)] };
        if (step.target === from || came.has(step.target)) continue;
        came.set(step.target, { from: state, step });
        queue.push(step.target);
      }
    }
    return undefined;
  }

  /** A closed way from a state of a component without a way out, in which each of the actors that move there does so. */
  tour(from: number, movers: readonly number[]): readonly Move[] {
    const moves: Move[] = [];
    let at = from;
    const go = (wanted: (state: number, step: Edge | undefined) => boolean): void => {
      const way = this.way(at, wanted);
      if (way === undefined) throw new Error('a round has no way through itself');
      moves.push(...way.moves);
      at = way.to;
    };
    for (const mover of movers) {
      if (!moves.some(({ actor }) => actor === mover)) go((_, step) => step?.actor === mover);
    }
    go((state) => state === from);
    return moves;
  }

  #all(state: number): readonly Edge[] {
    const { targets, actors, choices, agains } = this.closure;
    return Array.from(this.#order.subarray(this.#starts[state], this.#starts[state + 1]), (step) => ({
      ...{ actor: actors[step], choice: choices[step] },
      ...{ target: targets[step], again: agains[step] },
    }));
  }

  #back(came: ReadonlyMap<number, { readonly from: number; readonly step: Edge }>, from: number, to: number): Move[] {
    const moves: Move[] = [];
    for (let at = to; at !== from; ) {
      const { from: before, step } = came.get(at) as { from: number; step: Edge };
      moves.push(moveOf(step));
      at = before;
    }
    return moves.reverse();
  }
}

function moveOf({ actor, choice }: Move): Move {
  return { actor, choice };
}
