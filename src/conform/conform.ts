/**
 * Conform: is every event of a recording explained by some execution of the model?
 *
 * Events are taken in the order of their times. A set of states is kept: those that some execution can be in which shows
 * exactly the events so far. For the next event of a task all its steps up to the event's mark are taken; steps of others
 * that leave no trace are taken before one of them only where the order may matter, as late as possible: an execution that
 * takes them earlier for nothing comes to the same. An empty set is an event that no execution explains. Imports core and
 * the model's types; knows no kernel.
 */

import type { Program } from '../core/program/program.js';
import type { Observation, ObservedEvent } from './observed.js';
import { StateBag } from './state-bag.js';
import { StepFootprint } from './step-footprint.js';
import { Walker } from './walker.js';

/** How far `conform` goes. */
export interface ConformOptions {
  /** How far the time stamps of two tasks may be apart from the order in which they were taken. */
  readonly clockError?: number;
  /** States that are kept at most. */
  readonly maxStates?: number;
  /** Asked now and then, with the events explained so far: whether to go on. */
  readonly goOn?: (explained: number) => boolean;
}

/** Why an event has no explanation: what stands in its way, and in how many states. */
export interface Reason {
  readonly words: string;
  readonly states: number;
}

/** What came of holding a recording against a model. */
export interface Conformed {
  readonly verdict: 'explained' | 'refused' | 'undecided';
  /** Events that were explained, in order. */
  readonly explained: number;
  /** The event that no execution explains. */
  readonly event?: ObservedEvent;
  readonly reasons: readonly Reason[];
  /** What the states before that event are, for a report. */
  readonly before: readonly Int32Array[];
  readonly walker: Walker;
  /** Most states, and the sum of them over all events. */
  readonly mostStates: number;
  readonly sumOfStates: number;
  /** Why it is undecided. */
  readonly because?: 'states' | 'stopped';
}

/** States that are kept, unless told otherwise. */
const MOST_STATES = 2000;
/** Events between two questions whether to go on. */
const ROUND = 64;
/** States whose steps are taken between two questions whether to go on. */
const STEPS_BETWEEN = 256;
/** Ways of one actor that are remembered. */
const MOST_WAYS = 8;

/**
 * A state in which some task is at something that a later event of its will contradict. It is put aside: as long as others
 * explain what comes, nobody asks for it; when none does, the search goes back to it, so that the event which is refused is
 * the last that any execution comes to.
 */
interface Doomed {
  readonly state: Int32Array;
  /** The event that was looked for. */
  readonly at: number;
  /** The event that contradicts. */
  readonly until: number;
}

/** Holds a recording against a program, which notes crossings. */
export function conform(program: Program, observation: Observation, options: ConformOptions = {}): Conformed {
  return new Run(program, observation, options).run();
}

class Run {
  readonly #walker: Walker;
  readonly #ways: Ways;
  /** By actor and place among its events: the place among all. */
  readonly #places: readonly number[][];
  /** By event: how many of its actor come before it. */
  readonly #counts: Int32Array;
  #aside: Doomed[] = [];
  #states: readonly Int32Array[];
  #most = 1;
  #sum = 0;

  constructor(
    readonly program: Program,
    readonly observation: Observation,
    readonly options: ConformOptions,
  ) {
    this.#walker = new Walker(program, observation);
    this.#ways = new Ways(this.#walker);
    this.#states = [this.#walker.initial];
    const places: number[][] = program.actors.map(() => []);
    this.#counts = Int32Array.from(observation.events, ({ actor }, place) => places[actor].push(place) - 1);
    this.#places = places;
  }

  run(): Conformed {
    const { goOn = () => true } = this.options;
    const { events } = this.observation;
    // Where the search has gone back for what it had put aside, and what it had come to before.
    let isBack = false;
    let furthest: Conformed | undefined;
    for (let at = 0; at < events.length; at++) {
      const undecided = (because: 'states' | 'stopped') => furthest ?? this.#result('undecided', at, { because });
      if (at % ROUND === 0 && !goOn(at)) return undecided('stopped');
      const search = this.#search(at, isBack, () => goOn(at));
      const waiting = isBack ? this.#aside.filter((each) => each.at === at) : [];
      const found = search.from([...this.#states, ...waiting.map(({ state }) => state)]);
      // What was put aside ends in a refusal in any case: only its place is in question.
      if (search.given !== undefined) return undecided(search.given);
      if (found.length === 0) {
        if (isBack && this.#aside.some((each) => each.at > at)) {
          this.#states = [];
          continue;
        }
        const refused = this.#result('refused', at, { event: events[at], reasons: search.reasons });
        if (isBack) return furthest !== undefined && furthest.explained >= at ? furthest : refused;
        this.#putAside(at, search.aside);
        const from = this.#aside.filter(({ until }) => until > at);
        if (from.length === 0) return refused;
        isBack = true;
        furthest = refused;
        this.#aside = from;
        this.#states = [];
        at = Math.min(...from.map((each) => each.at)) - 1;
        continue;
      }
      this.#keep(found, at, search.aside);
    }
    return this.#result('explained', events.length, {});
  }

  #search(at: number, keepsDoomed: boolean, goOn: () => boolean): Search {
    const { clockError = 0, maxStates = MOST_STATES } = this.options;
    const event = this.observation.events[at];
    const until = event.time + clockError;
    const sought = { event, place: this.#counts[at], until, maxStates, keepsDoomed, goOn };
    return new Search(this.#walker, this.#ways, sought);
  }

  #keep(found: readonly Int32Array[], at: number, aside: Search['aside']): void {
    this.#states = found;
    this.#most = Math.max(this.#most, found.length);
    this.#sum += found.length;
    // What the event has contradicted by now is past.
    this.#aside = this.#aside.filter(({ until }) => until > at);
    this.#putAside(at, aside);
  }

  #putAside(at: number, aside: Search['aside']): void {
    for (const { state, actor, place } of aside) {
      const until = this.#places[actor][place];
      if (until > at) this.#aside.push({ state, at, until });
    }
  }

  #result(verdict: Conformed['verdict'], explained: number, more: Partial<Conformed>): Conformed {
    const sums = { mostStates: this.#most, sumOfStates: this.#sum };
    return { verdict, explained, reasons: [], before: this.#states, walker: this.#walker, ...sums, ...more };
  }
}

/** What is looked for. */
interface Sought {
  readonly event: ObservedEvent;
  /** How many events of its actor come before it. */
  readonly place: number;
  /** Events of others up to this time may be taken before. */
  readonly until: number;
  readonly maxStates: number;
  /** Whether states that a later event will contradict are gone on with. */
  readonly keepsDoomed: boolean;
  /** Asked now and then: whether to go on. */
  readonly goOn: () => boolean;
}

/** The way to one event. */
class Search {
  /** Why it was given up, and states left out; undefined where none were. */
  given: 'states' | 'stopped' | undefined;
  #tried = 0;
  readonly #found = new StateBag();
  readonly #seen = new StateBag();
  readonly #reasons = new Map<string, number>();

  /** States that were put aside, and whose event contradicts them. */
  readonly aside: { readonly state: Int32Array; readonly actor: number; readonly place: number }[] = [];

  constructor(
    readonly walker: Walker,
    readonly ways: Ways,
    readonly sought: Sought,
  ) {}

  get reasons(): readonly Reason[] {
    return [...this.#reasons].map(([words, states]) => ({ words, states }));
  }

  from(states: readonly Int32Array[]): readonly Int32Array[] {
    for (const state of states) this.#reach(state, [this.sought.event.actor]);
    return this.#found.states;
  }

  /** Takes steps until the event is matched. `stack`: whose steps are waited for, the innermost last. */
  #reach(state: Int32Array, stack: readonly number[]): void {
    const { walker } = this;
    const { event, place, maxStates, keepsDoomed } = this.sought;
    if (stack.length === 1 && walker.matched(state, event.actor) > place) {
      this.#found.add(state);
      if (this.#found.states.length > maxStates) this.given ??= 'states';
      return;
    }
    if (!this.#enters(this.#seen, state, stack)) return;
    const actor = stack[stack.length - 1];
    const tries = this.#tries(state, actor);
    for (const { footprint } of tries) {
      for (const other of this.#relevant(state, stack, footprint)) this.#reach(state, [...stack, other]);
    }
    const below = stack.length === 1 ? undefined : this.#footprintOf(state, stack[stack.length - 2]);
    for (const { states, doomed, footprint, refused } of tries) {
      if (refused !== undefined && stack.length === 1) {
        this.#reasons.set(refused, (this.#reasons.get(refused) ?? 0) + 1);
      }
      const rest = below !== undefined && footprint.meets(below) ? stack.slice(0, -1) : stack;
      states.forEach((after, at) => {
        // What contradicts the event that is looked for is found out at once, and is why.
        const isLater = doomed[at] >= 0 && (actor !== event.actor || doomed[at] > place);
        if (isLater && !keepsDoomed) this.aside.push({ state: after, actor, place: doomed[at] });
        else this.#reach(after, rest);
      });
    }
  }

  /** Adds a state to those that were met; whether its steps are to be taken. */
  #enters(met: StateBag, state: Int32Array, stack: readonly number[] = []): boolean {
    if (this.given !== undefined) return false;
    this.#tried++;
    if (this.#tried % STEPS_BETWEEN === 0 && !this.sought.goOn()) this.given = 'stopped';
    else if (!met.add(state, stack)) return false;
    else if (met.states.length > this.sought.maxStates * 4) this.given = 'states';
    return this.given === undefined;
  }

  /** What an actor may do next without a trace, or with an event that may come before the one looked for. */
  #tries(state: Int32Array, actor: number) {
    const { walker } = this;
    const { event, until } = this.sought;
    const step = walker.next(state, actor);
    if (step.kind === 'end') return actor === event.actor ? [walker.try(state, actor)] : [];
    if (step.kind !== 'mark') return [walker.try(state, actor)];
    const next = walker.eventOf(state, actor);
    const isDue = next !== undefined && next.time <= until;
    const tries = isDue ? [walker.try(state, actor)] : [];
    if (step.optional) tries.push(walker.try(state, actor, true));
    return tries;
  }

  #footprintOf(state: Int32Array, actor: number): StepFootprint {
    const all = new StepFootprint();
    for (const { footprint } of this.#tries(state, actor)) all.addAll(footprint);
    return all;
  }

  /** Who else may take a step that matters to one with this footprint. */
  #relevant(state: Int32Array, stack: readonly number[], footprint: StepFootprint): readonly number[] {
    const others: number[] = [];
    const alone: StepFootprint[] = [];
    for (let actor = 0; actor < this.walker.program.actors.length; actor++) {
      if (stack.includes(actor) || !this.#moves(state, actor)) continue;
      const solo = this.#alone(state, actor);
      if (solo.words.length === 0) continue;
      others.push(actor);
      alone.push(solo);
    }
    if (others.length === 0) return others;
    return others.filter((_, at) => {
      if (alone[at].meets(footprint)) return true;
      // Somebody whose way depends on a third one may come to touch what it does not touch alone.
      return alone.some((other, place) => place !== at && other.meets(alone[at]));
    });
  }

  /** Whether an actor may do anything before its next event. */
  #moves(state: Int32Array, actor: number): boolean {
    const step = this.walker.next(state, actor);
    if (step.kind === 'end') return false;
    if (step.kind !== 'mark' || step.optional) return true;
    return (this.walker.eventOf(state, actor)?.time ?? Number.POSITIVE_INFINITY) <= this.sought.until;
  }

  /** All that an actor touches on its way to its next event, when it runs alone. */
  #alone(state: Int32Array, actor: number): StepFootprint {
    const find = () => {
      const all = new StepFootprint();
      const seen = new StateBag();
      const visit = (from: Int32Array): void => {
        if (!this.#enters(seen, from)) return;
        for (const { states, footprint } of this.#tries(from, actor)) {
          all.addAll(footprint);
          for (const after of states) visit(after);
        }
      };
      visit(state);
      return all;
    };
    // What is remembered ends at the next event; one that may come early depends on the event that is looked for.
    const next = this.walker.eventOf(state, actor);
    return next !== undefined && next.time <= this.sought.until ? find() : this.ways.of(state, actor, find);
  }
}

/** What an actor touches on its way alone, for states in which it sees the same. */
class Ways {
  readonly #known: { readonly block: Int32Array; readonly values: Int32Array; readonly footprint: StepFootprint }[][];

  constructor(readonly walker: Walker) {
    this.#known = walker.program.actors.map(() => []);
  }

  of(state: Int32Array, actor: number, find: () => StepFootprint): StepFootprint {
    const known = this.#known[actor];
    const [from, to] = this.walker.blockOf(actor);
    for (const { block, values, footprint } of known) {
      if (isAt(state, from, block) && footprint.words.every((word, at) => state[word] === values[at])) return footprint;
    }
    const footprint = find();
    if (known.length === MOST_WAYS) known.pop();
    known.unshift({
      block: state.slice(from, to),
      values: Int32Array.from(footprint.words, (word) => state[word]),
      footprint,
    });
    return footprint;
  }
}

function isAt(state: Int32Array, from: number, words: Int32Array): boolean {
  for (let i = 0; i < words.length; i++) if (state[from + i] !== words[i]) return false;
  return true;
}
