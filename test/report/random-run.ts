/** Random runs of small models, for tests of traces and reports. */

import type { Program } from '../../src/core/program/program.js';
import { Random } from '../../src/core/random.js';
import { Executor } from '../../src/core/run/executor.js';
import { StepFlag } from '../../src/core/run/step-flag.js';
import type { Schedule } from '../../src/core/schedule.js';
import { type Trace, traceOf } from '../../src/core/story/trace.js';

/** A random walk to the end of the run, to a violation, or to `limit` steps. */
export function randomSchedule(program: Program, seed: number, limit = 400): Schedule {
  const executor = new Executor(program);
  const random = new Random(BigInt(seed));
  const steps: number[] = [];
  const choices: number[] = [];
  let violated = false;
  while (executor.runnableCount > 0 && steps.length < limit && !violated) {
    const actor = executor.runnable[random.below(executor.runnableCount)];
    const outcomes = executor.choicesOf(actor);
    const choice = outcomes > 0 ? random.below(outcomes) : 0;
    if (outcomes > 0) choices.push(choice);
    steps.push(actor);
    violated = (executor.step(actor, choice) & StepFlag.Violation) !== 0;
  }
  return { steps, choices };
}

/** The trace of a random walk. */
export function randomTrace(program: Program, seed: number, limit?: number): Trace {
  return traceOf(program, program.actors, randomSchedule(program, seed, limit));
}

/** The first random walk, by seed, that breaks with `kind`. Throws when a thousand do not. */
export function breakingTrace(program: Program, kind: string): Trace {
  for (let seed = 0; seed < 1000; seed++) {
    const trace = randomTrace(program, seed);
    if (trace.violation?.kind === kind) return trace;
  }
  throw new Error(`no random walk of ${program.name} shows ${kind}`);
}
