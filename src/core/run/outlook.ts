/**
 * Outlook: what can still come of a run, from the state that it is in.
 *
 * A run has come to its end when every actor that must finish has finished and the daemons are at rest: each has
 * finished, or waits. Daemons that never rest are not waited for. When what they do can only repeat itself (each state
 * that can come leads back to all others), the run is at its end as well, and it is looked at between their rounds: in
 * the states in which every daemon that can go on is at the head of its loop, or in all if there are none of these. A
 * state in which a daemon is merely half-way, and which is left for good, is no end; so a daemon that polls where
 * another would wait makes no difference.
 *
 * And a run from which no end can be reached any more, by whatever interleaving, is a livelock.
 *
 * Both are judged from all states that can be reached, or not at all when there are more than a bound. What is said of a
 * state depends on that state and the bound alone. Used by explore, by replays, and by whatever draws a run.
 */

import { DONE } from '../automaton/automaton.js';
import type { Program, ProgramActor } from '../program/program.js';
import { Closure, type IsEnd, type Move } from './closure.js';
import { ClosureGraph, type Way } from './closure-graph.js';
import { Executor } from './executor.js';
import { StateSet } from './state-set.js';
import { StepFlag } from './step-flag.js';
import { StuckActors } from './stuck.js';

/** States from which nothing is known when there are more: a tenth of a second of work. */
export const OUTLOOK_STATES = 20_000;

/** What can still come of a run. `states` is how many were looked at. */
export type Prospect =
  /** It may come to an end, or break something; or it is not at its end yet. */
  | { readonly kind: 'open'; readonly states: number }
  /** There are more states than the bound. */
  | { readonly kind: 'unknown'; readonly states: number }
  | RoundsEnd
  | LivelockAhead;

/** The run is at its end, though daemons go on. */
export interface RoundsEnd {
  readonly kind: 'end';
  readonly states: number;
  /** Steps of daemons to what breaks there; else to a state in which the checks of finished runs are asked, and hold. */
  readonly way: readonly Move[];
  /** Whether those checks are asked in the very state. */
  readonly isAsked: boolean;
}

/** No end can be reached any more. */
export interface LivelockAhead {
  readonly kind: 'livelock';
  readonly states: number;
  /** Actors that must finish and cannot any more, ascending. */
  readonly starved: readonly number[];
  /** Actors that go round, ascending. */
  readonly movers: readonly number[];
  /** Where the starved are: nodes at which they go back to the heads of their loops, or at which they wait. */
  readonly nodes: readonly number[];
  /** The way into a round that nothing leads out of, and once round it, each who moves in it at least once. */
  readonly way: readonly Move[];
  readonly once: readonly Move[];
  /** Whether the state of an executor is one of the round. */
  readonly isIn: (executor: Executor) => boolean;
}

/** Judges states of the runs of some scripts, and remembers what it saw. */
export class Outlook {
  /** States that were looked at so far. */
  looked = 0;
  readonly #executor: Executor;
  readonly #stuck: StuckActors;
  #known: StateSet;
  #prospects: Prospect[] = [];
  /** All states that can be reached from some state: of runs in which only daemons go on, and of livelocks. */
  #graphs: ClosureGraph[] = [];

  /** @param actors the scripts that are run, if not the program's own */
  constructor(
    readonly program: Program,
    actors: readonly ProgramActor[] = program.actors,
  ) {
    this.#executor = new Executor(program, actors);
    this.#stuck = new StuckActors(this.#executor);
    this.#known = new StateSet(this.#executor.results);
  }

  /**
   * What can come of the state of an executor that runs the same scripts, and in which somebody can take a step.
   *
   * @param most states to look at; with 0 only what was seen counts
   */
  of({ state, complete }: Executor, most = OUTLOOK_STATES): Prospect {
    const known = this.#known.find(state);
    const before = known < 0 ? undefined : this.#prospects[known];
    if (before !== undefined && (before.kind !== 'unknown' || before.states > most)) return before;
    const root = state.slice(0, this.#executor.results);
    const seen = this.#seen(root, complete);
    if (seen === undefined && most === 0) return { kind: 'unknown', states: 0 };
    const prospect = seen ?? this.#explored(root, complete, most);
    this.#prospects[this.#known.add(root)] = prospect;
    return prospect;
  }

  /** Forgets what it saw. */
  forget(): void {
    if (this.#known.size === 0) return;
    this.#known = new StateSet(this.#executor.results);
    this.#prospects = [];
    this.#graphs = [];
  }

  /**
   * Whether the checks of finished runs are asked in the state of an executor; `unknown` if only daemons go on, and to
   * more states than the bound.
   */
  isAsked(executor: Executor): boolean | 'unknown' {
    if (!executor.complete || executor.runnableCount === 0) return executor.complete;
    const prospect = this.of(executor);
    return prospect.kind === 'unknown' ? 'unknown' : prospect.kind === 'end' && prospect.isAsked;
  }

  /** What can come of a state that was met on the way from another. */
  #seen(root: Int32Array, isOver: boolean): Prospect | undefined {
    for (const graph of this.#graphs) {
      const state = graph.closure.states.find(root);
      if (state >= 0) return this.#judged(graph, state, isOver);
    }
    return undefined;
  }

  #explored(root: Int32Array, isOver: boolean, most: number): Prospect {
    const closure = new Closure(this.#executor);
    const isEnd: IsEnd = ({ complete, runnableCount }, actor, flags) =>
      complete || runnableCount === 0 || ((flags & StepFlag.Rests) !== 0 && this.#stuck.deadlockedBy(actor));
    const extent = closure.explore(root, most, isOver ? undefined : isEnd);
    const states = closure.states.size;
    this.looked += states;
    if (extent !== 'whole') return { kind: extent === 'ended' ? 'open' : 'unknown', states };
    const graph = new ClosureGraph(closure);
    this.#graphs.push(graph);
    return this.#judged(graph, 0, isOver);
  }

  #judged(graph: ClosureGraph, state: number, isOver: boolean): Prospect {
    return isOver ? this.#ofDaemons(graph, state) : this.#ofAll(graph, state);
  }

  /** No state of the graph is an end. */
  #ofAll(graph: ClosureGraph, state: number): Prospect {
    const { closure } = graph;
    const { to, moves } = found(graph.way(state, (other) => graph.isForEver(other)));
    const round = graph.componentOf(to);
    const members = new Set(round);
    const movers = graph.moversIn(round);
    const starved = unfinishedIn(closure.load(to));
    return {
      ...{ kind: 'livelock', states: closure.states.size, movers, starved },
      nodes: starvedNodes(graph, round, starved),
      way: moves,
      once: graph.tour(to, movers),
      isIn: (executor) => members.has(closure.states.find(executor.state)),
    };
  }

  /** Only daemons go on. */
  #ofDaemons(graph: ClosureGraph, state: number): Prospect {
    const states = graph.closure.states.size;
    if (!graph.isForEver(state)) return { kind: 'open', states };
    const round = graph.componentOf(state);
    const breach = graph.closure.breaches.find(({ from }) => round.includes(from));
    if (breach !== undefined) {
      const { moves } = found(graph.way(state, (other) => other === breach.from));
      return { kind: 'end', states, way: [...moves, breach.move], isAsked: false };
    }
    const { asked, wanted } = this.#endOf(graph, round);
    const { moves } = found(graph.way(state, (other) => wanted.has(other)));
    return { kind: 'end', states, way: moves, isAsked: asked.has(state) };
  }

  /** Where the checks of finished runs are asked in a round, and which of these states to go to: those that fail. */
  #endOf(graph: ClosureGraph, round: readonly number[]): { asked: ReadonlySet<number>; wanted: ReadonlySet<number> } {
    const asked = askedIn(graph, round);
    const broken = asked.filter((state) => this.#breaks(graph.closure.load(state)));
    return { asked: new Set(asked), wanted: new Set(broken.length > 0 ? broken : asked) };
  }

  #breaks(executor: Executor): boolean {
    return this.program.finally.length > 0 && executor.checkFinally() !== undefined;
  }
}

/**
 * Whether the run of an executor is at its end, whatever there is to say of it then. Where only daemons go on, to more
 * states than the bound, whoever says so is taken at his word: for schedules that were written down as ending there.
 */
export function isAtEnd(executor: Executor): boolean {
  if (executor.runnableCount === 0) return true;
  if (!executor.complete || executor.program.finally.length === 0) return false;
  const scripts = Array.from({ length: executor.actors }, (_, actor) => executor.scriptOf(actor));
  return new Outlook(executor.program, scripts).isAsked(executor) !== false;
}

/** Of the states of a round, those in which every daemon that can go on is at the head of its loop; else all. */
function askedIn(graph: ClosureGraph, round: readonly number[]): readonly number[] {
  const { closure } = graph;
  const heads = new Set<string>();
  for (const state of round) {
    for (const { actor, again, target } of graph.stepsFrom(state)) {
      if (again) heads.add(`${actor} ${closure.nodeOf(target, actor)}`);
    }
  }
  const between = round.filter((state) =>
    graph.stepsFrom(state).every(({ actor }) => heads.has(`${actor} ${closure.nodeOf(state, actor)}`)),
  );
  return between.length > 0 ? between : round;
}

/** Where the starved actors are in a round: at the heads of their loops, or in the ops that they wait in. */
function starvedNodes(graph: ClosureGraph, round: readonly number[], starved: readonly number[]): readonly number[] {
  const { closure } = graph;
  const nodes = new Set<number>();
  for (const state of round) {
    for (const { actor, again, choice } of graph.stepsFrom(state)) {
      if (again && choice <= 0 && starved.includes(actor)) nodes.add(closure.nodeOf(state, actor));
    }
  }
  const movers = graph.moversIn(round);
  for (const actor of starved) if (!movers.includes(actor)) nodes.add(closure.nodeOf(round[0], actor));
  return [...nodes];
}

/** The actors that must finish and have not, ascending. */
function unfinishedIn(executor: Executor): readonly number[] {
  const actors = Array.from({ length: executor.actors }, (_, actor) => actor);
  return actors.filter((actor) => !executor.scriptOf(actor).daemon && executor.nodeOf(actor) !== DONE);
}

function found(way: Way | undefined): Way {
  if (way === undefined) throw new Error('a finite graph has a component that nothing leads out of');
  return way;
}
