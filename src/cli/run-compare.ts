/**
 * What `faultline compare` does: runs the cells, prints the table and what differs from what was expected. Imported by
 * the verb and the overview.
 */

import { type CompareAnswer, type CompareCell, type CompareOptions, compare } from '../explore/compare.js';
import type { StrategyName } from '../explore/strategy.js';
import type { ReportedFinding } from '../report/result-document.js';
import type { CompareWords } from './compare.js';
import { type ComparePlan, comparePlan } from './compare-plan.js';
import { type Comparison, expectedOf } from './comparison.js';
import { comparisonDocument, comparisonText } from './comparison-text.js';
import { ExitStatus, type ExitStatusValue } from './exit-status.js';
import { FindingKeeper } from './finding-keeper.js';
import { abortOnInterrupt } from './interrupt.js';
import { startProgress } from './progress.js';
import { print, printJson } from './terminal.js';

/** The longest run of a built-in scenario is a tenth of that. */
const STEP_BOUND = 5_000;

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
): Promise<CompareAnswer[]> {
  const { strategy, depth, seed, schedules, budget, workers, quiet, out } = words;
  const progress = await startProgress(quiet);
  const keepers = new Map(plan.cells.map((cell) => [cell as CompareCell, new FindingKeeper(cell.subject, out)]));
  const keep: CompareOptions['onFinding'] = (cell, finding, program) => {
    const keeper = keepers.get(cell);
    keeper?.keep(finding, program);
    if (keeper !== undefined) kept.set(finding.id, keeper.reported(finding, program));
  };
  try {
    return await compare(plan.cells, {
      strategy: strategy as StrategyName,
      ...{ depth, seed, workers, signal },
      stepBound: STEP_BOUND,
      ...(budget === undefined ? {} : { budgetMs: budget }),
      ...(schedules === undefined ? {} : { schedules }),
      clock: () => performance.now(),
      ...(out === undefined ? {} : { onFinding: keep }),
      onAnswer: ({ scenario, scheme, kind }, answered) =>
        progress.update(`${answered} of ${plan.cells.length} cells; ${scenario} under ${scheme}: ${kind ?? 'clean'}`),
    });
  } finally {
    progress.stop();
  }
}
