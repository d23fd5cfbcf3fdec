/**
 * What `faultline explore --strategy dfs` does: every schedule of a small model. Imported by the verb.
 */

import { inputProblem, notAllowed, wholeFrom } from '../../core/input-sentence.js';
import type { Enumeration } from '../../explore/enumerate.js';
import { exhaust, MOST_EXHAUST_STEPS } from '../../explore/exhaust.js';
import { FindingKeeper } from '../../kept/finding-keeper.js';
import { documentOfFinding } from '../../kept/run-document.js';
import { programNotes } from '../../report/program-notes.js';
import { countText, plural } from '../../report/quantities.js';
import { resultDocument } from '../../report/result-document.js';
import { titleOf } from '../../report/title.js';
import { wrapWords } from '../../report/wrap.js';
import { schemeNotes } from '../../subject/scheme-note.js';
import { resolveSubject } from '../../subject/subject.js';
import { writeFindingsPage } from '../options/findings-page.js';
import { formatOf } from '../options/format-option.js';
import { refuseUnwritablePage } from '../options/html-option.js';
import { unfoldOf } from '../options/report-options.js';
import { ExitStatus, type ExitStatusValue } from '../terminal/exit-status.js';
import { failureOf } from '../terminal/failure.js';
import { watchdog } from '../terminal/interrupt.js';
import { printResult } from '../terminal/print-export.js';
import { print, say } from '../terminal/terminal.js';
import type { ExploreWords } from './explore.js';
import { findingText, headline } from './explore-text.js';

/** Widest line of prose. */
const WIDTH = 75;

/** Runs the enumeration and prints the result; the exit status. */
export async function runExhaust(scenario: string, words: ExploreWords): Promise<ExitStatusValue> {
  const { steps, schedules, budget, keepGoing } = words;
  const format = formatOf(words) ?? 'columns';
  if (steps !== undefined && steps > MOST_EXHAUST_STEPS) {
    throw inputProblem('--steps', notAllowed('steps of dfs', steps, wholeFrom(1, MOST_EXHAUST_STEPS)));
  }
  refuseUnwritablePage(words);
  const subject = await resolveSubject({ scenario, scheme: words.scheme, settings: words.set }, say);
  const keeper = new FindingKeeper(subject, words.out, say);
  const start = performance.now();
  const { findings, enumeration, program } = await exhaust(subject.model, {
    ...(schedules === undefined ? {} : { schedules }),
    ...(budget === undefined ? {} : { budgetMs: budget }),
    ...(steps === undefined ? {} : { stepBound: steps }),
    ...{ keepGoing, titleOf },
    clock: () => performance.now(),
    guard: watchdog(budget),
    onFinding: (finding, of) => keeper.keep(finding, of),
  });
  const seconds = (performance.now() - start) / 1000;
  const kept = findings.map((finding) => keeper.reported(finding, program, unfoldOf(words)));
  const { cut, completed } = enumeration;
  const isInterrupted = cut?.reason === 'interrupt';
  const verdict = kept.length > 0 ? 'violation' : completed > 0 && !isInterrupted ? 'clean' : 'inconclusive';
  const notes = [...programNotes(program), ...(cut === undefined ? await schemeNotes([words.scheme]) : [])];
  for (const note of notes) say(`faultline: ${note}.`);
  if (format !== 'columns') {
    const { outcomes: _, cut: __, maximal, ...counts } = enumeration;
    const stats = { schedules: maximal, interleavings: maximal, ...counts, seconds, strategy: 'dfs' };
    const { scenario: name, scheme, arch } = subject;
    const told = { scenario: name, scheme, arch, stats, findings: kept, notes };
    await printResult(format, resultDocument({ verb: 'explore', verdict, ...told }), () =>
      kept.map((each) => documentOfFinding(subject, each, program)),
    );
  } else {
    const stories = kept.map((each) => findingText(each, enumeration.maximal));
    print(`${headline(subject, words)}${stories.join('')}${countsText(enumeration, kept.length > 0 && !keepGoing)}`);
  }
  if (cut?.stuck !== undefined) say(String(failureOf(cut.stuck).sentence));
  await writeFindingsPage(words, subject, program, kept);
  if (keeper.hasUnwritten) return ExitStatus.Violation;
  if (isInterrupted) return ExitStatus.Interrupted;
  if (cut?.stuck !== undefined) return ExitStatus.WrongInput;
  return { violation: ExitStatus.Violation, clean: ExitStatus.Clean, inconclusive: ExitStatus.Inconclusive }[verdict];
}

function leftBy({ cut }: Enumeration): string {
  return cut?.reason === 'interrupt' ? 'what comes after the interrupt' : 'what the limit or the budget cut off';
}

function countsText(enumeration: Enumeration, endedEarly: boolean): string {
  const { maximal, completed, deadlocked, stopped, violating, livelocked, bounded, finalStates, exhaustive } =
    enumeration;
  const all = exhaustive && bounded === 0 && livelocked === 0;
  const counts = [
    `${countText(completed)} completed`,
    `${countText(deadlocked)} deadlocked`,
    `${countText(stopped)} stopped by what broke`,
  ];
  const left = [
    ...(exhaustive ? [] : [endedEarly ? 'what comes after the first finding' : leftBy(enumeration)]),
    ...(livelocked === 0 ? [] : [`what comes after a livelock, which ${plural(livelocked, 'run')} came to`]),
    ...(bounded === 0 ? [] : [`${plural(bounded, 'run')} given up at the step bound, and what follows them`]),
  ];
  const ran =
    `${all ? 'All' : 'The first'} ${plural(maximal, 'interleaving')}: ${counts.join(', ')}; ` +
    `something broke in ${countText(violating)}. ${plural(finalStates, 'distinct final state')}.`;
  return [
    ...wrapWords(ran, WIDTH),
    ...(all
      ? ['Nothing is left to be covered by this model.']
      : ['Not covered:', ...left.map((item) => `  - ${item}`)]),
    '',
  ].join('\n');
}
