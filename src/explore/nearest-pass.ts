/**
 * Nearest passing run: of a schedule that breaks something, the run next to it that does not, with one context switch
 * moved by one to three steps. Where a race has a window, that names its edge. Used by whoever tells a finding.
 */

import { ModelError } from '../core/errors.js';
import { programApart } from '../core/program/apart.js';
import type { Program, ProgramActor } from '../core/program/program.js';
import { Executor } from '../core/run/executor.js';
import { isAtEnd } from '../core/run/outlook.js';
import { StepFlag } from '../core/run/step-flag.js';
import type { Schedule } from '../core/schedule.js';
import { type Step, scheduleOf, stepsOf } from './step-list.js';

/** A run beside one that breaks. */
export interface NearestPass {
  /** It replays strictly, comes to its end, and breaks nothing. */
  readonly schedule: Schedule;
  /** Position in the broken schedule of the first step behind the switch that was moved. */
  readonly switchAt: number;
  /** By how many steps the switch comes later; below 0: earlier. */
  readonly moved: number;
  /** Position of the first step that is another actor's than in the broken run. */
  readonly firstDifference: number;
}

/** Farthest that a switch is moved. */
const FARTHEST = 3;
/** Steps that are taken in all, so that it is a matter of a tenth of a second. */
const MOST_STEPS = 300_000;

/**
 * Moves each context switch of a schedule that breaks something, the last one first, by one step, then by two, then by
 * three; the rest goes on in the order that it had, as far as it can, and then to the end. The first run that comes to its
 * end and breaks nothing; undefined where none does.
 *
 * @param actors the scripts that the schedule runs
 */
export function nearestPass(
  program: Program,
  actors: readonly ProgramActor[],
  schedule: Schedule,
): NearestPass | undefined {
  try {
    return new Neighbours(program, actors, schedule).first();
  } catch (error) {
    // A run that nobody took may come to a bound of the model, or to a mistake in it.
    if (error instanceof ModelError) return undefined;
    throw error;
  }
}

class Neighbours {
  readonly #executor: Executor;
  readonly #steps: readonly Step[];
  #left = MOST_STEPS;
  /** Whether the last step went back to the head of a loop. */
  #polls = false;

  constructor(program: Program, actors: readonly ProgramActor[], schedule: Schedule) {
    this.#executor = new Executor(programApart(program, actors));
    this.#steps = stepsOf(this.#executor, schedule);
  }

  first(): NearestPass | undefined {
    const steps = this.#steps;
    const switches = steps.flatMap(({ actor }, at) => (at > 0 && steps[at - 1].actor !== actor ? [at] : [])).reverse();
    for (let distance = 1; distance <= FARTHEST; distance++) {
      for (const at of switches) {
        for (const moved of [distance, -distance]) {
          const run = this.#runWith(at, moved);
          if (run !== undefined) return run;
          if (this.#left <= 0) return undefined;
        }
      }
    }
    return undefined;
  }

  /** The run in which the switch at a position comes so many steps later; undefined where there is none, or it breaks too. */
  #runWith(switchAt: number, moved: number): NearestPass | undefined {
    const steps = this.#steps;
    const { actor } = steps[switchAt - 1];
    const cut = moved > 0 ? switchAt : switchAt + moved;
    if (cut < 0 || steps.slice(cut, switchAt).some((step) => step.actor !== actor)) return undefined;
    const taken = this.#take(steps.slice(0, cut));
    if (taken === undefined) return undefined;
    let rest = steps.slice(cut);
    if (moved > 0) {
      for (let extra = 0; extra < moved; extra++) {
        const place = rest.findIndex((step) => step.actor === actor);
        const next = this.#step(actor, place < 0 ? undefined : rest[place]);
        if (next === undefined) return undefined;
        if (place >= 0) rest = rest.toSpliced(place, 1);
        taken.push(next);
      }
    } else {
      // Who gave way early takes these steps when it has its next turn.
      const back = steps.slice(cut, switchAt);
      const others = steps.slice(switchAt);
      const turn = others.findIndex((step) => step.actor === actor);
      rest = others.toSpliced(turn < 0 ? others.length : turn, 0, ...back);
      const first = rest[0] && this.#step(rest[0].actor, rest[0]);
      if (first === undefined) return undefined;
      taken.push(first);
      rest = rest.slice(1);
    }
    if (!this.#goOn(rest, taken)) return undefined;
    const firstDifference = taken.findIndex((step, at) => step.actor !== steps[at]?.actor);
    return { schedule: scheduleOf(taken), switchAt, moved, firstDifference };
  }

  /** Begins anew and takes some steps of the broken run. */
  #take(steps: readonly Step[]): Step[] | undefined {
    this.#executor.reset();
    const taken: Step[] = [];
    for (const step of steps) {
      const next = this.#step(step.actor, step);
      if (next === undefined) return undefined;
      taken.push(next);
    }
    return taken;
  }

  /** One step, with the choice that was made in the broken run if it makes one; undefined where it cannot, or breaks something. */
  #step(actor: number, like: Step | undefined): Step | undefined {
    const executor = this.#executor;
    if (!executor.canRun(actor) || this.#left-- <= 0) return undefined;
    const outcomes = executor.choicesOf(actor);
    const choice = outcomes === 0 ? -1 : Math.min(Math.max(like?.choice ?? 0, 0), outcomes - 1);
    const call = executor.callsOf(actor);
    const flags = executor.step(actor, Math.max(0, choice));
    this.#polls = (flags & (StepFlag.Again | StepFlag.Round)) !== 0;
    return (flags & StepFlag.Violation) === 0 ? { actor, choice, call } : undefined;
  }

  /** Takes the rest in its order, each as soon as it can, and then goes on to the end; whether nothing breaks. */
  #goOn(rest: readonly Step[], taken: Step[]): boolean {
    const executor = this.#executor;
    const left = [...rest];
    let last = taken.at(-1)?.actor ?? 0;
    const most = 2 * this.#steps.length + 1_000;
    while (executor.runnableCount > 0) {
      if (executor.complete && isAtEnd(executor)) break;
      if (taken.length > most) return false;
      const place = left.findIndex(({ actor }) => executor.canRun(actor));
      const actor = place >= 0 ? left[place].actor : this.#nextAfter(last);
      const step = this.#step(actor, left[place]);
      if (step === undefined) return false;
      if (place >= 0) left.splice(place, 1);
      taken.push(step);
      last = actor;
    }
    return executor.complete && executor.checkFinally() === undefined;
  }

  /** The same actor as long as it can; else the next one, round. A loop that polls must let others go on. */
  #nextAfter(last: number): number {
    const { actors } = this.#executor;
    if (this.#executor.canRun(last) && !this.#polls) return last;
    for (let ahead = 1; ahead <= actors; ahead++) {
      const actor = (last + ahead) % actors;
      if (this.#executor.canRun(actor)) return actor;
    }
    return last;
  }
}
