/**
 * Beside: the schedule of a finding once more under another scheme, as far as that can follow it. Imported by what shows a
 * broken scheme beside a right one.
 */

import { InputError } from '../core/errors.js';
import { Executor } from '../core/run/executor.js';
import { keepCalls } from '../core/story/kept-calls.js';
import { momentsOf } from '../core/story/moments.js';
import { type Trace, traceOf } from '../core/story/trace.js';
import { compileModel } from '../model/model.js';
import { plural } from '../report/quantities.js';
import { schemeFileOf, worldSubject } from '../subject/scenario-subject.js';
import { scenarioOf } from '../subject/subject-record.js';
import type { ReplayedRun } from './replayed.js';

/** A schedule under another scheme. */
export interface BesideRun {
  readonly scheme: string;
  /** As far as the scheme can follow. */
  readonly trace: Trace;
  /** A sentence: where it stops and at what, or what comes of it. */
  readonly words: string;
}

/**
 * Runs the schedule of a finding of guest_memfd under another scheme: the same actors in the same order, up to the first
 * that cannot take its step.
 *
 * @throws InputError when there is no such scheme, or the finding is about a model of its own
 */
export async function besideRun({ subject, trace, kept }: ReplayedRun, scheme: string): Promise<BesideRun> {
  const { record } = subject;
  if (record.model !== 'guest_memfd') {
    throw new InputError(
      `faultline: --beside ${scheme}: ${subject.scenario} is a model of its own; only scenarios of guest_memfd have schemes.`,
    );
  }
  const other = await worldSubject(scenarioOf(record), scheme, await schemeFileOf(scheme));
  const program = await compileModel(other.model);
  const actors = keepCalls(program.actors, kept);
  const steps = followable(new Executor(program, actors), trace);
  const beside = traceOf(program, actors, steps);
  return { scheme, trace: beside, words: wordsOf(beside, trace, scheme) };
}

/** The schedule as far as its actors can take their steps, and until something breaks; choices beyond those that it answers are 0. */
function followable(executor: Executor, { schedule }: Trace): Trace['schedule'] {
  const steps: number[] = [];
  const choices: number[] = [];
  let answered = 0;
  if (executor.checkInitially() !== undefined) return { steps, choices };
  for (const actor of schedule.steps) {
    if (!executor.canRun(actor)) break;
    const outcomes = executor.choicesOf(actor);
    const choice = outcomes > 0 ? Math.min(schedule.choices[answered++] ?? 0, outcomes - 1) : 0;
    if (outcomes > 0) choices.push(choice);
    steps.push(actor);
    executor.step(actor, choice);
    if (executor.violation !== undefined) break;
  }
  return { steps, choices };
}

function wordsOf(beside: Trace, broken: Trace, scheme: string): string {
  const { steps, violation, actors } = beside;
  const under = `Under ${scheme} the same schedule`;
  if (violation !== undefined)
    return `${under} breaks as well, after ${plural(steps.length, 'step')}: ${violation.kind}.`;
  const next = broken.schedule.steps[steps.length];
  if (next === undefined) return `${under} breaks nothing.`;
  const { name } = actors[next];
  const wait = momentsOf(beside)
    .at(-1)
    ?.waits.find(({ actor }) => actor === next);
  const stops = `${under} stops after ${steps.length} of ${plural(broken.steps.length, 'step')}:`;
  if (wait === undefined) return `${stops} ${name} has made all its calls.`;
  const blockers = wait.blockers.map(({ actor, as }) => `${actors[actor].name} (${as})`);
  const because = blockers.length > 0 ? `; in its way: ${blockers.join(', ')}` : '';
  return `${stops} ${name} waits for ${wait.lock?.name ?? wait.text}${because}.`;
}
