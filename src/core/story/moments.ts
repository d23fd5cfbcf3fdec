/**
 * Moments: who could go on and who waited for what, between the steps of a run. Kept apart from traces, which are made for
 * every title: this is read by who looks at one run closely.
 */

import { Executor } from '../run/executor.js';
import { type Waiter, whoWaits } from './deadlock.js';
import type { Trace } from './trace.js';

/** How things stand between two steps. */
export interface RunMoment {
  /** The actors that can take a step, ascending. */
  readonly runnable: readonly number[];
  /** Those that have calls to make and cannot. */
  readonly waits: readonly Waiter[];
  /** What the environment decides in the next step; undefined where it decides nothing, or there is no next step. */
  readonly choice: { readonly outcome: number; readonly of: number } | undefined;
}

/** The moments of a run: the first before its first step, and one behind each step. */
export function momentsOf({ program, actors, schedule, steps }: Trace): readonly RunMoment[] {
  const executor = new Executor(program, actors);
  const lastHeld = actors.map((): (typeof steps)[number]['held'] => []);
  const moments: RunMoment[] = [];
  let answered = 0;
  for (let position = 0; position <= steps.length; position++) {
    const actor = steps[position]?.actor;
    const of = actor === undefined ? 0 : executor.choicesOf(actor);
    const choice = of > 0 ? { outcome: schedule.choices[answered++], of } : undefined;
    const runnable = Array.from(executor.runnable.slice(0, executor.runnableCount));
    moments.push({ runnable, waits: whoWaits(executor, (other) => lastHeld[other]), choice });
    if (actor === undefined) break;
    executor.step(actor, choice?.outcome);
    lastHeld[actor] = steps[position].held;
  }
  return moments;
}
