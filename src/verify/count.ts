/**
 * Count: how many interleavings a program has, exactly.
 *
 * A maximal run is a path through the graph of states from the first to one in which nobody can run, or to a step that
 * was refused; a choice of the environment is a branch, and a step that breaks a check counts and goes on. The paths to
 * each state are summed up in topological order. Where a cycle lies on a run there is no end to the counting. Needs a
 * search without order reduction and symmetry. Used by `verify`.
 */

import type { StateGraph } from './state-graph.js';

/** The number of maximal runs; 'unbounded' when some run goes round in a cycle. */
export type Interleavings = bigint | 'unbounded';

/** Counts the paths of a graph of `states` states from the first. */
export function countInterleavings(graph: StateGraph, states: number): Interleavings {
  const starts = graph.starts(states);
  const { targets } = graph;
  const waiting = new Int32Array(states);
  for (let edge = 0; edge < graph.edges; edge++) waiting[targets[edge]]++;
  // Every state was reached from the first, so only a cycle could lead back to it.
  if (waiting[0] > 0) return 'unbounded';
  const paths: (bigint | undefined)[] = new Array(states).fill(undefined);
  const ready = new Int32Array(states);
  let count = 1;
  let total = 0n;
  paths[0] = 1n;
  for (let at = 0; at < count; at++) {
    const state = ready[at];
    const here = paths[state] as bigint;
    // Not needed again; the numbers grow long.
    paths[state] = undefined;
    const endings = graph.endings[state];
    if (endings > 0) total += here * BigInt(endings);
    else if (starts[state] === starts[state + 1]) total += here;
    for (let edge = starts[state]; edge < starts[state + 1]; edge++) {
      const target = targets[edge];
      paths[target] = (paths[target] ?? 0n) + here;
      waiting[target]--;
      if (waiting[target] === 0) ready[count++] = target;
    }
  }
  return count === states ? total : 'unbounded';
}
