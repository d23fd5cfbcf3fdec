/**
 * Comparisons for people and as JSON. Imported by what runs them.
 */

import { replayLines } from '../../kept/story.js';
import { compareTable } from '../../report/compare-table.js';
import { KERNEL_DOC } from '../../report/kernel-doc.js';
import { NOT_MODELLED } from '../../report/not-modelled.js';
import { countText, plural } from '../../report/quantities.js';
import { resultDocument } from '../../report/result-document.js';
import type { ResultDocument } from '../../report/result-schema.js';
import { wrapWords } from '../../report/wrap.js';
import { schedulesText } from '../explore/explore-text.js';
import type { CellAnswer } from './answer-cells.js';
import { cellKey } from './compare-plan.js';
import { type Comparison, type Difference, textOfAnswer, totals } from './comparison.js';

/** Widest line of prose. */
const WIDEST = 120;
const weakest = ['violation', 'inconclusive', 'clean'] as const;

/** The table, what ran, and what differs from what was expected, for a terminal of some width. */
export function comparisonText(comparison: Comparison, width: number): string {
  const { words, plan, answers, findings } = comparison;
  const cells = new Map(answers.map((answer) => [cellKey(answer), textOfAnswer(answer)]));
  const cellOf = (scenario: string, scheme: string) => cells.get(cellKey({ scenario, scheme }));
  const table = compareTable(plan.scenarios, plan.schemes, cellOf, width);
  const below = [
    countsText(comparison),
    ...interruptedTexts(comparison),
    ...unansweredTexts(answers),
    ...meaningTexts(answers),
    ...boundTexts(answers),
  ];
  const ran = below.flatMap((text) => wrapWords(text, Math.min(width, WIDEST))).join('\n');
  const kept = words.out === undefined ? '' : `Findings kept in ${words.out}: ${keptText(findings)}\n`;
  const pointer = wrapWords(KERNEL_DOC, Math.min(width, WIDEST)).join('\n');
  return `${table}${pointer}\n\n${ran}\n${kept}${unwrittenText(comparison)}${expectedText(comparison)}`;
}

/** Findings that should have been written: what there is of them is here. */
function unwrittenText({ words, findings }: Comparison): string {
  const unwritten = words.out === undefined ? [] : findings.filter(({ file }) => file === undefined);
  return unwritten.map((each) => `${each.finding.title}\n${replayLines(each)}\n`).join('');
}

/** `88 cells in 6.1 s: 53 verified, 35 broken; 263,348 states (88 cells)` */
export function countsText({ words, answers, seconds }: Comparison): string {
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
    ...(states > 0 ? [plural(states, 'state')] : []),
    ...(explored > 0
      ? [`${schedulesText(schedules)} of ${plural(explored, 'cell')} (${how}, seed ${words.seed})`]
      : []),
  ];
  const ended = ends.map(([count, what]) => `${count} ${what}`).join(', ');
  return `${plural(answers.length, 'cell')} in ${seconds.toFixed(1)} s: ${ended}; ${work.join(', ') || 'nothing ran'}.`;
}

function interruptedTexts({ interrupted, answers }: Comparison): string[] {
  if (!interrupted) return [];
  const answered = answers.filter(({ verdict }) => verdict !== 'inconclusive').length;
  return [`Interrupted: ${countText(answered)} of ${plural(answers.length, 'cell')} came to an answer.`];
}

/** `No answer: 2 cells were stopped by the bound of 100 states.` */
function unansweredTexts(answers: readonly CellAnswer[]): string[] {
  const stops = answers.filter(({ verdict }) => verdict === 'inconclusive').map(({ stoppedBy }) => stoppedBy);
  const reasons = [...new Set(stops)].map((reason) => {
    const count = stops.filter((stop) => stop === reason).length;
    return `${plural(count, 'cell')} ${count === 1 ? 'was' : 'were'} stopped by ${reason}`;
  });
  return reasons.length === 0 ? [] : [`No answer: ${reasons.join('; ')}.`];
}

/** What the words in the cells mean, of those that there are. */
function meaningTexts(answers: readonly CellAnswer[]): string[] {
  const broken = answers.filter(({ kind }) => kind !== undefined);
  const isWhole = broken.every(({ searchedToEnd }) => searchedToEnd);
  const has = (verdict: CellAnswer['verdict']) => answers.some((answer) => answer.verdict === verdict);
  const sentences = [
    ...(broken.length > 0
      ? [`A cell that breaks names the most urgent kind ${isWhole ? 'that any interleaving shows' : 'that was found'}.`]
      : []),
    ...(has('verified') ? ['Verified means that no interleaving breaks anything.'] : []),
    ...(has('clean') ? ['Clean means that none of the schedules that were run broke anything; others may.'] : []),
  ];
  return sentences.length === 0 ? [] : [sentences.join(' ')];
}

/** What `verified` holds under, and what no answer is about. */
function boundTexts(answers: readonly CellAnswer[]): string[] {
  const bound =
    'Bound: sequentially consistent memory, and the VMs, folios, frames, actors and calls of each scenario.';
  return [...(answers.some(({ searchedToEnd }) => searchedToEnd) ? [bound] : []), `Not modelled: ${NOT_MODELLED}.`];
}

/** `3`, or `0 of 3` where some could not be written. */
function keptText(findings: Comparison['findings']): string {
  const written = findings.filter(({ file }) => file !== undefined).length;
  return written === findings.length ? countText(written) : `${countText(written)} of ${countText(findings.length)}`;
}

/** The result document. */
export function comparisonDocument(comparison: Comparison, notes: readonly string[]): ResultDocument {
  const { words, answers, findings, differences, unanswered, byAnswer, seconds, interrupted } = comparison;
  const verdicts = answers.map(({ verdict }) => verdict);
  // The weakest word that holds for all of them.
  const verdict = weakest.find((each) => verdicts.includes(each)) ?? 'verified';
  return resultDocument({
    ...{ verb: 'compare', seed: words.seed, verdict, findings, notes },
    stats: {
      ...{ ...totals(answers), seconds, interrupted },
      ...(words.expect === undefined ? {} : { differences, unanswered }),
    },
    cells: answers.map((answer) => {
      const { scheme, scenario, kind, stoppedBy } = answer;
      return { scheme, scenario, verdict: answer.verdict, kind, stoppedBy, expected: byAnswer.get(answer) };
    }),
  });
}

/** `162 of 163 cells that are in expected.yaml are as expected.` */
function expectedText({ words, expected, differences, unanswered }: Comparison): string {
  if (words.expect === undefined) return '';
  const lines = differences.map(differenceText).join('');
  const asExpected = expected - differences.length - unanswered;
  const are = (count: number) => (count === 1 ? 'is' : 'are');
  const of = `${countText(asExpected)} of ${plural(expected, 'cell')} that ${are(expected)} in ${words.expect}`;
  const left = unanswered === 0 ? '' : `; ${countText(unanswered)} ${unanswered === 1 ? 'has' : 'have'} no answer`;
  return `\n${lines}${of} ${asExpected === 1 || expected === 1 ? 'is' : 'are'} as expected${left}.\n`;
}

function differenceText({ scenario, scheme, expected, found, reason }: Difference): string {
  return `DIFFERS: ${scheme} in ${scenario}: expected ${expected} (reason: ${reason}), found ${found}\n`;
}
