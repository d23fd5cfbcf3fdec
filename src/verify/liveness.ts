/**
 * Liveness: runs that go round for ever.
 *
 * Livelock: a state from which no run comes to an end any more, read off the components of the state graph that have no
 * way out. Starvation: a weakly fair cycle - every actor moves in it, or is unable to somewhere in it - in which some
 * actor that must finish never does. A component of states is one such cycle or contains none. Runs that broke
 * something have come to an end. Needs a search without order reduction and symmetry. Used by `verify`.
 */

import type { ActorSets } from '../core/run/actor-sets.js';
import { type Components, componentsOf } from '../core/run/components.js';
import type { StateGraph } from './state-graph.js';

/** A component of states that a run may stay in for ever. */
export interface Round {
  readonly kind: 'livelock' | 'starvation';
  /** Its states, ascending. */
  readonly states: readonly number[];
  /** Actors that must finish and do not, as a set. */
  readonly starved: number;
  /** Actors that move in it, as a set. */
  readonly movers: number;
}

/** Finds the rounds of a graph of `states` states, by their lowest state. */
export function roundsOf(graph: StateGraph, states: number): readonly Round[] {
  const starts = graph.starts(states);
  const components = componentsOf(states, starts, graph.targets);
  const tally = new Tally(graph, starts, components);
  const rounds: Round[] = [];
  const byComponent = new Map<number, number[]>();
  for (let state = 0; state < states; state++) {
    const component = components.of[state];
    if (!tally.cycles(component)) continue;
    const members = byComponent.get(component);
    if (members === undefined) byComponent.set(component, [state]);
    else members.push(state);
  }
  for (const [component, members] of byComponent) {
    const starved = graph.unfinished(members[0]);
    const kind = starved === 0 ? undefined : tally.judge(component);
    if (kind !== undefined) rounds.push({ kind, states: members, starved, movers: tally.movers[component] });
  }
  return rounds;
}

/** What is known of each component. */
class Tally {
  /** Actors that move within a component. */
  readonly movers: Int32Array;
  /** Actors that cannot move somewhere in a component. */
  readonly #unable: Int32Array;
  readonly #leaves: Uint8Array;
  /** Whether a run may come to its end from a component. */
  readonly #ends: Uint8Array;

  readonly #sets: ActorSets;

  constructor(graph: StateGraph, starts: Int32Array, { count, of, members }: Components) {
    const { sets } = graph;
    this.#sets = sets;
    this.movers = new Int32Array(count);
    this.#unable = new Int32Array(count);
    this.#leaves = new Uint8Array(count);
    this.#ends = new Uint8Array(count);
    for (let state = 0; state < of.length; state++) {
      const component = of[state];
      const ending = graph.ending(state);
      // When all that must finish have finished, what daemons go on with is no matter.
      const over = graph.unfinished(state) === 0;
      if (over || ending !== 0 || starts[state] === starts[state + 1]) this.#ends[component] = 1;
      for (let edge = starts[state]; edge < starts[state + 1]; edge++) {
        const target = of[graph.targets[edge]];
        if (target !== component) this.#leaves[component] = 1;
        else this.movers[component] = sets.with(this.movers[component], graph.actors[edge]);
      }
      this.#unable[component] = sets.union(this.#unable[component], unableIn(graph, state, starts));
    }
    this.#spread(graph, starts, of, members);
  }

  /** Whether a run may stay in a component. */
  cycles(component: number): boolean {
    return this.movers[component] !== 0;
  }

  judge(component: number): Round['kind'] | undefined {
    if (this.#ends[component] === 0) return this.#leaves[component] === 0 ? 'livelock' : undefined;
    const fair = this.#sets.union(this.movers[component], this.#unable[component]) === this.#sets.everyone;
    return fair ? 'starvation' : undefined;
  }

  /** Ends are reached from wherever an edge leads to where they are; edges never lead to a higher component. */
  #spread({ targets }: StateGraph, starts: Int32Array, of: Int32Array, members: Int32Array): void {
    const ends = this.#ends;
    for (let i = 0; i < members.length; i++) {
      const state = members[i];
      const component = of[state];
      for (let edge = starts[state]; ends[component] === 0 && edge < starts[state + 1]; edge++)
        ends[component] = ends[of[targets[edge]]];
    }
  }
}

/** The actors that cannot move in a state, as a set. */
function unableIn(graph: StateGraph, state: number, starts: Int32Array): number {
  const { sets, actors } = graph;
  if (!sets.isWide) {
    let able = graph.ending(state);
    for (let edge = starts[state]; edge < starts[state + 1]; edge++) able |= 1 << actors[edge];
    return sets.others(able);
  }
  sets.begin();
  sets.putAll(graph.ending(state));
  for (let edge = starts[state]; edge < starts[state + 1]; edge++) sets.put(actors[edge]);
  return sets.others(sets.end());
}
