/** Small programs for the tests of core and primitives, and every run of them by brute force over `Executor`. */

import type { Program } from '../../src/core/program/program.js';
import { Executor } from '../../src/core/run/executor.js';
import { StepFlag } from '../../src/core/run/step-flag.js';
import { compileModel, defineModel } from '../../src/model/model.js';
import type { ModelBuilder } from '../../src/model/model-builder.js';

/** Compiles a model that is written on the spot. */
export function programOf(build: (m: ModelBuilder) => void, registers?: number): Promise<Program> {
  return compileModel(defineModel({ name: 'test', build, ...(registers === undefined ? {} : { registers }) }));
}

/** How a run ended. */
export type RunEnd = 'complete' | 'deadlock' | 'violation';

/** Runs every schedule of a program, choices and final checks included, and calls `visit` at the end of each. */
export function everyRun(program: Program, visit: (executor: Executor, end: RunEnd) => void, limit = 200_000): void {
  const executor = new Executor(program);
  let runs = 0;
  const ended = (end: RunEnd): void => {
    if (++runs > limit) throw new Error(`more than ${limit} runs`);
    visit(executor, end);
  };
  const extend = (): void => {
    if (executor.runnableCount === 0) {
      ended(endOf(executor));
      return;
    }
    const state = executor.state.slice();
    for (const actor of Array.from(executor.runnable.subarray(0, executor.runnableCount))) {
      executor.load(state);
      const outcomes = Math.max(1, executor.choicesOf(actor));
      for (let choice = 0; choice < outcomes; choice++) {
        executor.load(state);
        if ((executor.step(actor, choice) & StepFlag.Violation) !== 0) ended('violation');
        else extend();
      }
    }
  };
  extend();
}

function endOf(executor: Executor): RunEnd {
  if (!executor.complete) return 'deadlock';
  return executor.checkFinally() === undefined ? 'complete' : 'violation';
}

/** How often each kind of end occurs over all runs. */
export function endsOf(program: Program): Partial<Record<RunEnd, number>> {
  const ends: Partial<Record<RunEnd, number>> = {};
  everyRun(program, (_, end) => {
    ends[end] = (ends[end] ?? 0) + 1;
  });
  return ends;
}

/** The different answers of `look` at the ends of all runs, sorted. */
export function answersOf<T extends number | string | boolean>(program: Program, look: (executor: Executor) => T): T[] {
  const answers = new Set<T>();
  everyRun(program, (executor) => answers.add(look(executor)));
  return [...answers].sort();
}

/** Lets actors step in the given order; the flags of the last step. */
export function stepAll(executor: Executor, actors: readonly number[]): number {
  let flags = 0;
  for (const actor of actors) {
    if (!executor.canRun(actor)) throw new Error(`actor ${actor} cannot run`);
    flags = executor.step(actor);
  }
  return flags;
}

/** The actors that can run, as the executor lists them. */
export function runnableOf(executor: Executor): number[] {
  return Array.from(executor.runnable.subarray(0, executor.runnableCount));
}

/** What a cell holds. */
export function cellValue(
  executor: Executor,
  cell: { readonly region: { readonly base: number }; readonly index?: unknown },
): number {
  return executor.state[cell.region.base + (typeof cell.index === 'number' ? cell.index : 0)];
}
