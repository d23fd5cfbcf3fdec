/**
 * The page of a verification. Imported by run-verify.
 */

import type { KeptFinding } from '../../kept/finding-keeper.js';
import { pageRunsOfFindings } from '../../kept/page-runs.js';
import { verifyTables } from '../../report/verify-tables.js';
import { outcomeText, verifyText } from '../../report/verify-text.js';
import { onOneLine, paragraphsOf } from '../../report/wrap.js';
import type { Subject } from '../../subject/subject.js';
import type { ReportPage } from '../../trace/page-data.js';
import type { VerifyResult } from '../../verify/verify.js';
import { worldName } from '../explore/explore-text.js';
import { guestMemfdWorldOf } from '../options/guest-memfd-world.js';

/** The page: what was covered, and the runs of the findings. */
export async function verifyPage(
  subject: Subject,
  result: VerifyResult,
  seconds: number,
  kept: readonly KeptFinding[],
): Promise<ReportPage> {
  const told = verifyText(result, seconds, { world: guestMemfdWorldOf(subject), details: true });
  return {
    kind: 'report',
    title: `verify ${worldName(subject)}`,
    verdict: onOneLine(outcomeText(result)),
    isBroken: result.verdict === 'violation',
    tables: verifyTables(result, seconds),
    notes: paragraphsOf(told),
    runs: await pageRunsOfFindings(subject, result.program, kept),
  };
}
