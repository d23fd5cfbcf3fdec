/**
 * The smallest form of a finding of verify: what explore's shrinker makes of its run. Imported by the verbs that verify.
 */

import type { Finding } from '../core/finding.js';
import type { WorkGuard } from '../core/guard.js';
import type { Program } from '../core/program/program.js';
import { findingOf } from '../explore/finding-of.js';
import { replaySchedule } from '../explore/replay.js';
import type { Model } from '../model/model.js';
import { titleOf } from '../report/title.js';
import { claimOf } from '../verify/claim.js';

/**
 * The finding with the fewest calls and context switches that `guard` gives time for; a claim that its run does not show
 * alone stays as it is.
 */
export function smallestFinding(model: Model, finding: Finding, program: Program, guard: WorkGuard): Finding {
  if (claimOf(finding) !== undefined) return finding;
  const { schedule } = finding;
  const { violation, signature } = replaySchedule(program, schedule);
  if (violation === undefined || signature === undefined) throw new Error('a violating run did not repeat itself');
  return findingOf(model, program, { signature, violation, schedule, foundAt: 0 }, guard, titleOf);
}
