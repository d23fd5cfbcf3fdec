/**
 * Replay: runs a schedule exactly as it is written, and tells what broke and where.
 * Used by the engine to name what it found, by the shrinker to check its result, and by whoever replays a finding.
 */

import { InputError } from '../core/errors.js';
import type { Program, ProgramActor } from '../core/program/program.js';
import type { Violation } from '../core/run/checks.js';
import { Executor } from '../core/run/executor.js';
import { isAtEnd } from '../core/run/outlook.js';
import { StepFlag } from '../core/run/step-flag.js';
import { StuckActors } from '../core/run/stuck.js';
import type { Schedule } from '../core/schedule.js';
import {
  deadlockSignature,
  finalSignature,
  functionAt,
  initialSignature,
  opClass,
  type Signature,
  stepSignature,
} from '../core/story/signature.js';

/** What is wrong when nobody can run and somebody should, or when somebody is stuck whoever runs. */
export const deadlock: Violation = {
  kind: 'deadlock',
  words: 'no task can go on: each waits for what another would have to do first',
  rule: 'every actor finishes',
};

/** What a replayed schedule came to. */
export interface Replayed {
  /** The executor after the last step. */
  readonly executor: Executor;
  /** What broke: in the last step, at the end of a finished run, or by deadlock. */
  readonly violation: Violation | undefined;
  /** Which finding it is; undefined without a violation. */
  readonly signature: Signature | undefined;
  /** Node of the op that broke something; -1 when no op did. */
  readonly node: number;
}

/**
 * Replays a schedule.
 *
 * @param actors the scripts to run, if not the program's own
 * @throws InputError when an actor cannot take its step, when something breaks before the last step, or when the
 * schedule has too few or too many choices
 */
export function replaySchedule(program: Program, schedule: Schedule, actors?: readonly ProgramActor[]): Replayed {
  return replayOn(new Executor(program, actors), schedule);
}

/** The same on an executor that exists already; it starts a new run. */
export function replayOn(executor: Executor, { steps, choices }: Schedule): Replayed {
  executor.reset();
  const initially = executor.checkInitially();
  if (initially !== undefined) return brokenInitially(executor, initially, steps.length);
  let used = 0;
  for (let step = 0; step < steps.length; step++) {
    const actor = steps[step];
    if (!executor.canRun(actor)) throw cannotRun(executor, step, actor);
    const outcomes = executor.choicesOf(actor);
    let choice = 0;
    if (outcomes > 0) {
      choice = choices[used++];
      if (!(choice >= 0 && choice < outcomes)) {
        throw new InputError(
          `faultline: step ${step + 1} of the schedule chooses ${choice}; there are ${outcomes} outcomes.`,
        );
      }
    }
    if (step === steps.length - 1) return withChoicesUsed(used, choices, lastStep(executor, actor, choice));
    if ((executor.step(actor, choice) & StepFlag.Violation) !== 0) {
      throw new InputError(
        `faultline: ${executor.violation?.kind} in step ${step + 1} of ${steps.length} of the schedule; nothing follows that.`,
      );
    }
  }
  return withChoicesUsed(used, choices, atEnd(executor));
}

function brokenInitially(executor: Executor, violation: Violation, steps: number): Replayed {
  if (steps > 0) throw new InputError(`faultline: ${violation.kind} in the initial state; no step follows that.`);
  return { executor, violation, signature: initialSignature(executor.program, violation), node: -1 };
}

/** What is wrong with a run that took its last step; the executor notes failed checks of finished runs. */
export function atEnd(executor: Executor): Replayed {
  const isStuck = executor.runnableCount > 0 && !executor.complete && new StuckActors(executor).deadlocked;
  if (!isStuck && !isAtEnd(executor)) return { executor, violation: undefined, signature: undefined, node: -1 };
  if (!executor.complete) return { executor, violation: deadlock, signature: deadlockSignature(executor), node: -1 };
  const violation = executor.checkFinally();
  return { executor, violation, signature: violation && finalSignature(executor.program, violation), node: -1 };
}

/** Takes what may be a run's last step, and tells which op of it broke something if one did. */
function lastStep(executor: Executor, actor: number, choice: number): Replayed {
  executor.step(actor, choice);
  const { violation, brokenBy: node } = executor;
  if (violation === undefined) return atEnd(executor);
  return { executor, violation, signature: stepSignature(executor.automaton, node, violation.kind), node };
}

function withChoicesUsed(used: number, choices: readonly number[], replayed: Replayed): Replayed {
  if (used === choices.length) return replayed;
  throw new InputError(`faultline: the schedule holds ${choices.length} choices; its steps make ${used}.`);
}

function cannotRun(executor: Executor, step: number, actor: number): InputError {
  const where = `faultline: step ${step + 1} of the schedule cannot be taken: `;
  const script = actor < executor.actors ? executor.scriptOf(actor) : undefined;
  if (script === undefined) return new InputError(`${where}there is no actor ${actor}; there are ${executor.actors}.`);
  const node = executor.nodeOf(actor);
  if (node === 0) return new InputError(`${where}${script.name} has finished.`);
  const { automaton } = executor;
  return new InputError(
    `${where}${script.name} waits in ${functionAt(automaton, node)} for ${opClass(automaton, node)}.`,
  );
}
