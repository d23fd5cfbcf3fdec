/**
 * What `faultline compare` does: runs the cells, prints the table and what differs from what was expected. Imported by
 * the verb and the overview.
 */

import { type CompareAnswer, compare } from '../explore/compare.js';
import type { StrategyName } from '../explore/strategy.js';
import { isAsExpected } from '../gmem/expectations.js';
import { type CellText, compareTable } from '../report/compare-table.js';
import { resultDocument } from '../report/result-document.js';
import type { CompareWords } from './compare.js';
import { type ComparePlan, comparePlan } from './compare-plan.js';
import { ExitStatus, type ExitStatusValue } from './exit-status.js';
import { abortOnInterrupt } from './interrupt.js';
import { startProgress } from './progress.js';
import { print, printJson } from './terminal.js';

/** The longest run of a built-in scenario is a tenth of that. */
const STEP_BOUND = 5_000;

const MEANING = 'A kind is the most urgent one found; clean means that none was.';

/** A cell that is not what was expected. */
interface Difference {
  readonly scenario: string;
  readonly scheme: string;
  readonly expected: string;
  readonly found: string;
  readonly reason: string;
}

/** Runs the cells and prints the result; the exit status. */
export async function runCompare(words: CompareWords): Promise<ExitStatusValue> {
  const plan = await comparePlan(words);
  const signal = abortOnInterrupt();
  const start = performance.now();
  const answers = await answersTo(plan, words, signal);
  const seconds = (performance.now() - start) / 1000;
  const differences = differencesOf(plan, answers);
  if (words.json) printJson(documentOf(words, answers, differences, seconds));
  else print(textOf(plan, words, answers, differences, seconds));
  if (signal.aborted) return ExitStatus.Interrupted;
  if (differences.length > 0) return ExitStatus.Violation;
  return answers.some(({ verdict }) => verdict === 'inconclusive') ? ExitStatus.Inconclusive : ExitStatus.Clean;
}

async function answersTo(plan: ComparePlan, words: CompareWords, signal: AbortSignal): Promise<CompareAnswer[]> {
  const { strategy, depth, seed, schedules, budget, workers, quiet } = words;
  const progress = await startProgress(quiet);
  try {
    return await compare(plan.cells, {
      strategies: strategy as readonly StrategyName[],
      ...{ depth, seed, workers, signal },
      stepBound: STEP_BOUND,
      ...(budget === undefined ? {} : { budgetMs: budget }),
      ...(schedules === undefined ? {} : { schedules }),
      clock: () => performance.now(),
      onAnswer: ({ scenario, scheme, kind }, answered) =>
        progress.update(`${answered} of ${plan.cells.length} cells; ${scenario} under ${scheme}: ${kind ?? 'clean'}`),
    });
  } finally {
    progress.stop();
  }
}

function differencesOf({ expectations }: ComparePlan, answers: readonly CompareAnswer[]): Difference[] {
  return expectations.flatMap(({ row, scheme, expect, reason }) => {
    const answer = answers.find((each) => each.scenario === row && each.scheme === scheme);
    if (answer === undefined) return [];
    if (answer.verdict !== 'inconclusive' && isAsExpected(expect, answer.kind)) return [];
    return [{ scenario: row, scheme, expected: expect, found: textOfAnswer(answer), reason }];
  });
}

function textOfAnswer({ verdict, kind }: CompareAnswer): CellText {
  return verdict === 'inconclusive' ? 'no answer' : (kind ?? 'clean');
}

function documentOf(
  { seed, expect }: CompareWords,
  answers: readonly CompareAnswer[],
  differences: readonly Difference[],
  seconds: number,
) {
  const verdicts = answers.map(({ verdict }) => verdict);
  const verdict = (['violation', 'inconclusive'] as const).find((each) => verdicts.includes(each)) ?? 'clean';
  return resultDocument({
    ...{ verb: 'compare', seed, verdict },
    stats: { ...totals(answers), seconds, ...(expect === undefined ? {} : { differences }) },
    cells: answers.map(({ scheme, scenario, verdict: answer, kind }) => ({ scheme, scenario, verdict: answer, kind })),
  });
}

function totals(answers: readonly CompareAnswer[]) {
  const sum = (of: (answer: CompareAnswer) => number) => answers.reduce((total, answer) => total + of(answer), 0);
  return { schedules: sum(({ schedules }) => schedules), steps: sum(({ steps }) => steps) };
}

function textOf(
  plan: ComparePlan,
  words: CompareWords,
  answers: readonly CompareAnswer[],
  differences: readonly Difference[],
  seconds: number,
): string {
  const cells = new Map(answers.map((answer) => [`${answer.scenario}\n${answer.scheme}`, textOfAnswer(answer)]));
  const table = compareTable(plan.scenarios, plan.schemes, (scenario, scheme) => cells.get(`${scenario}\n${scheme}`));
  const { schedules } = totals(answers);
  const how = words.strategy.map((name) => (name === 'pct' ? `pct, depth ${words.depth}` : name)).join('; ');
  const size = `${answers.length} cells, ${schedules.toLocaleString('en')} schedules`;
  const ran = `${size} (${how}, seed ${words.seed}) in ${seconds.toFixed(1)} s.\n${MEANING}\n`;
  return `${table}\n${ran}${differences.map(differenceText).join('')}${expectedText(plan, differences)}`;
}

function differenceText({ scenario, scheme, expected, found, reason }: Difference): string {
  return `\nDIFFERS: ${scheme} in ${scenario}: expected ${expected}, found ${found} (${reason})`;
}

function expectedText({ expectations }: ComparePlan, differences: readonly Difference[]): string {
  if (expectations.length === 0) return '';
  return differences.length === 0 ? '\nEvery cell is as expected.\n' : '\n';
}
