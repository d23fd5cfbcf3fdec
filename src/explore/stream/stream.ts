/**
 * The stream: schedules in a fixed order, few preemptions and new pairs of op classes first, each joined to the ones
 * before it, until none is left.
 *
 * The first schedule runs every actor to its end, one after the other. In every state that is met before a step which
 * may race, a departure to each other runnable actor is queued (departures.ts); it costs a preemption, or nothing where the
 * actor could not go on, has just gone round a loop, or nothing has run yet. A choice of the environment departs with each
 * other answer. Every further schedule takes up the cheapest departure in its state, which was kept, and ends where it
 * comes to a state and a next actor that were met with no more preemptions. So when no departure is left, every
 * interleaving was tried, but for the order of steps that cannot race; and at any time every schedule with fewer
 * preemptions than the least of a departure that is left.
 *
 * Which steps cannot race is learned meanwhile (sharing.ts). When something was learned, all begins anew: what was left
 * out was left out for a wrong reason.
 *
 * Nearest relatives: iterative context bounding (Musuvathi, Qadeer, PLDI 2007), and GAMBIT's best first search (Coons,
 * Burckhardt, Musuvathi, PPoPP 2010); neither keeps states to depart from. No seed: the order is a function of the model.
 */

import type { Program } from '../../core/program/program.js';
import { Executor } from '../../core/run/executor.js';
import type { Prospect } from '../../core/run/outlook.js';
import { StepFlag } from '../../core/run/step-flag.js';
import { StuckActors } from '../../core/run/stuck.js';
import type { Schedule } from '../../core/schedule.js';
import { AtOnce } from '../at-once.js';
import { Facts } from '../facts.js';
import { OpClasses } from '../op-classes.js';
import { RunEnd, type RunEndValue } from '../runner.js';
import type { Sharing } from '../sharing.js';
import { Ahead } from './ahead.js';
import { MOST_PREEMPTIONS, nowhere } from './departures.js';
import { Known } from './known.js';
import { mayGoRound } from './lasso.js';
import { RacingPairs } from './racing-pairs.js';

const { Again, Rests, Violation } = StepFlag;

/** Nobody: nothing has run yet. */
const NOBODY = -1;
/** Bytes kept with which a run is given up, and how often it looks; a hundred actors started one by one come to 110 MB. */
export const MOST_BYTES = 200_000_000;
const LOOKS_EVERY = 1_024;

/** Runs the schedules of one program in their order; `begin` and `goOn` are called by turns. */
export class Stream {
  readonly executor: Executor;
  readonly classes: OpClasses;
  /** Steps of the current run that are its own. */
  steps = 0;
  /** Preemptions of the current run. */
  preemptions = 0;
  /** Where the current run came back to a state of its own, and may go round for ever: steps of its schedule before that. */
  loopFrom: number | undefined;
  /** What can still come of such a run. */
  prospect: Prospect | undefined;
  readonly pairs: RacingPairs;
  /** How often all began anew. */
  restarts = 0;
  /** Whether a run was given up: then what would have come of it was not tried. */
  gaveUp = false;
  readonly #sharing: Sharing;
  readonly #stuck: StuckActors;
  readonly #load: Int32Array;
  #known: Known;
  #learned = 0;
  readonly #ahead: Ahead;
  readonly #departure = nowhere();
  readonly #startsBroken: boolean;
  #isFirst = true;
  /** The actor that took the last step, and whether others may go on for nothing. */
  #current = NOBODY;
  #isFree = true;
  /** The state that the run came from when it comes to the next; -1: from the start. */
  #from = -1;
  /** The state that is shown instead of a run; -1 for none. */
  #shown = -1;
  /** Who goes on next, if that is settled. */
  #next = NOBODY;
  #answer = -1;
  /** Who took the last step that may race, and its class times 256; -1 when nobody did. */
  #before = -1;
  readonly #private: AtOnce;
  /** The actor whose step cannot race and comes next; -1 for none. */
  #atOnce = NOBODY;
  /** Steps that may race which the current actor has taken one after the other. */
  #inARow = 0;
  #automatonSize = 0;

  /**
   * @param sharing what walks showed, and what is learned on
   * @param stepBound steps of its schedule after which a run is given up
   * @param mostInARow steps that may race which an actor may take one after the other before it is taken to go round a loop
   */
  constructor(
    readonly program: Program,
    sharing: Sharing,
    readonly stepBound: number,
    readonly mostInARow: number,
  ) {
    this.executor = new Executor(program);
    this.classes = new OpClasses(program.automaton);
    this.#sharing = sharing;
    this.pairs = new RacingPairs(this.classes, sharing);
    this.#stuck = new StuckActors(this.executor);
    this.#ahead = new Ahead(program);
    this.#load = new Int32Array(this.executor.state.length);
    this.#startsBroken = this.executor.checkInitially() !== undefined;
    this.executor.reset();
    for (let actor = 0; actor < this.executor.actors; actor++) sharing.arrived(actor, this.executor.nodeOf(actor));
    this.#known = this.#fresh();
    this.#private = new AtOnce(this.executor, this.#known.facts);
  }

  /** The most preemptions so that every schedule with no more was tried; -1 when not even those without. */
  get boundDone(): number {
    if (this.#isFirst || this.gaveUp || this.#hasLearned) return -1;
    return this.#known.departures.leastPreemptions - 1;
  }

  /** Steps of the current run's schedule, those that it shares with an earlier one among them. */
  get length(): number {
    return this.#shown >= 0 ? this.schedule().steps.length : this.#known.paths.shared + this.steps;
  }

  /** Departures that are left. */
  get outstanding(): number {
    return this.#known.departures.size;
  }

  /** Bytes of what is kept. */
  get bytes(): number {
    return this.#known.bytes;
  }

  /** The current run as a schedule, from the start of the model. */
  schedule(): Schedule {
    const { paths, metBy, metAt } = this.#known;
    if (this.#shown >= 0) return paths.schedule(metBy[this.#shown], metAt[this.#shown]);
    return paths.schedule(paths.runs - 1, this.steps);
  }

  /** Begins the next run; false when there is none. */
  begin(): boolean {
    if (this.#hasLearned) {
      this.#known = this.#fresh();
      this.#private.judgeBy(this.#known.facts);
      this.#isFirst = true;
      this.restarts++;
    }
    const departure = this.#departure;
    this.loopFrom = undefined;
    this.prospect = undefined;
    this.steps = 0;
    this.#inARow = 0;
    if (this.#isFirst) {
      this.#isFirst = false;
      this.executor.reset();
      Object.assign(departure, nowhere());
      this.#atOnce = this.#private.first();
    } else {
      if (!this.#takeDeparture()) return false;
      this.#known.states.read(departure.state, this.#load);
      this.executor.load(this.#load);
      this.#private.none();
      this.#atOnce = NOBODY;
    }
    this.preemptions = departure.preemptions;
    this.#current = departure.actor;
    this.#isFree = departure.actor === NOBODY;
    this.#next = departure.actor;
    this.#answer = departure.answer;
    this.#before = departure.before;
    this.#known.paths.begin(departure.run, departure.step);
    this.#from = departure.run < 0 ? -1 : departure.state;
    if (departure.run >= 0) this.#notePlace(departure.state);
    return true;
  }

  /** Goes on with the run that was begun, for at most so many steps. */
  goOn(steps: number): RunEndValue {
    const end = this.#goOn(steps);
    const goesOn = end === RunEnd.Stands || end === RunEnd.Joined || end === RunEnd.Livelocked;
    if (!goesOn && this.#from >= 0) this.#known.crossings.end(this.#from);
    return end;
  }

  /**
   * Once none is left: makes a run of one that comes to a state from which no end can be reached, as if it had been run;
   * false when there is none.
   */
  showWithoutEnd(): boolean {
    const { crossings, states } = this.#known;
    const state = crossings.firstWithoutEnd(states.size);
    if (state < 0) return false;
    states.read(state, this.#load);
    this.executor.load(this.#load);
    this.#shown = state;
    this.steps = 0;
    this.loopFrom = undefined;
    this.prospect = this.#ahead.of(this.executor);
    return this.prospect.kind === 'livelock';
  }

  #goOn(steps: number): RunEndValue {
    const { executor } = this;
    if (this.steps === 0 && this.#startsBroken && executor.checkInitially() !== undefined) return RunEnd.Violating;
    const last = this.steps + steps;
    const most = this.stepBound - this.#known.paths.shared;
    while (executor.runnableCount > 0) {
      if (this.steps >= last) return RunEnd.Stands;
      if (this.steps >= most || (this.steps % LOOKS_EVERY === 0 && this.bytes > MOST_BYTES)) {
        this.gaveUp = true;
        return RunEnd.Bounded;
      }
      const chosen = this.#next;
      const actor = chosen >= 0 ? chosen : this.#atOnce;
      this.#next = NOBODY;
      // Who is only asked for what cannot race does not take over.
      if (chosen >= 0) this.#current = chosen;
      if (actor < 0) {
        const end = this.#atCrossing();
        if (end !== undefined) return end;
      } else {
        const end = this.#step(actor);
        if (end !== undefined) return end;
      }
    }
    return this.#ended();
  }

  get #hasLearned(): boolean {
    return this.#sharing.learned !== this.#learned;
  }

  #fresh(): Known {
    this.#learned = this.#sharing.learned;
    return new Known(new Facts(this.program, this.#sharing.facts()), this.executor);
  }

  /** Takes the cheapest departure that was not met meanwhile with fewer preemptions. */
  #takeDeparture(): boolean {
    const departure = this.#departure;
    const { departures, met, actors } = this.#known;
    while (departures.take(departure)) {
      if (departure.answer >= 0 || met[departure.state * actors + departure.actor] === departure.preemptions + 1)
        return true;
    }
    return false;
  }

  /** Before a step that may race: queues departures, and says who goes on by default, or that the run ends here. */
  #atCrossing(): RunEndValue | undefined {
    const { executor, preemptions } = this;
    const known = this.#known;
    const { actors } = known;
    const current = this.#current;
    const state = known.number(executor.state, this.steps);
    this.#comeTo(state);
    if (this.#isLasso(state)) return RunEnd.Livelocked;
    if (executor.complete) {
      const end = this.#besideDaemons();
      if (end !== undefined) return end;
    }
    this.#notePlace(state);
    const canGoOn = current >= 0 && executor.canRun(current);
    // A loop without a mark goes round as well, and each of its rounds is a new state.
    if (this.#inARow > this.mostInARow) this.#isFree = true;
    const isFree = this.#isFree || !canGoOn;
    const next = canGoOn && !this.#isFree ? current : this.#after(current);
    const base = state * actors;
    const { met, departures } = known;
    const before = met[base + next];
    const isNew = before === 0 || preemptions + 1 < before;
    if (isNew) met[base + next] = preemptions + 1;
    const cost = Math.min(MOST_PREEMPTIONS, preemptions + (isFree ? 0 : 1));
    const delayed = this.classes.of(executor.nodeOf(next));
    const { runnable, runnableCount } = executor;
    let place = -1;
    for (let i = 0; i < runnableCount; i++) {
      const other = runnable[i];
      const theirs = met[base + other];
      if (other === next || (theirs !== 0 && theirs <= cost + 1)) continue;
      met[base + other] = cost + 1;
      if (place < 0) place = this.#placeAt(state, cost);
      departures.put(place, other, -1, delayed, this.classes.of(executor.nodeOf(other)));
    }
    if (!isNew) return RunEnd.Joined;
    this.#isFree = false;
    this.#inARow = next === current ? this.#inARow + 1 : 0;
    this.#next = next;
    return undefined;
  }

  #noteStep(actor: number, node: number): void {
    const op = this.classes.of(node);
    const before = this.#before;
    if (before >= 0 && (before & 255) !== actor) this.pairs.met(before >> 8, op);
    this.#before = (op << 8) | actor;
  }

  /** Only daemons go on: how the run ends, if all that they do can only repeat itself (core/run/outlook.ts). */
  #besideDaemons(): RunEndValue | undefined {
    const way = this.#ahead.wayToEnd(this.executor);
    if (way === undefined) return undefined;
    for (const { actor, choice } of way) {
      this.#known.paths.add(actor, choice);
      this.steps++;
      if ((this.executor.step(actor, Math.max(0, choice)) & Violation) !== 0) return RunEnd.Violating;
    }
    return this.#ended();
  }

  /** Notes where the current run is, for departures with so many preemptions. */
  #placeAt(state: number, preemptions: number): number {
    const { departures, paths } = this.#known;
    return departures.at(state, paths.runs - 1, this.steps, this.#before, preemptions);
  }

  #comeTo(state: number): void {
    if (this.#from >= 0 && this.#from !== state) this.#known.crossings.lead(this.#from, state);
    this.#from = state;
  }

  /** Notes where the run first came to a state: all that it does until it is there again may go round. */
  #notePlace(state: number): void {
    const { ranBy, ranAt, paths } = this.#known;
    if (ranBy[state] === paths.runs) return;
    ranBy[state] = paths.runs;
    ranAt[state] = this.steps;
  }

  /** The next runnable actor behind one, in the order of the actors. */
  #after(actor: number): number {
    const { runnable, runnableCount } = this.executor;
    for (let i = 0; i < runnableCount; i++) if (runnable[i] > actor) return runnable[i];
    return runnable[0];
  }

  #step(actor: number): RunEndValue | undefined {
    const { executor } = this;
    const known = this.#known;
    const outcomes = executor.choicesOf(actor);
    const answer = outcomes === 0 ? -1 : this.#answered(actor, outcomes);
    const node = executor.nodeOf(actor);
    const isPrivate = known.facts.isPrivate(node);
    if (!isPrivate) this.#noteStep(actor, node);
    known.paths.add(actor, answer);
    this.steps++;
    const flags = executor.step(actor, Math.max(0, answer));
    if ((flags & Again) !== 0 && actor === this.#current) this.#isFree = true;
    if (this.program.automaton.size !== this.#automatonSize) {
      this.#automatonSize = this.program.automaton.size;
      this.#sharing.grew();
    }
    this.#sharing.arrived(actor, executor.nodeOf(actor));
    this.#atOnce = this.#private.next(actor, flags);
    if ((flags & Violation) !== 0) {
      this.#sharing.refused(executor.runsAt);
      return RunEnd.Violating;
    }
    if ((flags & Rests) !== 0 && this.#stuck.deadlockedBy(actor)) return RunEnd.Deadlocked;
    return undefined;
  }

  /** The answer to a choice; the other ones depart here. */
  #answered(actor: number, outcomes: number): number {
    const settled = this.#answer;
    this.#answer = -1;
    if (settled >= 0) return settled;
    const { answers, departures } = this.#known;
    const state = this.#known.number(this.executor.state, this.steps);
    this.#comeTo(state);
    const preemptions = Math.min(MOST_PREEMPTIONS, this.preemptions + 1);
    const asked = this.classes.of(this.executor.nodeOf(actor));
    let place = -1;
    for (let answer = 1; answer < outcomes; answer++) {
      if (answers.add(state, (answer << 8) | actor) > 0) continue;
      if (place < 0) place = this.#placeAt(state, preemptions);
      departures.put(place, actor, answer, asked, asked);
    }
    return 0;
  }

  /** Whether the run came back to a state of its own, and may go round for ever. */
  #isLasso(state: number): boolean {
    const { executor } = this;
    const { paths, ranBy, ranAt } = this.#known;
    if (ranBy[state] !== paths.runs || !mayGoRound(executor, paths, ranAt[state], this.steps)) return false;
    this.loopFrom = paths.shared + ranAt[state];
    this.prospect = this.#ahead.of(executor);
    return true;
  }

  #ended(): RunEndValue {
    if (!this.executor.complete) return RunEnd.Deadlocked;
    if (this.program.finally.length > 0 && this.executor.checkFinally() !== undefined) return RunEnd.Violating;
    return RunEnd.Completed;
  }
}
