/**
 * Comparisons: what a run of compare came to, beside what was expected. Imported by what runs and prints them.
 */

import type { CompareAnswer } from '../explore/compare.js';
import { isAsExpected } from '../gmem/expectations.js';
import type { CellText } from '../report/compare-table.js';
import type { ReportedFinding } from '../report/result-document.js';
import type { CompareWords } from './compare.js';
import type { ComparePlan } from './compare-plan.js';

/** A cell that is not what was expected. */
export interface Difference {
  readonly scenario: string;
  readonly scheme: string;
  readonly expected: string;
  readonly found: string;
  readonly reason: string;
}

/** What a run came to. */
export interface Comparison {
  readonly words: CompareWords;
  readonly plan: ComparePlan;
  readonly answers: readonly CompareAnswer[];
  /** Findings that were kept. */
  readonly findings: readonly ReportedFinding[];
  /** Cells of the run for which something was expected. */
  readonly expected: number;
  readonly differences: readonly Difference[];
  readonly seconds: number;
}

/** Sets the answers beside what was expected. */
export function expectedOf(
  { expectations }: ComparePlan,
  answers: readonly CompareAnswer[],
): Pick<Comparison, 'expected' | 'differences'> {
  const differences: Difference[] = [];
  let expected = 0;
  for (const { row, scheme, expect, reason } of expectations) {
    const answer = answers.find((each) => each.scenario === row && each.scheme === scheme);
    if (answer === undefined) continue;
    expected++;
    if (answer.verdict !== 'inconclusive' && isAsExpected(expect, answer.kind)) continue;
    differences.push({ scenario: row, scheme, expected: expect, found: textOfAnswer(answer), reason });
  }
  return { expected, differences };
}

/** What stands in a cell. */
export function textOfAnswer({ verdict, kind }: CompareAnswer): CellText {
  return verdict === 'inconclusive' ? 'no answer' : (kind ?? 'clean');
}

/** Schedules and steps of all cells. */
export function totals(answers: readonly CompareAnswer[]): { schedules: number; steps: number } {
  const sum = (of: (answer: CompareAnswer) => number) => answers.reduce((total, answer) => total + of(answer), 0);
  return { schedules: sum(({ schedules }) => schedules), steps: sum(({ steps }) => steps) };
}
