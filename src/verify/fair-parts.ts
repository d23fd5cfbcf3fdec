/**
 * Fair parts: where in a graph a run may stay for ever if everybody gets turns and every demand that is made again and
 * again is met again and again.
 *
 * A demand is a Streett pair: edges that make it, and edges that meet it. Where a component of the graph makes one that it
 * does not meet, a run that stays leaves the edges which make it some day; so these go, and what is left falls into
 * components again, until each meets all that it makes (Emerson and Lei, "Modalities for model checking: branching time
 * logic strikes back", 1987). Turns are weakly fair: each actor moves, or is unable to somewhere. Pure; used by liveness.
 */

import { numbered } from '../core/numbered.js';
import type { ActorSets } from '../core/run/actor-sets.js';
import { componentsOf } from '../core/run/components.js';

/** Demands that an edge makes and meets, by number. */
export interface EdgeLabel {
  readonly makes: readonly number[];
  readonly meets: readonly number[];
}

/** A graph with what its edges demand. */
export interface DemandGraph {
  readonly states: number;
  /** By edge. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly actors: Uint8Array;
  /** Position in `labels`. */
  readonly label: Int32Array;
  readonly labels: readonly EdgeLabel[];
  /** By state: actors that cannot move there, as a set. */
  readonly unable: Int32Array;
}

/** A strongly connected part of a graph: a run that goes round all of it is fair. */
export interface FairPart {
  /** Ascending. */
  readonly states: readonly number[];
  /** Numbers of its edges. */
  readonly edges: Int32Array;
  /** Actors that move in it, as a set. */
  readonly movers: number;
}

/** The largest fair parts of a graph; `counts` picks the demands that are to be met, `sets` are those of all actors. */
export function fairPartsOf(graph: DemandGraph, sets: ActorSets, counts: (demand: number) => boolean): FairPart[] {
  const found: FairPart[] = [];
  const open = [Int32Array.from(graph.from, (_, edge) => edge)];
  for (let edges = open.pop(); edges !== undefined; edges = open.pop()) {
    for (const part of connectedParts(graph, edges)) {
      const unmet = unmetDemands(graph, part, counts);
      if (unmet.size > 0) {
        const left = part.filter((edge) => !labelOf(graph, edge).makes.some((demand) => unmet.has(demand)));
        if (left.length > 0) open.push(left);
        continue;
      }
      const fair = fairPart(graph, part, sets);
      if (fair !== undefined) found.push(fair);
    }
  }
  return found.sort((left, right) => left.states[0] - right.states[0]);
}

/** The demands that some edges make and none of them meets. */
export function unmetDemands(
  graph: DemandGraph,
  edges: Iterable<number>,
  counts: (demand: number) => boolean,
): ReadonlySet<number> {
  const made = new Set<number>();
  const met = new Set<number>();
  const seen = new Set<number>();
  for (const edge of edges) {
    const number = graph.label[edge];
    if (seen.has(number)) continue;
    seen.add(number);
    for (const demand of graph.labels[number].makes) if (counts(demand)) made.add(demand);
    for (const demand of graph.labels[number].meets) met.add(demand);
  }
  return new Set([...made].filter((demand) => !met.has(demand)));
}

function labelOf({ label, labels }: DemandGraph, edge: number): EdgeLabel {
  return labels[label[edge]];
}

/** The edges within each strongly connected component of some edges. */
function connectedParts({ from, to }: DemandGraph, edges: Int32Array): Int32Array[] {
  const numbers = new Map<number, number>();
  const numberOf = (state: number): number => numbered(numbers, state);
  const sources = edges.map((edge) => numberOf(from[edge]));
  const targets = edges.map((edge) => numberOf(to[edge]));
  const starts = new Int32Array(numbers.size + 1);
  for (const source of sources) starts[source + 1]++;
  for (let state = 0; state < numbers.size; state++) starts[state + 1] += starts[state];
  const next = starts.slice();
  const sorted = new Int32Array(edges.length);
  for (let i = 0; i < edges.length; i++) sorted[next[sources[i]]++] = targets[i];
  const { count, of } = componentsOf(numbers.size, starts, sorted);
  const parts: number[][] = Array.from({ length: count }, () => []);
  for (let i = 0; i < edges.length; i++) {
    if (of[sources[i]] === of[targets[i]]) parts[of[sources[i]]].push(edges[i]);
  }
  return parts.filter((part) => part.length > 0).map((part) => Int32Array.from(part));
}

function fairPart(graph: DemandGraph, edges: Int32Array, sets: ActorSets): FairPart | undefined {
  const states = new Set<number>();
  let movers = 0;
  let unable = 0;
  for (const edge of edges) {
    states.add(graph.from[edge]);
    movers = sets.with(movers, graph.actors[edge]);
    unable = sets.union(unable, graph.unable[graph.from[edge]]);
  }
  if (sets.union(movers, unable) !== sets.everyone) return undefined;
  return { states: [...states].sort((left, right) => left - right), edges, movers };
}
