/**
 * Retrace: from numbers of states back to a schedule that anybody can run.
 *
 * The table keeps one parent for each state, so the path to a state is known; which actor took each step is found by
 * taking the path once more. A search that folds interchangeable actors stores other states than those of the schedule;
 * what is compared is their canonical form. Used by whatever makes findings.
 */

import { notRepeated } from '../core/errors.js';
import type { Violation } from '../core/run/checks.js';
import type { Schedule } from '../core/schedule.js';
import { Surprise } from '../space/met.js';
import { StepOutcome } from '../space/stepper.js';
import type { Search } from './search.js';

/** Finds schedules in a search. */
export class Retrace {
  readonly #steps: number[] = [];
  readonly #choices: number[] = [];

  constructor(readonly search: Search) {}

  /** The schedule to the state that was taken up last; undefined when the way there holds a surprise of its own. */
  static wayTo(search: Search): Schedule | undefined {
    try {
      return new Retrace(search).to(search.current).schedule;
    } catch (surprise) {
      if (surprise instanceof Surprise) return undefined;
      throw surprise;
    }
  }

  /** The schedule so far. */
  get schedule(): Schedule {
    return { steps: [...this.#steps], choices: [...this.#choices] };
  }

  /** Goes from the first state to the one with that number. */
  to(number: number): this {
    const path: number[] = [];
    for (let at = number; at > 0; at = this.search.table.parents[at]) path.push(at);
    this.#begin();
    for (const next of path.reverse()) this.step(next);
    return this;
  }

  /** Takes a step to the state with that number; of `actor`, with that answer to its choice, where these are given. */
  step(number: number, actor?: number, choice?: number): void {
    const reached = (flags: number): boolean => {
      return (flags & StepOutcome.Refused) === 0 && this.search.numberOfState() === number;
    };
    if (!this.#try(reached, actor, choice)) throw new Error(`state ${number} cannot be reached again`);
  }

  /** Takes a step that breaks what `violation` says, in the op at `breaking`; the last. */
  breakingStep(violation: Violation, breaking: number): void {
    const { stepper } = this.search;
    const broke = (flags: number): boolean => {
      if ((flags & StepOutcome.Violation) === 0 || stepper.violation === undefined) return false;
      return stepper.breaking === breaking && stepper.violation.kind === violation.kind;
    };
    if (!this.#try(broke)) throw notRepeated(`"${violation.words}"`);
    // A state that is broken holds values that no stored state has, and loading one of these leaves such fields alone.
    this.#begin();
  }

  #begin(): void {
    const { stepper, system } = this.search;
    stepper.state.set(system.initial);
    system.placeRegisters(stepper.state);
  }

  #try(accepts: (flags: number) => boolean, only?: number, answer?: number): boolean {
    const { stepper, system } = this.search;
    for (let actor = 0; actor < system.actors; actor++) {
      if (only !== undefined && actor !== only) continue;
      const outcomes = stepper.outcomesOf(actor);
      for (let choice = 0; choice < outcomes; choice++) {
        if (answer !== undefined && choice !== answer) continue;
        const flags = stepper.step(actor, choice);
        if (flags === StepOutcome.Blocked) break;
        if (accepts(flags)) {
          stepper.accept();
          this.#steps.push(actor);
          if (outcomes > 1) this.#choices.push(choice);
          return true;
        }
        stepper.undo();
      }
    }
    return false;
  }
}
