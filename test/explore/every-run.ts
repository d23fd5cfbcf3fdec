/** Every schedule of a small program by brute force, for tests that say "there is no smaller one". */

import type { Program, ProgramActor } from '../../src/core/program/program.js';
import { Executor } from '../../src/core/run/executor.js';
import { StepFlag } from '../../src/core/run/step-flag.js';
import type { Schedule } from '../../src/core/schedule.js';
import { signatureText } from '../../src/core/story/signature.js';
import { replaySchedule } from '../../src/explore/replay.js';

/** The schedules that break something, each up to where it does, with their signatures. */
export function breakingRuns(program: Program, actors: readonly ProgramActor[]): (Schedule & { signature: string })[] {
  const executor = new Executor(program, actors);
  const found: (Schedule & { signature: string })[] = [];
  const extend = (steps: readonly number[], choices: readonly number[]): void => {
    const violated = run(executor, steps, choices);
    if (violated || executor.runnableCount === 0) {
      const { signature } = replaySchedule(program, { steps, choices }, actors);
      if (signature !== undefined) found.push({ steps, choices, signature: signatureText(signature) });
      return;
    }
    for (const actor of Array.from(executor.runnable.subarray(0, executor.runnableCount))) {
      run(executor, steps, choices);
      const outcomes = executor.choicesOf(actor);
      if (outcomes === 0) extend([...steps, actor], choices);
      for (let choice = 0; choice < outcomes; choice++) extend([...steps, actor], [...choices, choice]);
    }
  };
  extend([], []);
  return found;
}

/** Steps taken by another actor than the step before. */
export function contextSwitches({ steps }: Schedule): number {
  return steps.filter((actor, step) => step > 0 && actor !== steps[step - 1]).length;
}

function run(executor: Executor, steps: readonly number[], choices: readonly number[]): boolean {
  executor.reset();
  let used = 0;
  let violated = false;
  for (const actor of steps) {
    const choice = executor.choicesOf(actor) === 0 ? 0 : choices[used++];
    violated = (executor.step(actor, choice) & StepFlag.Violation) !== 0;
  }
  return violated;
}
