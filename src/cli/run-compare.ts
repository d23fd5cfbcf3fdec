/**
 * What `faultline compare` does: runs the cells, prints the table and what differs from what was expected. Imported by
 * the verb and the overview.
 */

import type { ReportedFinding } from '../report/result-document.js';
import { answerCells, type CellAnswer, type CellListener } from './answer-cells.js';
import type { CompareWords } from './compare.js';
import { type ComparePlan, comparePlan, type PlannedCell } from './compare-plan.js';
import { type Comparison, expectedOf } from './comparison.js';
import { comparisonDocument, comparisonText } from './comparison-text.js';
import { ExitStatus, type ExitStatusValue } from './exit-status.js';
import { FindingKeeper } from './finding-keeper.js';
import { abortOnInterrupt } from './interrupt.js';
import { startProgress } from './progress.js';
import { print, printJson } from './terminal.js';

/** Runs the cells and prints the result; the exit status. */
export async function runCompare(words: CompareWords): Promise<ExitStatusValue> {
  const plan = await comparePlan(words);
  const signal = abortOnInterrupt();
  const start = performance.now();
  const kept = new Map<string, ReportedFinding>();
  const answers = await answersTo(plan, words, signal, kept);
  const seconds = (performance.now() - start) / 1000;
  const expected = expectedOf(plan, answers);
  const comparison: Comparison = { words, plan, answers, findings: [...kept.values()], ...expected, seconds };
  if (words.json) printJson(comparisonDocument(comparison));
  else print(comparisonText(comparison));
  if (signal.aborted) return ExitStatus.Interrupted;
  if (expected.differences.length > 0) return ExitStatus.Violation;
  return answers.some(({ verdict }) => verdict === 'inconclusive') ? ExitStatus.Inconclusive : ExitStatus.Clean;
}

async function answersTo(
  plan: ComparePlan,
  words: CompareWords,
  signal: AbortSignal,
  kept: Map<string, ReportedFinding>,
): Promise<CellAnswer[]> {
  const { quiet, out } = words;
  const progress = await startProgress(quiet);
  const keepers = new Map(plan.cells.map((cell) => [cell, new FindingKeeper(cell.subject, out)]));
  const keep: CellListener<PlannedCell>['onFinding'] = (cell, finding, program) => {
    const keeper = keepers.get(cell);
    keeper?.keep(finding, program);
    if (keeper !== undefined) kept.set(finding.id, keeper.reported(finding, program));
  };
  try {
    return await answerCells(plan.cells, words, {
      signal,
      onFinding: out === undefined ? undefined : keep,
      onProgress: (text) => progress.update(text),
    });
  } finally {
    progress.stop();
  }
}
