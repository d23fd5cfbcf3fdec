/**
 * Enumeration: every schedule of a small model, depth first.
 *
 * Counts maximal runs, each choice of the environment being a branch. A run that breaks something counts and goes on
 * where it can: it stops at an op that was refused, since nobody can tell what that op would have done. A run in which
 * only daemons go on, and only to where they were, is at its end (core/run/outlook.ts); one at the step bound from which
 * no end can be reached is a livelock. What this engine says is exact and independent of all others, which makes it the
 * yardstick of their tests; it knows no reduction, so it is for models of up to some ten million interleavings.
 */

import { Field, Flag } from '../core/automaton/automaton.js';
import { stuckIn } from '../core/automaton/stuck.js';
import { CutOff, unguarded, type WorkGuard } from '../core/guard.js';
import { refuseUnknownOptions } from '../core/known-options.js';
import type { Program } from '../core/program/program.js';
import type { Move } from '../core/run/closure.js';
import { Executor } from '../core/run/executor.js';
import { type LivelockAhead, OUTLOOK_STATES, Outlook, type Prospect } from '../core/run/outlook.js';
import { StepFlag } from '../core/run/step-flag.js';
import { StuckActors } from '../core/run/stuck.js';
import type { Schedule } from '../core/schedule.js';
import { FinalStateHash, FinalStates } from './final-states.js';

/** Bounds and hooks of an enumeration. */
export interface EnumerateOptions {
  /** Maximal runs after which the enumeration stops. Default 10,000,000. */
  readonly limit?: number;
  /** Steps after which a run is given up, for models with retry loops. Default 1,000. */
  readonly stepBound?: number;
  /** Called at the end of every maximal run, the executor being in its last state; what it returns is counted. */
  readonly outcomeOf?: (executor: Executor, violated: boolean) => string;
  /** Called when a run breaks something for the first time, with the schedule up to there. */
  readonly onViolation?: (schedule: Schedule) => void;
  /** Called for each run at the step bound from which no end can be reached, with its schedule. */
  readonly onLivelock?: (schedule: Schedule, ahead: LivelockAhead) => void;
  /** Asked at the end of every maximal run, and of every livelock: whether to stop. */
  readonly isOver?: () => boolean;
  /** Cuts the enumeration off: what was counted until then is told. */
  readonly guard?: WorkGuard;
}

/** What there is. */
export interface Enumeration {
  /** Runs that nothing can be added to: completed, deadlocked or stopped. */
  readonly maximal: number;
  readonly completed: number;
  readonly deadlocked: number;
  /** Runs that ended in an op that was refused. */
  readonly stopped: number;
  /** Maximal runs in which something broke, at whatever step. */
  readonly violating: number;
  /** Runs that could not come to an end any more; not maximal. */
  readonly livelocked: number;
  /** Other runs that were given up at the step bound; not maximal. */
  readonly bounded: number;
  /** Different final states of completed runs. */
  readonly finalStates: number;
  /** How often `outcomeOf` returned what, sorted. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Whether that is all: false when the limit was reached, `isOver` said so, or it was cut off. */
  readonly exhaustive: boolean;
  /** What cut it off, if something did. */
  readonly cut: CutOff | undefined;
}

const NAMES = Object.keys({
  limit: 1,
  stepBound: 1,
  outcomeOf: 1,
  onViolation: 1,
  onLivelock: 1,
  isOver: 1,
  guard: 1,
} satisfies Record<keyof EnumerateOptions, 1>);

/** Runs every schedule of a program. */
export function enumerateSchedules(program: Program, options: EnumerateOptions = {}): Enumeration {
  refuseUnknownOptions('enumerateSchedules()', options, NAMES);
  return new Enumerator(program, options).run();
}

/** The actors that can run at a point of a run with more than one way on, and the state there. */
interface Branching {
  readonly state: Int32Array;
  readonly runnable: Int32Array;
}

/** States that are looked at in all, of what can still come of runs that go on for long. */
const MOST_LOOKED = 200_000;

class Enumerator {
  readonly #executor: Executor;
  readonly #stuck: StuckActors;
  readonly #limit: number;
  readonly #stepBound: number;
  readonly #hash: FinalStateHash;
  readonly #states = new FinalStates();
  readonly #outcomes = new Map<string, number>();
  /** One for each branching on the current path; kept for the next path. */
  readonly #branchings: Branching[] = [];
  /** Actor and choice (-1: none was to be made) of each step of the current run, kept for whoever is told of it only. */
  readonly #path: { readonly actors: Int32Array; readonly choices: Int32Array } | undefined;
  /** Whether somebody who must finish is stuck on the current path, and was told. */
  #isStuck = false;
  readonly #outlook: Outlook;
  #completed = 0;
  #deadlocked = 0;
  #stopped = 0;
  #violating = 0;
  #livelocked = 0;
  #bounded = 0;

  constructor(
    program: Program,
    readonly options: EnumerateOptions,
  ) {
    this.#executor = new Executor(program);
    this.#stuck = new StuckActors(this.#executor);
    this.#limit = options.limit ?? 10_000_000;
    this.#stepBound = options.stepBound ?? 1_000;
    this.#hash = new FinalStateHash(program, this.#executor);
    this.#outlook = new Outlook(program);
    const steps = () => new Int32Array(this.#stepBound + 1);
    const isTold = options.onViolation !== undefined || options.onLivelock !== undefined;
    this.#path = isTold ? { actors: steps(), choices: steps() } : undefined;
  }

  run(): Enumeration {
    const { guard = unguarded } = this.options;
    let cut: CutOff | undefined;
    let exhaustive = false;
    try {
      exhaustive = guard.run(() => this.#all(), Number.POSITIVE_INFINITY);
    } catch (error) {
      if (!(error instanceof CutOff)) throw error;
      cut = error;
      cut.stuck = stuckIn(this.#executor.automaton, guard);
    }
    const outcomes = [...this.#outcomes].sort(([left], [right]) => (left < right ? -1 : 1));
    return {
      maximal: this.#maximal,
      ...{ completed: this.#completed, deadlocked: this.#deadlocked, stopped: this.#stopped },
      ...{ violating: this.#violating, livelocked: this.#livelocked, bounded: this.#bounded },
      finalStates: this.#states.distinct,
      outcomes: Object.fromEntries(outcomes),
      exhaustive,
      cut,
    };
  }

  /** Runs all there is; false when it was more than was asked for. */
  #all(): boolean {
    this.#executor.reset();
    const broken = this.#executor.checkInitially() !== undefined;
    if (broken) this.#tell(0);
    return this.#continue(0, 0, broken);
  }

  get #maximal(): number {
    return this.#completed + this.#deadlocked + this.#stopped;
  }

  /** Runs all that follows the executor's state, at a depth of branchings and steps; false when the limit is reached. */
  #continue(branchings: number, steps: number, violated: boolean): boolean {
    const executor = this.#executor;
    if (executor.runnableCount === 0) return this.#ended(steps, violated);
    if (executor.complete) {
      const prospect = this.#prospect();
      // A run may only be cut short where nothing that is still to come could break.
      if (prospect.kind === 'end') return this.#endBesideDaemons(prospect.way, steps, violated);
    }
    if (steps === this.#stepBound) return this.#givenUp(steps);
    if (executor.runnableCount === 1) {
      const actor = executor.runnable[0];
      if (executor.choicesOf(actor) === 0) return this.#step(branchings, steps, violated, actor, 0);
    }
    return this.#branch(branchings, steps, violated);
  }

  #branch(branchings: number, steps: number, violated: boolean): boolean {
    const executor = this.#executor;
    const { state, runnable } = this.#branching(branchings);
    const count = executor.runnableCount;
    state.set(executor.state);
    runnable.set(executor.runnable);
    let first = true;
    for (let i = 0; i < count; i++) {
      const actor = runnable[i];
      if (!first) executor.load(state);
      const outcomes = executor.choicesOf(actor) || 1;
      for (let choice = 0; choice < outcomes; choice++) {
        if (choice > 0) executor.load(state);
        if (!this.#step(branchings + 1, steps, violated, actor, choice)) return false;
      }
      first = false;
    }
    return true;
  }

  #step(branchings: number, steps: number, violated: boolean, actor: number, choice: number): boolean {
    const executor = this.#executor;
    const node = executor.nodeOf(actor);
    this.#note(steps, actor, executor.choicesOf(actor) === 0 ? -1 : choice);
    const flags = executor.step(actor, choice);
    if ((flags & StepFlag.Violation) === 0) {
      const stuck = !this.#isStuck && (flags & StepFlag.Rests) !== 0 && this.#stuck.deadlockedBy(actor);
      if (!stuck) return this.#continue(branchings, steps + 1, violated);
      if (!violated) this.#tell(steps + 1);
      // What goes on may go on for ever, and then no run would end that could be the last.
      if (executor.runnableCount > 0 && this.options.isOver?.() === true) return false;
      this.#isStuck = true;
      const goesOn = this.#continue(branchings, steps + 1, violated);
      this.#isStuck = false;
      return goesOn;
    }
    if (!violated) this.#tell(steps + 1);
    // An op that was refused leaves its actor before it, be that in the midst of an atomic section.
    const now = executor.nodeOf(actor);
    const midway = (executor.automaton.nodes[now + Field.flags] & Flag.Continues) !== 0;
    if (flags === StepFlag.Violation && (now === node || midway)) {
      this.#stopped++;
      this.#violating++;
      return this.#count(true);
    }
    return this.#continue(branchings, steps + 1, true);
  }

  #ended(steps: number, violated: boolean): boolean {
    const executor = this.#executor;
    if (!executor.complete) {
      this.#deadlocked++;
      if (!violated && !this.#isStuck) this.#tell(steps);
      if (violated) this.#violating++;
      return this.#count(violated);
    }
    this.#completed++;
    this.#hash.update();
    this.#states.add(this.#hash.low, this.#hash.high, 1);
    const broken = violated || executor.checkFinally() !== undefined;
    if (broken) this.#violating++;
    if (broken && !violated) this.#tell(steps);
    return this.#count(broken);
  }

  /** What can still come of the run, as far as may be looked. */
  #prospect(): Prospect {
    return this.#outlook.of(this.#executor, this.#outlook.looked < MOST_LOOKED ? OUTLOOK_STATES : 0);
  }

  /** Daemons can only repeat themselves: goes to what breaks among that, or to where the run is looked at. */
  #endBesideDaemons(way: readonly Move[], steps: number, violated: boolean): boolean {
    const executor = this.#executor;
    let taken = steps;
    for (const { actor, choice } of way) {
      if (taken === this.#stepBound) return this.#givenUp(taken);
      this.#note(taken++, actor, choice);
      if ((executor.step(actor, Math.max(0, choice)) & StepFlag.Violation) === 0) continue;
      if (!violated) this.#tell(taken);
      this.#stopped++;
      this.#violating++;
      return this.#count(true);
    }
    return this.#ended(taken, violated);
  }

  #givenUp(steps: number): boolean {
    // Where somebody is stuck, that is what was told.
    const prospect = this.#isStuck ? undefined : this.#prospect();
    if (prospect?.kind !== 'livelock') {
      this.#bounded++;
      return true;
    }
    this.#livelocked++;
    this.options.onLivelock?.(this.#schedule(steps), prospect);
    return this.options.isOver?.() !== true;
  }

  #note(step: number, actor: number, choice: number): void {
    if (this.#path === undefined) return;
    this.#path.actors[step] = actor;
    this.#path.choices[step] = choice;
  }

  #tell(steps: number): void {
    if (this.options.onViolation !== undefined) this.options.onViolation(this.#schedule(steps));
  }

  #schedule(steps: number): Schedule {
    const { actors, choices } = this.#path!;
    const made = [...choices.subarray(0, steps)].filter((choice) => choice >= 0);
    return { steps: [...actors.subarray(0, steps)], choices: made };
  }

  #count(violated: boolean): boolean {
    const { outcomeOf } = this.options;
    if (outcomeOf !== undefined) {
      const outcome = outcomeOf(this.#executor, violated);
      this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1);
    }
    return this.#maximal < this.#limit && this.options.isOver?.() !== true;
  }

  #branching(number: number): Branching {
    let branching = this.#branchings[number];
    if (branching === undefined) {
      branching = {
        state: new Int32Array(this.#executor.state.length),
        runnable: new Int32Array(this.#executor.actors),
      };
      this.#branchings.push(branching);
    }
    return branching;
  }
}
