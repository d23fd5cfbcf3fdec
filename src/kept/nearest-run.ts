/**
 * Nearest runs: the run beside a finding that passes, with its trace and its sentence. Imported by what tells findings.
 */

import { programApart } from '../core/program/apart.js';
import { type Trace, traceOf } from '../core/story/trace.js';
import { type NearestPass, nearestPass } from '../explore/nearest-pass.js';
import { nearestWords } from '../report/nearest-words.js';

/** A run beside a finding that passes. */
export interface NearestRun extends NearestPass {
  readonly trace: Trace;
  /** A sentence. */
  readonly words: string;
}

/** The nearest run that passes; undefined where the run breaks nothing, has no context switch, or none is near. */
export function nearestRun(broken: Trace): NearestRun | undefined {
  const { program, actors, schedule, violation, initially } = broken;
  if (violation === undefined || initially) return undefined;
  const pass = nearestPass(program, actors, schedule);
  if (pass === undefined) return undefined;
  const apart = programApart(program, actors);
  const trace = traceOf(apart, apart.actors, pass.schedule);
  return { ...pass, trace, words: nearestWords(broken, trace, pass) };
}
