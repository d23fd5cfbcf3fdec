/**
 * Tours: a closed walk through a round, for the run that shows it. Used by `verify`.
 */

import type { FairRound, RoundEdge } from './fair-rounds.js';
import type { Search } from './search.js';
import type { StateGraph } from './state-graph.js';

/** A step of a tour; without `choice`, any that leads there. */
export type TourEdge = Pick<RoundEdge, 'actor' | 'target'> & Partial<RoundEdge>;

/** A closed walk in a round on which every actor moves, or comes to where it cannot, and every demand is met. */
export class Tour {
  readonly #starts: Int32Array;
  readonly #inside: ReadonlySet<number>;
  readonly #walk: TourEdge[] = [];
  readonly actors: number;

  constructor(
    readonly graph: StateGraph,
    search: Search,
    readonly round: FairRound,
  ) {
    this.actors = search.system.actors;
    this.#starts = graph.starts(search.table.size);
    this.#inside = new Set(round.states);
  }

  /** The steps, from the lowest state of the round back to it. */
  walk(): readonly TourEdge[] {
    const { states, movers, kind } = this.round;
    const first = states[0];
    let at = first;
    for (let actor = 0; actor < this.actors; actor++) {
      if (this.graph.sets.has(movers, actor)) {
        if (this.#walk.some((edge) => edge.actor === actor)) continue;
        at = this.#go(at, (_, edge) => edge?.actor === actor);
      } else if (kind === 'starvation') at = this.#go(at, (state) => !this.#isAble(state, actor));
    }
    at = this.#go(at, (state) => state === first);
    // A way to where a demand is met may make another, of which there are not many.
    for (let unmet = this.#unmet(); unmet !== undefined; unmet = this.#unmet()) {
      const demand = unmet;
      at = this.#go(at, (_, edge) => edge?.meets?.includes(demand) === true);
      at = this.#go(at, (state) => state === first);
    }
    return this.#walk;
  }

  /** A demand that the walk makes and does not meet. */
  #unmet(): number | undefined {
    const met = new Set(this.#walk.flatMap(({ meets = [] }) => meets));
    return this.#walk.flatMap(({ makes = [] }) => makes).find((demand) => !met.has(demand));
  }

  /** Walks the shortest way to a state, or over an edge, that is wanted; where it ends. */
  #go(from: number, wanted: (state: number, edge: TourEdge | undefined) => boolean): number {
    if (wanted(from, undefined)) return from;
    const ways = new Map<number, { from: number; edge: TourEdge }>();
    const queue = [from];
    for (const state of queue) {
      for (const edge of this.#edgesFrom(state)) {
        if (wanted(edge.target, edge)) {
          const way = [edge];
          for (let at = state; at !== from; ) {
            const step = ways.get(at) as { from: number; edge: TourEdge };
            way.push(step.edge);
            at = step.from;
          }
          this.#walk.push(...way.reverse());
          return edge.target;
        }
        if (edge.target === from || ways.has(edge.target)) continue;
        ways.set(edge.target, { from: state, edge });
        queue.push(edge.target);
      }
    }
    throw new Error('a component of states has no way through itself');
  }

  #edgesFrom(state: number): readonly TourEdge[] {
    const { edgesFrom } = this.round;
    if (edgesFrom !== undefined) return edgesFrom(state);
    const { actors, targets } = this.graph;
    const found: TourEdge[] = [];
    for (let i = this.#starts[state]; i < this.#starts[state + 1]; i++) {
      if (this.#inside.has(targets[i])) found.push({ actor: actors[i], target: targets[i] });
    }
    return found;
  }

  #isAble(state: number, actor: number): boolean {
    if (this.graph.sets.has(this.graph.ending(state), actor)) return true;
    for (let i = this.#starts[state]; i < this.#starts[state + 1]; i++) if (this.graph.actors[i] === actor) return true;
    return false;
  }
}
