/**
 * Step lists: schedules as the shrinker edits them, each step with the choice it made and the call it belonged to, so
 * that steps can be moved and left out without disturbing the rest.
 */

import type { Executor } from '../core/run/executor.js';
import type { Schedule } from '../core/schedule.js';

/** One step. */
export interface Step {
  readonly actor: number;
  /** What the environment decided in it; -1 when nothing was to be decided. */
  readonly choice: number;
  /** Position of its call in the actor's (remaining) script. */
  readonly call: number;
}

/** Steps by one actor in a row. */
export interface Block {
  readonly actor: number;
  readonly steps: readonly Step[];
}

/** What a shorter schedule has less of, most important first; calls are counted by the shrinker. */
export interface Size {
  readonly contextSwitches: number;
  readonly steps: number;
  readonly choices: number;
}

/** The steps of a schedule that the executor's scripts can follow. */
export function stepsOf(executor: Executor, { steps, choices }: Schedule): Step[] {
  executor.reset();
  let used = 0;
  return steps.map((actor) => {
    const step = {
      actor,
      choice: executor.choicesOf(actor) === 0 ? -1 : choices[used++],
      call: executor.callsOf(actor),
    };
    executor.step(actor, Math.max(0, step.choice));
    return step;
  });
}

/** The steps as a schedule. */
export function scheduleOf(steps: readonly Step[]): Schedule {
  return {
    steps: steps.map(({ actor }) => actor),
    choices: steps.filter(({ choice }) => choice >= 0).map(({ choice }) => choice),
  };
}

/** The steps as runs of one actor each. */
export function blocksOf(steps: readonly Step[]): Block[] {
  const blocks: { actor: number; steps: Step[] }[] = [];
  for (const step of steps) {
    const last = blocks.at(-1);
    if (last?.actor === step.actor) last.steps.push(step);
    else blocks.push({ actor: step.actor, steps: [step] });
  }
  return blocks;
}

/** Context switches, steps and sum of choices of a list of steps. */
export function sizeOf(steps: readonly Step[]): Size {
  let contextSwitches = 0;
  let choices = 0;
  for (let i = 0; i < steps.length; i++) {
    if (i > 0 && steps[i].actor !== steps[i - 1].actor) contextSwitches++;
    choices += Math.max(0, steps[i].choice);
  }
  return { contextSwitches, steps: steps.length, choices };
}

/** Whether one list is smaller than another: fewer switches, then fewer steps, then a smaller sum of choices. */
export function isSmaller(left: readonly Step[], right: readonly Step[]): boolean {
  const a = sizeOf(left);
  const b = sizeOf(right);
  if (a.contextSwitches !== b.contextSwitches) return a.contextSwitches < b.contextSwitches;
  return a.steps !== b.steps ? a.steps < b.steps : a.choices < b.choices;
}
