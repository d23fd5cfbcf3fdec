/**
 * What `faultline compare` does: runs the cells, prints the table and what differs from what was expected. Imported by
 * the verb and the overview.
 */

import { FindingKeeper, sayIfUnwritable } from '../../kept/finding-keeper.js';
import { documentOfFinding } from '../../kept/run-document.js';
import type { ReportedFinding } from '../../report/result-document.js';
import { schemeNotes } from '../../subject/scheme-note.js';
import type { TraceDocument } from '../../trace/trace-schema.js';
import { formatOf } from '../options/format-option.js';
import { refuseUnwritablePage, writePageOf } from '../options/html-option.js';
import { ExitStatus, type ExitStatusValue } from '../terminal/exit-status.js';
import { abortOnInterrupt } from '../terminal/interrupt.js';
import { printResult } from '../terminal/print-export.js';
import { startProgress } from '../terminal/progress.js';
import { print, say, terminalWidth } from '../terminal/terminal.js';
import { answerCells, type CellAnswer, type CellListener } from './answer-cells.js';
import type { CompareWords } from './compare.js';
import type { CellFinding } from './compare-page.js';
import { type ComparePlan, comparePlan, type PlannedCell } from './compare-plan.js';
import { type Comparison, expectedOf } from './comparison.js';
import { comparisonDocument, comparisonText, countsText } from './comparison-text.js';

/** Runs the cells and prints the result; the exit status. */
export async function runCompare(words: CompareWords): Promise<ExitStatusValue> {
  refuseUnwritablePage(words);
  const format = formatOf(words) ?? 'columns';
  const plan = await comparePlan(words);
  if (words.out !== undefined) sayIfUnwritable(words.out, say);
  const signal = abortOnInterrupt();
  const start = performance.now();
  const { answers, findings, runs, forPage, hasUnwritten } = await answersTo(plan, words, signal, format);
  const seconds = (performance.now() - start) / 1000;
  const expected = expectedOf(plan, answers);
  const interrupted = signal.aborted;
  const comparison: Comparison = { words, plan, answers, findings, ...expected, seconds, interrupted };
  const notes = await schemeNotes(plan.schemes.map(({ name }) => name));
  for (const note of notes) say(`faultline: ${note}.`);
  if (format !== 'columns') await printResult(format, comparisonDocument(comparison, notes), () => runs);
  else print(comparisonText(comparison, terminalWidth()));
  await writePageOf(words, async () => {
    const { comparePage } = await import('./compare-page.js');
    return await comparePage(comparison, countsText(comparison), forPage);
  });
  if (hasUnwritten) return ExitStatus.Violation;
  if (interrupted) return ExitStatus.Interrupted;
  if (expected.differences.length > 0) return ExitStatus.Violation;
  const isWhole = expected.unanswered === 0 && answers.every(({ verdict }) => verdict !== 'inconclusive');
  return isWhole ? ExitStatus.Clean : ExitStatus.Inconclusive;
}

interface Answered {
  readonly answers: CellAnswer[];
  readonly findings: ReportedFinding[];
  readonly runs: TraceDocument[];
  /** What a page shows of each cell, where one is wanted. */
  readonly forPage: ReadonlyMap<PlannedCell, readonly CellFinding[]>;
  readonly hasUnwritten: boolean;
}

async function answersTo(
  plan: ComparePlan,
  words: CompareWords,
  signal: AbortSignal,
  format: string,
): Promise<Answered> {
  const { quiet, out } = words;
  const progress = await startProgress(quiet);
  const found = new Map(plan.cells.map((cell) => [cell, new Map<string, ReportedFinding>()]));
  const runs = new Map<string, TraceDocument>();
  const forPage = new Map<PlannedCell, CellFinding[]>();
  const keepers = new Map(plan.cells.map((cell) => [cell, new FindingKeeper(cell.subject, out, say)]));
  const keep: CellListener<PlannedCell>['onFinding'] = (cell, finding, program) => {
    const keeper = keepers.get(cell);
    // Whoever asks for no files gets none, also of findings that a token alone does not replay.
    if (out !== undefined) keeper?.keep(finding, program);
    if (keeper === undefined) return;
    const reported = keeper.reported(finding, program);
    found.get(cell)?.set(finding.id, reported);
    if (words.html !== undefined) forPage.set(cell, [...(forPage.get(cell) ?? []), { ...reported, program }]);
    if (format === 'sarif') runs.set(finding.id, documentOfFinding(cell.subject, reported, program));
  };
  try {
    const answers = await answerCells(plan.cells, words, {
      signal,
      // To make findings small takes time, and the table does not show them.
      onFinding: out !== undefined || words.html !== undefined || ['json', 'sarif'].includes(format) ? keep : undefined,
      onProgress: (text) => progress.update(text),
    });
    // In the order of the cells, whichever thread was first.
    const findings = [...found.values()].flatMap((byId) => [...byId.values()]);
    const hasUnwritten = [...keepers.values()].some((keeper) => keeper.hasUnwritten);
    return { answers, findings, runs: [...runs.values()], forPage, hasUnwritten };
  } finally {
    progress.stop();
  }
}
