/**
 * Runner: one schedule at a time, as a strategy picks it, up to the first violation.
 *
 * This loop is what explore spends its time in: it allocates nothing, and it keeps the path of the current run only, so
 * that memory does not grow with the number of schedules. A run can be taken in parts, so that whoever has a clock or a
 * signal can look at it within a long one. Used by the shards.
 */

import type { Program } from '../core/program/program.js';
import type { Random } from '../core/random.js';
import { Executor } from '../core/run/executor.js';
import { StepFlag } from '../core/run/step-flag.js';
import { StuckActors } from '../core/run/stuck.js';
import type { Schedule } from '../core/schedule.js';
import { RandomWalk } from './random-walk.js';
import type { Strategy } from './strategy.js';

// A module's own constant is folded into the code; an imported one is looked up at every step.
const { Rests, Violation } = StepFlag;
/** What the loops look at: anything else goes on. */
const Ends = Violation | Rests;

/** How a run ended. */
export const RunEnd = {
  /** Every actor that must finish has finished. */
  Completed: 0,
  /** Nobody can run, and somebody should; or somebody who should is stuck, whoever can run. */
  Deadlocked: 1,
  /** The last step broke something, or the finished run failed a check. */
  Violating: 2,
  /** Given up at the step bound. */
  Bounded: 3,
  /** Not ended: there is more of it to take. */
  Paused: 4,
} as const;

/** One of the values of RunEnd. */
export type RunEndValue = (typeof RunEnd)[keyof typeof RunEnd];

/** Runs schedules of one program. */
export class Runner {
  readonly executor: Executor;
  /** Actors of the current run's steps, up to `steps`. */
  readonly path: Uint8Array;
  /** Steps of the current run. */
  steps = 0;
  /** Whether what must always hold does not in the initial state: then every run is broken before its first step. */
  readonly #startsBroken: boolean;
  readonly #stuck: StuckActors;
  readonly #walks: boolean;
  #random: Random | undefined;
  readonly #choices: number[] = [];
  #choiceCount = 0;

  /** @param stepBound steps after which a run is given up */
  constructor(
    readonly program: Program,
    readonly strategy: Strategy,
    readonly stepBound: number,
  ) {
    this.executor = new Executor(program);
    this.#stuck = new StuckActors(this.executor);
    this.path = new Uint8Array(stepBound);
    this.#startsBroken = new Executor(program).checkInitially() !== undefined;
    this.#walks = strategy instanceof RandomWalk;
  }

  /** The current run as a schedule. */
  schedule(): Schedule {
    return { steps: Array.from(this.path.subarray(0, this.steps)), choices: this.#choices.slice(0, this.#choiceCount) };
  }

  /** Runs one schedule drawn from `random`. */
  run(random: Random): RunEndValue {
    this.begin(random);
    return this.goOn(this.stepBound);
  }

  /** Starts a run that is drawn from `random`. */
  begin(random: Random): void {
    this.executor.reset();
    this.#choiceCount = 0;
    this.steps = 0;
    this.#random = random;
    this.strategy.newRun(random);
  }

  /** Goes on with the run that was begun, for at most so many steps. */
  goOn(steps: number): RunEndValue {
    if (this.steps === 0 && this.#startsBroken && this.executor.checkInitially() !== undefined) {
      return RunEnd.Violating;
    }
    const last = Math.min(this.steps + steps, this.stepBound);
    const cut = this.#walks ? this.#walk(this.#random as Random, last) : this.#follow(last);
    return cut ?? this.#ended();
  }

  #follow(last: number): RunEndValue | undefined {
    const { executor, strategy, path } = this;
    let { steps } = this;
    while (executor.runnableCount > 0) {
      if (steps === last) return this.#stand(steps);
      const actor = strategy.pick(executor);
      const outcomes = executor.choicesOf(actor);
      const choice = outcomes === 0 ? 0 : this.#choose(strategy.choice(outcomes));
      path[steps++] = actor;
      const flags = executor.step(actor, choice);
      if ((flags & Ends) !== 0) {
        const end = this.#looked(actor, flags, steps);
        if (end !== undefined) return end;
      }
      strategy.stepped(executor, actor, flags);
    }
    this.steps = steps;
    return undefined;
  }

  /** The same loop with the random walk in place: calling the strategy costs a quarter of its speed. */
  #walk(random: Random, last: number): RunEndValue | undefined {
    const { executor, path } = this;
    let { steps } = this;
    while (executor.runnableCount > 0) {
      if (steps === last) return this.#stand(steps);
      const actor = executor.runnableAt(random.below(executor.runnableCount));
      const outcomes = executor.choicesOf(actor);
      const choice = outcomes === 0 ? 0 : this.#choose(random.below(outcomes));
      const flags = executor.step(actor, choice);
      path[steps++] = actor;
      if ((flags & Ends) !== 0) {
        const end = this.#looked(actor, flags, steps);
        if (end !== undefined) return end;
      }
    }
    this.steps = steps;
    return undefined;
  }

  #choose(choice: number): number {
    this.#choices[this.#choiceCount++] = choice;
    return choice;
  }

  #stand(steps: number): RunEndValue {
    this.steps = steps;
    return steps === this.stepBound ? RunEnd.Bounded : RunEnd.Paused;
  }

  /** How a run ends with its last step; undefined when it goes on. */
  #looked(actor: number, flags: number, steps: number): RunEndValue | undefined {
    this.steps = steps;
    if ((flags & Violation) !== 0) return RunEnd.Violating;
    return this.#stuck.deadlockedBy(actor) ? RunEnd.Deadlocked : undefined;
  }

  #ended(): RunEndValue {
    if (!this.executor.complete) return RunEnd.Deadlocked;
    if (this.program.finally.length > 0 && this.executor.checkFinally() !== undefined) return RunEnd.Violating;
    return RunEnd.Completed;
  }
}
