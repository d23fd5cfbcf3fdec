/**
 * Comparisons for people and as JSON. Imported by what runs them.
 */

import { compareTable } from '../report/compare-table.js';
import { resultDocument } from '../report/result-document.js';
import type { ResultDocument } from '../report/result-schema.js';
import { type Comparison, type Difference, textOfAnswer, totals } from './comparison.js';
import { countText } from './explore-text.js';

const MEANING = 'A kind is the most urgent one found; clean means that none was.';

/** The table, what ran, and what differs from what was expected. */
export function comparisonText(comparison: Comparison): string {
  const { words, plan, answers, findings, seconds } = comparison;
  const cells = new Map(answers.map((answer) => [`${answer.scenario}\n${answer.scheme}`, textOfAnswer(answer)]));
  const table = compareTable(plan.scenarios, plan.schemes, (scenario, scheme) => cells.get(`${scenario}\n${scheme}`));
  const how = words.strategy === 'pct' ? `pct, depth ${words.depth}` : words.strategy;
  const size = `${answers.length} cells, ${countText(totals(answers).schedules)} schedules`;
  const ran = `${size} (${how}, seed ${words.seed}) in ${seconds.toFixed(1)} s.\n${MEANING}\n`;
  const folder = words.out === undefined ? '' : `Findings kept in ${words.out}: ${findings.length}\n`;
  return `${table}\n${ran}${folder}${expectedText(comparison)}`;
}

/** The result document. */
export function comparisonDocument(comparison: Comparison): ResultDocument {
  const { words, answers, findings, differences, seconds } = comparison;
  const verdicts = answers.map(({ verdict }) => verdict);
  const verdict = (['violation', 'inconclusive'] as const).find((each) => verdicts.includes(each)) ?? 'clean';
  return resultDocument({
    ...{ verb: 'compare', seed: words.seed, verdict, findings },
    stats: { ...totals(answers), seconds, ...(words.expect === undefined ? {} : { differences }) },
    cells: answers.map(({ scheme, scenario, verdict: answer, kind }) => ({ scheme, scenario, verdict: answer, kind })),
  });
}

function expectedText({ words, expected, differences }: Comparison): string {
  if (words.expect === undefined) return '';
  const lines = differences.map(differenceText).join('');
  return `\n${lines}${expected - differences.length} of the ${expected} cells that are in ${words.expect} are as expected.\n`;
}

function differenceText({ scenario, scheme, expected, found, reason }: Difference): string {
  return `DIFFERS: ${scheme} in ${scenario}: expected ${expected}, found ${found} (${reason})\n`;
}
