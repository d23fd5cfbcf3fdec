/**
 * Ends beside daemons that go round: where a run has come to its end though somebody can go on.
 *
 * When all that must finish have finished, a run goes on until the daemons rest, each finished or waiting: that is its
 * end, and every search meets it. Where what daemons do can only repeat itself (states that lead to each other and to no
 * others), the run is at its end as well: in the states in which each daemon that can go on is at the head of its loop,
 * or in all of them if there are none of these. core/run/outlook.ts says the same of a single run. Read off the graph of a
 * search without order reduction and symmetry. Used by `verify`.
 */

import { componentsOf } from '../core/run/components.js';
import { StepOutcome } from '../space/stepper.js';
import type { Search } from './search.js';
import type { StateGraph } from './state-graph.js';

/** The states of a search in which runs are at their end though daemons go on, ascending. */
export function endsBesideDaemons(search: Search, graph: StateGraph): readonly number[] {
  // Whoever is not waited for goes on, or nobody does.
  if (search.system.program.actors.every(({ daemon }) => !daemon)) return [];
  const starts = graph.starts(search.table.size);
  return roundsOfDaemons(search.table.size, graph, starts)
    .filter((round) => isComplete(search, round[0]))
    .flatMap((round) => betweenRounds(search, graph, starts, round))
    .sort((left, right) => left - right);
}

/** Sets of states in which nobody that must finish can go on, which lead to each other and, by some step, to no others. */
function roundsOfDaemons(states: number, graph: StateGraph, starts: Int32Array): readonly (readonly number[])[] {
  const over: number[] = [];
  for (let state = 0; state < states; state++) if (graph.unfinished(state) === 0) over.push(state);
  const places = new Int32Array(states).fill(-1);
  over.forEach((state, place) => {
    places[state] = place;
  });
  // Whoever has finished stays so: no step leads out of these states.
  const ownStarts = new Int32Array(over.length + 1);
  over.forEach((state, place) => {
    ownStarts[place + 1] = ownStarts[place] + starts[state + 1] - starts[state];
  });
  const targets = new Int32Array(ownStarts[over.length]);
  over.forEach((state, place) => {
    for (let edge = starts[state]; edge < starts[state + 1]; edge++) {
      targets[ownStarts[place] + edge - starts[state]] = places[graph.targets[edge]];
    }
  });
  const { count, of } = componentsOf(over.length, ownStarts, targets);
  const rounds: number[][] = Array.from({ length: count }, () => []);
  const isLeft = new Uint8Array(count);
  const moves = new Uint8Array(count);
  over.forEach((state, place) => {
    rounds[of[place]].push(state);
    for (let edge = ownStarts[place]; edge < ownStarts[place + 1]; edge++) {
      moves[of[place]] = 1;
      if (of[targets[edge]] !== of[place]) isLeft[of[place]] = 1;
    }
  });
  return rounds.filter((_, component) => moves[component] === 1 && isLeft[component] === 0);
}

/** Whether all that must finish have finished; the graph takes a state in which somebody is stuck for one as well. */
function isComplete(search: Search, state: number): boolean {
  search.load(state);
  return search.system.unfinished(search.stepper.state) === 0;
}

/** Of the states of a round, those in which each daemon that can go on is at the head of its loop; else all. */
function betweenRounds(
  search: Search,
  graph: StateGraph,
  starts: Int32Array,
  round: readonly number[],
): readonly number[] {
  const { stepper, system } = search;
  const heads: Set<number>[] = Array.from({ length: system.actors }, () => new Set());
  for (const state of round) {
    search.load(state);
    for (let actor = 0; actor < system.actors; actor++) {
      const outcomes = stepper.outcomesOf(actor);
      for (let choice = 0; choice < outcomes; choice++) {
        const flags = stepper.step(actor, choice);
        if (flags === StepOutcome.Blocked) break;
        const isRound = (flags & StepOutcome.Again) !== 0 && (flags & StepOutcome.Violation) === 0;
        if (isRound) heads[actor].add(stepper.state[system.localBase + actor]);
        stepper.undo();
      }
    }
  }
  const between = round.filter((state) => {
    search.load(state);
    const movers = graph.actors.subarray(starts[state], starts[state + 1]);
    return movers.every((actor) => heads[actor].has(stepper.state[system.localBase + actor]));
  });
  return between.length > 0 ? between : round;
}
