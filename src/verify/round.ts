/**
 * Rounds as findings: who goes round where, and a run that does. Used by `verify`.
 */

import type { Program } from '../core/program/program.js';
import type { Violation } from '../core/run/checks.js';
import type { Schedule } from '../core/schedule.js';
import { type RoundActors, roundSignature, roundViolation } from '../core/story/round.js';
import type { Signature } from '../core/story/signature.js';
import { StepOutcome } from '../space/stepper.js';
import type { Round } from './liveness.js';
import { Retrace } from './retrace.js';
import type { Search } from './search.js';
import type { StateGraph } from './state-graph.js';

/** A round with what identifies it and a run into it and once round. */
export interface RoundFinding {
  readonly signature: Signature;
  readonly violation: Violation;
  readonly schedule: Schedule;
  /** The step from which it goes round. */
  readonly loopFrom: number;
}

/** States of a round that are looked at for the loops in it; a round of more has the same loops many times over. */
const SAMPLE = 4096;

/** Describes a round that was found in the graph of a search. */
export function describeRound(search: Search, graph: StateGraph, round: Round): RoundFinding {
  const { program } = search.system;
  const signature = roundSignature(program.automaton, round.kind, starvedNodes(search, round));
  const retrace = new Retrace(search).to(round.states[0]);
  const loopFrom = retrace.schedule.steps.length;
  for (const { actor, target } of new Tour(graph, search, round).walk()) retrace.step(target, actor);
  const violation = roundViolation(program, actorsOf(program, round));
  return { signature, violation, schedule: retrace.schedule, loopFrom };
}

/** Who goes round and who is starved, by number instead of in sets. */
export function actorsOf({ actors }: Program, { kind, starved, movers }: Omit<Round, 'states'>): RoundActors {
  const membersOf = (set: number): number[] => [...actors.keys()].filter((actor) => ((set >> actor) & 1) !== 0);
  return { kind, starved: membersOf(starved), movers: membersOf(movers) };
}

/** Where the starved actors are: nodes at the heads of the loops that they go round, or of the ops that they wait in. */
function starvedNodes(search: Search, round: Round): ReadonlySet<number> {
  const { stepper, system } = search;
  const nodes = new Set<number>();
  const add = (actor: number): void => {
    nodes.add(system.scripts[actor].states[stepper.state[system.localBase + actor]].node);
  };
  for (const state of round.states.slice(0, SAMPLE)) {
    search.load(state);
    for (let actor = 0; actor < system.actors; actor++) {
      if (((round.starved >> actor) & 1) === 0) continue;
      if (((round.movers >> actor) & 1) === 0) add(actor);
      else {
        const flags = stepper.step(actor, 0);
        if ((flags & StepOutcome.Again) !== 0) add(actor);
        if (flags !== StepOutcome.Blocked) stepper.undo();
      }
    }
  }
  return nodes;
}

interface Edge {
  readonly actor: number;
  readonly target: number;
}

/** A closed walk in a round on which every actor moves, or comes to where it cannot. */
class Tour {
  readonly #starts: Int32Array;
  readonly #inside: ReadonlySet<number>;
  readonly #walk: Edge[] = [];
  readonly actors: number;

  constructor(
    readonly graph: StateGraph,
    search: Search,
    readonly round: Round,
  ) {
    this.actors = search.system.actors;
    this.#starts = graph.starts(search.table.size);
    this.#inside = new Set(round.states);
  }

  walk(): readonly Edge[] {
    const first = this.round.states[0];
    let at = first;
    for (let actor = 0; actor < this.actors; actor++) {
      if (((this.round.movers >> actor) & 1) !== 0) {
        if (this.#walk.some((edge) => edge.actor === actor)) continue;
        at = this.#go(at, (_, edge) => edge?.actor === actor);
      } else if (this.round.kind === 'starvation') at = this.#go(at, (state) => !this.#isAble(state, actor));
    }
    this.#go(at, (state) => state === first);
    return this.#walk;
  }

  /** Walks the shortest way to a state, or over an edge, that is wanted; where it ends. */
  #go(from: number, wanted: (state: number, edge: Edge | undefined) => boolean): number {
    if (wanted(from, undefined)) return from;
    const ways = new Map<number, { from: number; edge: Edge }>();
    const queue = [from];
    for (const state of queue) {
      for (let i = this.#starts[state]; i < this.#starts[state + 1]; i++) {
        const edge = { actor: this.graph.actors[i], target: this.graph.targets[i] };
        if (!this.#inside.has(edge.target)) continue;
        if (wanted(edge.target, edge)) {
          const way = [edge];
          for (let at = state; at !== from; ) {
            const step = ways.get(at) as { from: number; edge: Edge };
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

  #isAble(state: number, actor: number): boolean {
    if (((this.graph.ending(state) >> actor) & 1) !== 0) return true;
    for (let i = this.#starts[state]; i < this.#starts[state + 1]; i++) if (this.graph.actors[i] === actor) return true;
    return false;
  }
}
