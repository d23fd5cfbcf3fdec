/**
 * Comparisons: what a run of compare came to, beside what was expected. Imported by what runs and prints them.
 */

import { isAsExpected } from '../../gmem/expectations.js';
import type { CellText } from '../../report/compare-table.js';
import type { CellExpectation, ReportedFinding } from '../../report/result-document.js';
import { schedulesText } from '../explore/explore-text.js';
import type { CellAnswer } from './answer-cells.js';
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

/** Counters: states and transitions of verify, schedules and steps of explore. */
export type CellTotals = Pick<CellAnswer, 'states' | 'transitions' | 'schedules' | 'steps'>;

/** What a run came to. */
export interface Comparison {
  /** Whether Ctrl-C ended it. */
  readonly interrupted: boolean;
  readonly words: CompareWords;
  readonly plan: ComparePlan;
  readonly answers: readonly CellAnswer[];
  /** Findings that were kept. */
  readonly findings: readonly ReportedFinding[];
  /** Cells of the run for which something was expected. */
  readonly expected: number;
  readonly differences: readonly Difference[];
  /** Those of them that were cut short before they showed what was expected, or anything that was not. */
  readonly unanswered: number;
  /** What was expected of each answer, where something was. */
  readonly byAnswer: ReadonlyMap<CellAnswer, CellExpectation>;
  readonly seconds: number;
}

/** Sets the answers beside what was expected. */
export function expectedOf(
  { expectations }: ComparePlan,
  answers: readonly CellAnswer[],
): Pick<Comparison, 'expected' | 'differences' | 'unanswered' | 'byAnswer'> {
  const differences: Difference[] = [];
  const byAnswer = new Map<CellAnswer, CellExpectation>();
  for (const { row, scheme, expect, reason } of expectations) {
    const answer = answers.find((each) => each.scenario === row && each.scheme === scheme);
    if (answer === undefined) continue;
    const { verdict, kind, stoppedBy } = answer;
    const isMet = verdict !== 'inconclusive' && isAsExpected(expect, kind);
    // More time may have shown what is expected; only that nothing breaks is refuted for good.
    const isNone = stoppedBy !== undefined && (kind === undefined || expect !== 'clean');
    const word = isMet ? 'met' : isNone ? 'none' : 'differs';
    byAnswer.set(answer, { verdict: expect, reason, answer: word });
    if (word === 'differs') {
      differences.push({ scenario: row, scheme, expected: expect, found: textOfAnswer(answer), reason });
    }
  }
  const unanswered = [...byAnswer.values()].filter((each) => each.answer === 'none').length;
  return { expected: byAnswer.size, differences, unanswered, byAnswer };
}

/** What stands in a cell. */
export function textOfAnswer({ verdict, kind, schedules }: CellAnswer): CellText {
  if (kind !== undefined) return kind;
  if (verdict === 'verified') return 'verified';
  return verdict === 'clean' ? `clean in ${schedulesText(schedules)}` : 'no answer';
}

/** Counters of all cells together. */
export function totals(answers: readonly CellAnswer[]): CellTotals {
  const sum = (of: (answer: CellAnswer) => number) => answers.reduce((total, answer) => total + of(answer), 0);
  return {
    states: sum(({ states }) => states),
    transitions: sum(({ transitions }) => transitions),
    schedules: sum(({ schedules }) => schedules),
    steps: sum(({ steps }) => steps),
  };
}
