/**
 * Nearest words: the run beside a finding that passes, in one sentence. Used by whoever tells a finding.
 */

import type { Trace, TraceStep } from '../core/story/trace.js';
import type { NearestPass } from '../explore/nearest-pass.js';
import { textOf } from './column-rows.js';

/**
 * `The nearest run that passes: vCPU0 takes one step more (i_pages[0] -> NULL) before converter goes on with
 * down_write(invalidate_lock).`
 *
 * @param broken the run of the finding
 * @param passing the trace of the run that passes
 */
export function nearestWords(
  broken: Trace,
  passing: Trace,
  { switchAt, moved }: Pick<NearestPass, 'switchAt' | 'moved'>,
): string {
  const nameOf = ({ actor }: TraceStep): string => broken.actors[actor].name;
  const [before, behind] = [broken.steps[switchAt - 1], broken.steps[switchAt]];
  const start = 'The nearest run that passes:';
  const begins = broken.steps.slice(0, switchAt).every(({ actor }) => actor !== behind.actor);
  const goesOn = `${nameOf(behind)} ${begins ? 'begins' : 'goes on'} with ${textOf(behind)}`;
  if (moved > 0) {
    const taken = passing.steps.slice(switchAt, switchAt + moved);
    return `${start} ${nameOf(before)} takes ${stepsText(moved)} more (${textsOf(taken)}) before ${goesOn}.`;
  }
  const overtaken = broken.steps.slice(switchAt + moved, switchAt);
  return `${start} ${goesOn} ${stepsText(-moved)} earlier, before ${textsOf(overtaken)} of ${nameOf(before)}.`;
}

function stepsText(count: number): string {
  return count === 1 ? 'one step' : count === 2 ? 'two steps' : 'three steps';
}

function textsOf(steps: readonly TraceStep[]): string {
  return steps.map(textOf).join(', ');
}
