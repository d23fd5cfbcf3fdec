/**
 * Comparisons for people and as JSON. Imported by what runs them.
 */

import { compareTable } from '../report/compare-table.js';
import { NOT_MODELLED } from '../report/not-modelled.js';
import { countText } from '../report/quantities.js';
import { resultDocument } from '../report/result-document.js';
import type { ResultDocument } from '../report/result-schema.js';
import { wrapWords } from '../report/wrap.js';
import type { CellAnswer } from './answer-cells.js';
import { type Comparison, type Difference, textOfAnswer, totals } from './comparison.js';
import { schedulesText } from './explore-text.js';

const WIDTH = 120;
const weakest = ['violation', 'inconclusive', 'clean'] as const;

/** The table, what ran, and what differs from what was expected. */
export function comparisonText(comparison: Comparison): string {
  const { words, plan, answers, findings } = comparison;
  const cells = new Map(answers.map((answer) => [`${answer.scenario}\n${answer.scheme}`, textOfAnswer(answer)]));
  const table = compareTable(plan.scenarios, plan.schemes, (scenario, scheme) => cells.get(`${scenario}\n${scheme}`));
  const below = [countsText(comparison), meaningText(answers), ...boundTexts(answers)];
  const ran = below.flatMap((text) => wrapWords(text, WIDTH)).join('\n');
  const folder = words.out === undefined ? '' : `Findings kept in ${words.out}: ${findings.length}\n`;
  return `${table}\n${ran}\n${folder}${expectedText(comparison)}`;
}

/** `88 cells in 6.1 s: 53 verified, 35 broken; 263,348 states (88 cells)` */
function countsText({ words, answers, seconds }: Comparison): string {
  const of = (verdict: CellAnswer['verdict']) => answers.filter((answer) => answer.verdict === verdict).length;
  const ends = [
    [of('verified'), 'verified'],
    [of('violation'), 'broken'],
    [of('clean'), 'clean'],
    [of('inconclusive'), 'without an answer'],
  ].filter(([count]) => count !== 0);
  const { states, schedules } = totals(answers);
  const explored = answers.filter((answer) => answer.schedules > 0).length;
  const how = words.strategy === 'pct' ? `pct, depth ${words.depth}` : words.strategy;
  const work = [
    ...(states > 0 ? [`${countText(states)} states`] : []),
    ...(explored > 0 ? [`${schedulesText(schedules)} of ${cellsText(explored)} (${how}, seed ${words.seed})`] : []),
  ];
  const ended = ends.map(([count, what]) => `${count} ${what}`).join(', ');
  return `${cellsText(answers.length)} in ${seconds.toFixed(1)} s: ${ended}; ${work.join(', ') || 'nothing ran'}.`;
}

function meaningText(answers: readonly CellAnswer[]): string {
  const partly = answers.some(({ searchedToEnd }) => !searchedToEnd);
  const kinds = `A kind is the most urgent one ${partly ? 'found' : 'that any interleaving shows'}`;
  const verified = answers.some(({ verdict }) => verdict === 'verified');
  const clean = answers.some(({ verdict }) => verdict === 'clean');
  return [
    kinds,
    ...(verified ? ['verified means that no interleaving breaks anything'] : []),
    ...(clean ? ['clean that no schedule that was run did'] : []),
  ]
    .join('; ')
    .concat('.');
}

/** What `verified` holds under. */
function boundTexts(answers: readonly CellAnswer[]): string[] {
  if (answers.every(({ searchedToEnd }) => !searchedToEnd)) return [];
  return [
    'Bound: sequentially consistent memory, order-0 folios, one VM, and the frames, actors and calls of each scenario.',
    `Not modelled: ${NOT_MODELLED}.`,
  ];
}

function cellsText(count: number): string {
  return `${countText(count)} cell${count === 1 ? '' : 's'}`;
}

/** The result document. */
export function comparisonDocument(comparison: Comparison): ResultDocument {
  const { words, answers, findings, differences, seconds } = comparison;
  const verdicts = answers.map(({ verdict }) => verdict);
  // The weakest word that holds for all of them.
  const verdict = weakest.find((each) => verdicts.includes(each)) ?? 'verified';
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
