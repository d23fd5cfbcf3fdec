/**
 * Looks for a routine that does not come back, by taking random runs under a guard. Used by engines whose threads do not
 * answer: what those are at they cannot say themselves.
 */

import { stuckIn } from '../automaton/stuck.js';
import { ModelError } from '../errors.js';
import { CutOff, type WorkGuard } from '../guard.js';
import type { Program } from '../program/program.js';
import { Random } from '../random.js';
import { Executor } from './executor.js';
import { StepFlag } from './step-flag.js';

/** Runs, and steps of each: where a thread stands still, most runs come there at once. */
const RUNS = 64;
const STEPS = 1_000;

/** The routine that does not come back, or what else is wrong with the model; undefined when no run came to it in time. */
export function lookForStuck(program: Program, guard: WorkGuard): ModelError | undefined {
  try {
    guard.run(() => walk(program));
    return undefined;
  } catch (error) {
    if (error instanceof CutOff) return stuckIn(program.automaton, guard);
    if (error instanceof ModelError) return error;
    throw error;
  }
}

function walk(program: Program): void {
  const executor = new Executor(program);
  for (let run = 0; run < RUNS; run++) {
    const random = new Random(1n, run);
    executor.reset();
    for (let step = 0; step < STEPS && executor.runnableCount > 0; step++) {
      const actor = executor.runnableAt(random.below(executor.runnableCount));
      const outcomes = executor.choicesOf(actor);
      const choice = outcomes === 0 ? 0 : random.below(outcomes);
      if ((executor.step(actor, choice) & StepFlag.Violation) !== 0) break;
    }
  }
}
