/**
 * The content of a finding file: a finding with its token, its columns and its subject. Imported by what keeps findings.
 */

import type { Finding } from '../core/finding.js';
import type { Program } from '../core/program/program.js';
import { keepCalls } from '../core/story/kept-calls.js';
import { traceOf } from '../core/story/trace.js';
import { claimColumns } from '../report/claim-columns.js';
import type { Unfold } from '../report/column-rows.js';
import { layoutHash } from '../report/layout-hash.js';
import { encodeToken } from '../report/token.js';
import type { Subject } from '../subject/subject.js';
import { claimOf } from '../verify/claim.js';
import type { FindingFile } from './finding-schema.js';
import { nearestRun } from './nearest-run.js';

/** What is kept of a finding; its smallest schedule is run once more to draw it, with the sections unfolded that are asked for. */
export function findingContent(
  subject: Subject,
  finding: Finding,
  program: Program,
  unfold: Unfold = 'broken',
): FindingFile {
  const { scenario, scheme = '', settings, hashes, record } = subject;
  const { kept, schedule } = finding;
  const trace = traceOf(program, keepCalls(program.actors, kept), schedule);
  const { stepHashes, opsHash } = trace;
  const parts = { ...hashes, layout: layoutHash(program) };
  const claim = claimOf(finding);
  const token = encodeToken({ scenario, scheme, settings, parts, kept, schedule, stepHashes, opsHash, claim });
  const nearest = claim === undefined ? nearestRun(trace)?.words : undefined;
  const columns = claimColumns(trace, claim, finding.words, { unfold, nearest });
  const content = { schema: 'faultline.finding/1', token, finding, subject: record, columns };
  // Plain data of that shape, but for lists that are read-only on our side.
  return content as unknown as FindingFile;
}
