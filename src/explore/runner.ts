/**
 * Runner: one schedule at a time, as a strategy picks it, up to the first violation.
 *
 * This loop is what explore spends its time in: it allocates nothing, and it keeps the path of the current run only, so
 * that memory does not grow with the number of schedules. A run that goes on for long, or in which only daemons go on, is
 * paused now and then and asked what can still come of it (core/run/outlook.ts), at steps that depend on that run alone. A run
 * can be taken in parts, so that whoever has a clock or a signal can look at it within a long one. Used by the shards.
 */

import type { Program } from '../core/program/program.js';
import type { Random } from '../core/random.js';
import type { Move } from '../core/run/closure.js';
import { Executor } from '../core/run/executor.js';
import { Outlook, type Prospect } from '../core/run/outlook.js';
import { StepFlag } from '../core/run/step-flag.js';
import { StuckActors } from '../core/run/stuck.js';
import type { Schedule } from '../core/schedule.js';
import { AtOnce } from './at-once.js';
import { Facts } from './facts.js';
import { RandomWalk } from './random-walk.js';
import type { RacingFacts } from './sharing.js';
import type { EndOfRun, KeptState, Strategy } from './strategy.js';
import { Walked, type WalkedValue, type WalkKernel, walkKernelOf } from './walk/walk-kernel.js';

// A module's own constant is folded into the code; an imported one is looked up at every step.
const { CallEnd, Rests, Violation } = StepFlag;
/** Flags of a step that ends more than itself. */
const ENDS = CallEnd | Rests | Violation;

/** Steps of a run before it is paused for the first time; then each time as many as it has taken. */
const FIRST_PAUSE = 1024;
/** The same for the steps of daemons once all that must finish have finished: most come to rest sooner. */
const FIRST_REST = 64;
/** Steps of daemons after which a run is given up, unless it is known that it can still come to its end. */
const MOST_REST = 2048;
/** States that are looked at when a run is paused, and when it would be given up. */
const MOST_STATES = { quick: 2_000, last: 20_000 };
/**
 * States that may be looked at for the runs of one block, at pauses and in the end: a fifth of a second. Of runs that come
 * after that it is not known whether they could have ended.
 */
const BLOCK_STATES = { quick: 10_000, last: 40_000 };

/** How a run ended. */
export const RunEnd = {
  /** Every actor that must finish has finished, and the daemons are at rest, or go round for ever. */
  Completed: 0,
  /** Nobody can run, and somebody should; or somebody who should is stuck, whoever can run. */
  Deadlocked: 1,
  /** The last step broke something, or the finished run failed a check. */
  Violating: 2,
  /** Given up: at the step bound, or because daemons go on and on. */
  Bounded: 3,
  /** It cannot come to an end any more, whatever anybody does. */
  Livelocked: 4,
  /** Came to a state, and an actor to go on there, from which an earlier run goes on as it would (stream only). */
  Joined: 5,
  /** Not ended: there is more of it to take. */
  Stands: 6,
} as const;

/** By end. What joins others is the stream's, which is no strategy. */
const END_NAMES: readonly EndOfRun[] = ['completed', 'deadlocked', 'violating', 'bounded', 'livelocked'];

/** One of the values of RunEnd. */
export type RunEndValue = (typeof RunEnd)[keyof typeof RunEnd];

/** Runs schedules of one program. */
export class Runner {
  readonly executor: Executor;
  /** Actors of the current run's steps, up to `steps`. */
  path: Uint8Array;
  /** Steps of the current run. */
  steps = 0;
  /** Whether what must always hold does not in the initial state: then every run is broken before its first step. */
  readonly #startsBroken: boolean;
  /** What was said of the current run when it was paused last. */
  prospect: Prospect | undefined;
  readonly #stuck: StuckActors;
  readonly #walks: boolean;
  readonly #hasFinally: boolean;
  #random: Random | undefined;
  readonly #choices: number[] = [];
  #choiceCount = 0;
  #outlook: Outlook | undefined;
  /** States that may still be looked at in this block. */
  #left = { ...BLOCK_STATES };
  /** The step flags after which the loop does more than go on. */
  readonly #stops: number;
  /** Step at which the current run is paused next, and how many steps after the pause before. */
  #pause = 0;
  #span = 0;
  /** The step from which on only daemons go on; -1 when that has not come. */
  #overFrom = -1;

  readonly #private: AtOnce;
  /** The actor whose step cannot race and comes next; -1: the strategy is asked. */
  #atOnce = -1;
  /** Who was picked last, at which node, and what came of it: told to the strategy before it picks again. */
  #picked = -1;
  #pickedNode = 0;
  #pickedFlags = 0;

  /** @param stepBound steps after which a run is given up */
  constructor(
    readonly program: Program,
    readonly strategy: Strategy,
    readonly stepBound: number,
    racing: RacingFacts,
  ) {
    this.executor = new Executor(program);
    this.#private = new AtOnce(this.executor, new Facts(program, racing));
    this.#stuck = new StuckActors(this.executor);
    this.path = new Uint8Array(stepBound);
    this.#startsBroken = this.executor.checkInitially() !== undefined;
    this.executor.reset();
    this.#walks = strategy instanceof RandomWalk;
    this.#hasFinally = program.finally.length > 0;
    const rests = this.#stuck.mayBe ? Rests : 0;
    this.#stops = program.actors.some(({ daemon }) => daemon) ? Violation | Rests | CallEnd : Violation | rests;
  }

  /** Begins a block of runs: what is said of a run depends on nothing outside its block. */
  newBlock(): void {
    this.#left = { ...BLOCK_STATES };
    this.#outlook?.forget();
  }

  /** What cannot race from now on. */
  judgeBy(racing: RacingFacts): void {
    const { facts } = this.#private;
    if (racing.version !== facts.racing.version) this.#private.judgeBy(new Facts(this.program, racing));
  }

  /** The same walk by remembered steps; undefined where it cannot be taken so. */
  newWalkKernel(): WalkKernel | undefined {
    const { program, executor, strategy, stepBound } = this;
    if (this.#startsBroken) return undefined;
    const pauses = { first: FIRST_PAUSE, rest: FIRST_REST };
    return walkKernelOf({ program, executor, strategy, stepBound, facts: this.#private.facts, pauses });
  }

  /** Takes over a run that the walk kernel has brought to its end. */
  adopt(kernel: WalkKernel, walked: WalkedValue): RunEndValue {
    const { path, answers } = kernel;
    this.path.set(path);
    this.steps = path.length;
    this.prospect = undefined;
    this.#choiceCount = 0;
    for (const answer of answers) this.#choose(answer);
    if (walked === Walked.Stuck) return RunEnd.Deadlocked;
    if (walked === Walked.Violating) return RunEnd.Violating;
    const end = this.#asked();
    kernel.learnEnd(end === RunEnd.Completed);
    return end;
  }

  /** Steps of the current run, all of which are its own. */
  get length(): number {
    return this.steps;
  }

  /** The current run as a schedule. */
  schedule(): Schedule {
    return { steps: Array.from(this.path.subarray(0, this.steps)), choices: this.#choices.slice(0, this.#choiceCount) };
  }

  /** Runs one schedule drawn from `random`, the one with that place in its block. */
  run(random: Random, place = 0): RunEndValue {
    this.begin(random, place);
    return this.goOn(this.stepBound);
  }

  /** Starts a run that is drawn from `random`; `place` is how many came before it in its block. */
  begin(random: Random, place = 0): void {
    this.executor.reset();
    this.#choiceCount = 0;
    this.steps = 0;
    this.#random = random;
    this.prospect = undefined;
    this.#overFrom = -1;
    this.#span = FIRST_PAUSE;
    this.#pause = Math.min(FIRST_PAUSE, this.stepBound);
    if (this.executor.complete) this.#over(0);
    this.#picked = -1;
    this.#atOnce = this.#private.first();
    const moment = this.strategy.newRun(random, place, this);
    if (moment) this.#beginAt(moment);
  }

  /** The state of the current run, and how it was come to. */
  keep(): KeptState {
    return { state: this.executor.state.slice(), schedule: this.schedule() };
  }

  #beginAt({ state, schedule: { steps, choices } }: KeptState): void {
    this.executor.load(state);
    this.path.set(steps);
    this.steps = steps.length;
    for (const choice of choices) this.#choose(choice);
    if (this.executor.complete) this.#over(this.steps);
    this.#atOnce = this.#private.any();
  }

  /** Goes on with the run that was begun, for at most so many steps. */
  goOn(steps: number): RunEndValue {
    if (this.steps === 0 && this.#startsBroken && this.executor.checkInitially() !== undefined) {
      return RunEnd.Violating;
    }
    const last = this.steps + steps;
    const cut = this.#walks ? this.#walk(this.#random as Random, last) : this.#follow(last);
    const end = cut ?? this.#ended();
    if (end !== RunEnd.Stands) this.strategy.ended?.(this, END_NAMES[end]);
    return end;
  }

  /**
   * Goes on as the strategy picks. What happens at few steps is written out: so the loop is too long (460 bytes of bytecode)
   * to be compiled into whoever calls it, where no room would be left to compile into it what each step calls. That made it
   * a third slower.
   */
  #follow(last: number): RunEndValue | undefined {
    const { executor, strategy, path } = this;
    const atOnce = this.#private;
    const { facts } = atOnce;
    let { isSettled } = atOnce;
    let { steps } = this;
    let stop = Math.min(last, this.#pause);
    let next = this.#atOnce;
    while (executor.runnableCount > 0) {
      if (steps === stop) {
        this.#atOnce = next;
        this.steps = steps;
        if (steps === this.#pause) {
          const end = this.#paused(steps);
          if (end !== undefined) return end;
        }
        if (steps === last) return RunEnd.Stands;
        stop = Math.min(last, this.#pause);
      }
      const actor = next >= 0 ? next : this.#pick();
      path[steps++] = actor;
      let flags = 0;
      let node = executor.quickStep(actor);
      if (node < 0) {
        const outcomes = executor.choicesOf(actor);
        flags = executor.fullStep(actor, outcomes === 0 ? 0 : this.#choose(strategy.choice(outcomes)));
        node = executor.nodeOf(actor);
        if (actor === this.#picked) this.#pickedFlags |= flags;
      }
      // Most steps end nothing and may race, and so may what comes next.
      if ((flags & ENDS) === 0 && isSettled && facts.isKnownToRace(node)) {
        if (next >= 0) atOnce.endRow();
        next = -1;
        continue;
      }
      if ((flags & this.#stops) !== 0) {
        this.steps = steps;
        if ((flags & Violation) !== 0) return RunEnd.Violating;
        if (this.#stuck.deadlockedBy(actor)) return RunEnd.Deadlocked;
        if (this.#overFrom < 0 && executor.complete) this.#over(steps);
        stop = Math.min(last, this.#pause);
      }
      next = atOnce.next(actor, flags);
      isSettled = atOnce.isSettled;
    }
    this.steps = steps;
    return undefined;
  }

  /** Tells the strategy what came of its last pick, and asks it for the next. */
  #pick(): number {
    const { executor, strategy } = this;
    if (this.#picked >= 0) strategy.stepped(executor, this.#picked, this.#pickedFlags, this.#pickedNode);
    const actor = strategy.pick(executor);
    this.#picked = actor;
    this.#pickedNode = executor.nodeOf(actor);
    this.#pickedFlags = 0;
    return actor;
  }

  /** The same loop with the random walk in place: calling the strategy costs a quarter of its speed. */
  #walk(random: Random, last: number): RunEndValue | undefined {
    const { executor, path } = this;
    const atOnce = this.#private;
    const { facts } = atOnce;
    let { isSettled } = atOnce;
    let { steps } = this;
    let stop = Math.min(last, this.#pause);
    let next = this.#atOnce;
    while (executor.runnableCount > 0) {
      if (steps === stop) {
        this.#atOnce = next;
        this.steps = steps;
        if (steps === this.#pause) {
          const end = this.#paused(steps);
          if (end !== undefined) return end;
        }
        if (steps === last) return RunEnd.Stands;
        stop = Math.min(last, this.#pause);
      }
      const actor = next >= 0 ? next : executor.runnableAt(random.below(executor.runnableCount));
      path[steps++] = actor;
      let flags = 0;
      let node = executor.quickStep(actor);
      if (node < 0) {
        const outcomes = executor.choicesOf(actor);
        flags = executor.fullStep(actor, outcomes === 0 ? 0 : this.#choose(random.below(outcomes)));
        node = executor.nodeOf(actor);
      }
      // Most steps end nothing and may race, and so may what comes next.
      if ((flags & ENDS) === 0 && isSettled && facts.isKnownToRace(node)) {
        if (next >= 0) atOnce.endRow();
        next = -1;
        continue;
      }
      if ((flags & this.#stops) !== 0) {
        this.steps = steps;
        if ((flags & Violation) !== 0) return RunEnd.Violating;
        if (this.#stuck.deadlockedBy(actor)) return RunEnd.Deadlocked;
        if (this.#overFrom < 0 && executor.complete) this.#over(steps);
        stop = Math.min(last, this.#pause);
      }
      next = atOnce.next(actor, flags);
      isSettled = atOnce.isSettled;
    }
    this.steps = steps;
    return undefined;
  }

  #choose(choice: number): number {
    this.#choices[this.#choiceCount++] = choice;
    return choice;
  }

  /** From the last that must finish, only daemons go on. */
  #over(steps: number): void {
    this.#overFrom = steps;
    this.#span = FIRST_REST;
    this.#pause = Math.min(steps + FIRST_REST, this.stepBound);
  }

  /** Asks what can still come of the run: undefined to go on. */
  #paused(steps: number): RunEndValue | undefined {
    this.steps = steps;
    const isLast = steps >= this.stepBound || (this.#overFrom >= 0 && steps - this.#overFrom >= MOST_REST);
    const prospect = this.#look(isLast);
    this.prospect = prospect;
    if (prospect.kind === 'livelock') return RunEnd.Livelocked;
    if (prospect.kind === 'end') return this.#go(prospect.way) ?? this.#ended();
    // Daemons that can come to rest have until the step bound to do so.
    if (isLast && (steps >= this.stepBound || prospect.kind !== 'open')) return RunEnd.Bounded;
    this.#pause = Math.min(steps + this.#span, this.stepBound);
    this.#span *= 2;
    return undefined;
  }

  /** What can still come of the run, as far as may be looked in this block. */
  #look(isLast: boolean): Prospect {
    const left = this.#left;
    const kind = isLast ? 'last' : 'quick';
    this.#outlook ??= new Outlook(this.program);
    const before = this.#outlook.looked;
    const prospect = this.#outlook.of(this.executor, left[kind] <= 0 ? 0 : MOST_STATES[kind]);
    left[kind] -= this.#outlook.looked - before;
    return prospect;
  }

  /** Goes on by the steps that an outlook gave. */
  #go(way: readonly Move[]): RunEndValue | undefined {
    const { executor } = this;
    this.#makeRoom(this.steps + way.length);
    for (const { actor, choice } of way) {
      this.path[this.steps++] = actor;
      if (choice >= 0) this.#choose(choice);
      if ((executor.step(actor, Math.max(0, choice)) & Violation) !== 0) return RunEnd.Violating;
    }
    return undefined;
  }

  #makeRoom(steps: number): void {
    if (steps <= this.path.length) return;
    const longer = new Uint8Array(steps);
    longer.set(this.path);
    this.path = longer;
  }

  /** How a run has ended in which nobody can go on. */
  #ended(): RunEndValue {
    return this.executor.complete ? this.#asked() : RunEnd.Deadlocked;
  }

  /** How a run has ended in which all have finished who must. */
  #asked(): RunEndValue {
    if (this.#hasFinally && this.executor.checkFinally() !== undefined) return RunEnd.Violating;
    return RunEnd.Completed;
  }
}
