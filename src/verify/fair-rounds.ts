/**
 * Fair rounds: of a component of states in which somebody starves, the parts that are left when what the model declares
 * fair is fair; and what would have to be declared so that none were left.
 *
 * The steps of the component are taken once more, to see what each demands (demands.ts); the graph of the search keeps
 * no more than who went where. Used by `verify`.
 */

import { StepOutcome } from '../space/stepper.js';
import { type Arbiter, Demands } from './demands.js';
import { type DemandGraph, type FairPart, fairPartsOf, unmetDemands } from './fair-parts.js';
import type { Round } from './liveness.js';
import type { Search } from './search.js';

/** States whose steps are taken again between two looks at clock and signal. */
const SLICE = 1024;
/** Edges of a component from which on nobody looks for what would have to be declared. */
const MOST_ADVISED = 500_000;
/** Choices and locks of which all sets are tried to find a smallest. */
const MOST_ARBITERS = 12;

/** One edge of a round. */
export interface RoundEdge {
  readonly actor: number;
  /** Number of the state it leads to. */
  readonly target: number;
  /** Answer to the choice that is made, if one is. */
  readonly choice: number;
  /** Demands that it makes and meets, of those that are declared. */
  readonly makes: readonly number[];
  readonly meets: readonly number[];
}

/** What would have to be fair so that nobody starves, and how it is not. */
export interface Remedy {
  readonly arbiter: Arbiter;
  /** Actors whose demand is not met, or would not be. */
  readonly actors: readonly number[];
  /** For a choice: numbers of the outcomes that never come. Empty when each comes now and then. */
  readonly missing: readonly number[];
}

/** A round of which fairness was taken into account. */
export interface FairRound extends Round {
  /** Its edges that leave a state of it; undefined: all edges of the graph between its states. */
  readonly edgesFrom?: (state: number) => readonly RoundEdge[];
  /** Empty when the round goes on whatever is fair. */
  readonly remedies: readonly Remedy[];
}

/**
 * The fair rounds within a component of states; yields now and then, so that its caller can look at the clock. What nobody
 * gets out of is a round whatever is fair.
 */
export function* fairRoundsOf(search: Search, round: Round): Generator<void, readonly FairRound[]> {
  if (round.kind === 'livelock') return [{ ...round, remedies: [] }];
  const component = new Component(search, round);
  yield* component.build();
  const { demands } = component;
  if (demands.list.length === 0) return [{ ...round, remedies: [] }];
  const parts = fairPartsOf(component, search.system.sets, demands.isDeclared);
  const rounds: FairRound[] = [];
  for (const part of parts) {
    yield;
    const states = part.states.map((place) => round.states[place]);
    const { kind, starved } = round;
    const remedies = component.remediesOf(part);
    rounds.push({ kind, starved, states, movers: part.movers, edgesFrom: component.edgesFrom(part), remedies });
  }
  return rounds;
}

/** A component of the state graph with what its edges demand. */
class Component implements DemandGraph {
  readonly demands: Demands;
  readonly states: number;
  from = new Int32Array(256);
  to = new Int32Array(256);
  actors = new Uint8Array(256);
  label = new Int32Array(256);
  #choices = new Int32Array(256);
  #edges = 0;
  readonly unable: Int32Array;

  constructor(
    readonly search: Search,
    readonly round: Round,
  ) {
    this.demands = new Demands(search.system, search.stepper);
    this.states = round.states.length;
    this.unable = new Int32Array(this.states);
  }

  get labels() {
    return this.demands.labels;
  }

  /** Takes the steps of every state. */
  *build(): Generator<void> {
    const { search, round } = this;
    const places = new Map(round.states.map((state, place) => [state, place]));
    for (const [place, state] of round.states.entries()) {
      if (place % SLICE === 0) yield;
      search.load(state);
      for (let actor = 0; actor < search.system.actors; actor++) this.#try(places, place, actor);
    }
    for (const name of ['from', 'to', 'label'] as const) this[name] = this[name].slice(0, this.#edges);
    this.actors = this.actors.slice(0, this.#edges);
  }

  /** The edges of a part that leave a state. */
  edgesFrom({ edges }: FairPart): (state: number) => readonly RoundEdge[] {
    const { states } = this.round;
    // Edges are numbered in the order of the states that they leave.
    const first = new Map<number, number>();
    edges.forEach((edge, place) => {
      const state = states[this.from[edge]];
      if (!first.has(state)) first.set(state, place);
    });
    return (state) => {
      const found: RoundEdge[] = [];
      for (let place = first.get(state) ?? edges.length; place < edges.length; place++) {
        const edge = edges[place];
        if (states[this.from[edge]] !== state) break;
        const { makes, meets } = this.labels[this.label[edge]];
        found.push({
          ...{ actor: this.actors[edge], target: states[this.to[edge]], choice: this.#choices[edge] },
          ...{ makes: makes.filter(this.demands.isDeclared), meets: meets.filter(this.demands.isDeclared) },
        });
      }
      return found;
    };
  }

  /** A small set of choices and locks which leave nothing of a part if they are fair. */
  remediesOf({ edges }: FairPart): readonly Remedy[] {
    if (edges.length > MOST_ADVISED) return [];
    const part = this.#within(edges);
    const { list } = this.demands;
    const used = new Set<Arbiter>();
    for (const number of new Set(part.label))
      for (const made of this.labels[number].makes) used.add(list[made].arbiter);
    let needed = [...used].filter(({ declared }) => !declared);
    if (needed.length === 0 || needed.length > MOST_ARBITERS) return [];
    const isLeft = (fair: readonly Arbiter[]): boolean => {
      const counts = (demand: number): boolean => {
        const { arbiter } = list[demand];
        return arbiter.declared || fair.includes(arbiter);
      };
      return fairPartsOf(part, this.search.system.sets, counts).length > 0;
    };
    if (isLeft(needed)) return [];
    for (const each of needed) {
      const fewer = needed.filter((other) => other !== each);
      if (!isLeft(fewer)) needed = fewer;
    }
    return needed.map((arbiter) => this.#remedy(part, arbiter));
  }

  #remedy(part: DemandGraph, arbiter: Arbiter): Remedy {
    const { sets } = this.search.system;
    const { list } = this.demands;
    const all = Int32Array.from(part.from, (_, edge) => edge);
    const unmet = [...unmetDemands(part, all, (demand) => list[demand].arbiter === arbiter)].map(
      (demand) => list[demand],
    );
    const waiting = list.filter((each) => each.arbiter === arbiter && sets.has(this.round.starved, each.actor));
    const unique = (values: readonly number[]): number[] => [...new Set(values)].sort((left, right) => left - right);
    const missing = unique(unmet.flatMap(({ outcome }) => (outcome < 0 ? [] : [outcome])));
    return { arbiter, actors: unique((unmet.length > 0 ? unmet : waiting).map(({ actor }) => actor)), missing };
  }

  #within(edges: Int32Array): DemandGraph {
    const pick = (words: Int32Array): Int32Array => edges.map((edge) => words[edge]);
    const { states, labels, unable } = this;
    const actors = Uint8Array.from(edges, (edge) => this.actors[edge]);
    return { states, labels, unable, actors, from: pick(this.from), to: pick(this.to), label: pick(this.label) };
  }

  #try(places: ReadonlyMap<number, number>, place: number, actor: number): void {
    const { search } = this;
    const { stepper } = search;
    const outcomes = stepper.outcomesOf(actor);
    for (let choice = 0; choice < outcomes; choice++) {
      const { label, flags } = this.demands.step(actor, choice);
      if (flags === StepOutcome.Blocked) {
        this.unable[place] = search.system.sets.with(this.unable[place], actor);
        return;
      }
      // A step that breaks something ends the run.
      const target = (flags & StepOutcome.Violation) !== 0 ? undefined : places.get(search.numberOfState());
      if (target !== undefined) this.#add(place, target, actor, label, choice);
      stepper.undo();
    }
  }

  #add(from: number, to: number, actor: number, label: number, choice: number): void {
    if (this.#edges === this.from.length) this.#grow();
    const edge = this.#edges++;
    this.from[edge] = from;
    this.to[edge] = to;
    this.actors[edge] = actor;
    this.label[edge] = label;
    this.#choices[edge] = choice;
  }

  #grow(): void {
    const length = this.from.length * 2;
    for (const name of ['from', 'to', 'label'] as const) {
      const longer = new Int32Array(length);
      longer.set(this[name]);
      this[name] = longer;
    }
    const [actors, choices] = [new Uint8Array(length), new Int32Array(length)];
    actors.set(this.actors);
    choices.set(this.#choices);
    this.actors = actors;
    this.#choices = choices;
  }
}
