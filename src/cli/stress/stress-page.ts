/**
 * The page of a live run: its tables, and what it has found. Imported by run-stress.
 */

import { pageRunOfFile } from '../../kept/page-runs.js';
import type { LiveReport } from '../../live/live-report.js';
import { liveTraceDocument } from '../../report/live-trace.js';
import { stressNotCovered, stressSentences, stressTables } from '../../report/stress-report.js';
import type { StressWorld } from '../../report/stress-world.js';
import { paragraphsOf } from '../../report/wrap.js';
import type { ReportPage, RunOnPage } from '../../trace/page-data.js';
import { say } from '../terminal/terminal.js';
import type { StressFinding } from './stress-finding.js';

/** The page; `verdict`: a sentence. */
export async function stressPage(
  title: string,
  verdict: string,
  report: LiveReport,
  world: StressWorld,
  findings: readonly StressFinding[],
): Promise<ReportPage> {
  const runs: RunOnPage[] = [];
  for (const finding of findings) runs.push(await runOf(finding));
  return {
    ...{ kind: 'report', title, verdict, isBroken: findings.length > 0 },
    tables: stressTables(report, world),
    notes: [...stressSentences(report, world), ...paragraphsOf(stressNotCovered(report, world))],
    runs,
  };
}

/** The reproducer from its file, which was written just now; else what is known of the run. */
async function runOf({ file, found: { finding }, search }: StressFinding): Promise<RunOnPage> {
  if (file !== undefined) return await pageRunOfFile(file, say, { trusted: true });
  return { trace: liveTraceDocument(finding, {}, search !== undefined) };
}
