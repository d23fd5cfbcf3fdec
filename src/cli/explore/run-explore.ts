/**
 * What `faultline explore` does: runs the engine, prints and keeps what it finds. Imported by the verb and the overview.
 */

import type { Program } from '../../core/program/program.js';
import { type ExploreResult, explore } from '../../explore/explore.js';
import type { ExploreProgress } from '../../explore/options.js';
import type { StrategyName } from '../../explore/strategy.js';
import { FindingKeeper } from '../../kept/finding-keeper.js';
import { documentOfFinding } from '../../kept/run-document.js';
import { USUAL_SCHEDULES } from '../../library/usual.js';
import { exploreOutcome } from '../../report/explore-outcome.js';
import { notCovered } from '../../report/not-covered.js';
import { programNotes } from '../../report/program-notes.js';
import { countText } from '../../report/quantities.js';
import { resultDocument } from '../../report/result-document.js';
import { titleOf } from '../../report/title.js';
import { boundLines } from '../../report/verify-text.js';
import { schemeNotes } from '../../subject/scheme-note.js';
import { resolveSubject, type Subject } from '../../subject/subject.js';
import { boundOf } from '../../verify/bound.js';
import { writeFindingsPage } from '../options/findings-page.js';
import { formatOf } from '../options/format-option.js';
import { guestMemfdWorldOf } from '../options/guest-memfd-world.js';
import { refuseUnwritablePage } from '../options/html-option.js';
import { unfoldOf } from '../options/report-options.js';
import { ExitStatus, type ExitStatusValue } from '../terminal/exit-status.js';
import { failureOf } from '../terminal/failure.js';
import { abortOnInterrupt, watchdog } from '../terminal/interrupt.js';
import { printResult } from '../terminal/print-export.js';
import { startProgress } from '../terminal/progress.js';
import { print, say } from '../terminal/terminal.js';
import type { ExploreWords } from './explore.js';
import { findingText, headline } from './explore-text.js';

/** Runs the engine and prints the result; the exit status. */
export async function runExplore(scenario: string, words: ExploreWords): Promise<ExitStatusValue> {
  refuseUnwritablePage(words);
  const format = formatOf(words) ?? 'columns';
  const subject = await resolveSubject({ scenario, scheme: words.scheme, settings: words.set }, say);
  const keeper = new FindingKeeper(subject, words.out, say);
  const result = await explored(subject, words, keeper);
  const { findings, program, stats, workersUsed, refused } = result;
  const kept = findings.map((finding) => keeper.reported(finding, program, unfoldOf(words)));
  const verdict = verdictOf(result);
  if (workersUsed < words.workers) say(`faultline: ${subject.scenario} names no source, so one thread ran it.`);
  const notes = [...programNotes(program), ...(refused === undefined ? await schemeNotes([words.scheme]) : [])];
  for (const note of notes) say(`faultline: ${note}.`);
  if (format !== 'columns') {
    const { scenario: name, scheme, arch } = subject;
    const told = { scenario: name, scheme, arch, seed: words.seed, verdict, stats, findings: kept, notes };
    await printResult(format, resultDocument({ verb: 'explore', ...told }), () =>
      kept.map((each) => documentOfFinding(subject, each, program)),
    );
  } else {
    const stories = kept.map((each, place) =>
      findingText(each, stats.schedules, place === 0 ? stats.secondsToFirst : undefined),
    );
    const outcome = kept.length > 0 ? '' : `${exploreOutcome(stats)}\n\n`;
    const bound = stats.stream?.exhausted ? boundText(subject, program) : '';
    print(`${headline(subject, words)}${stories.join('')}${outcome}${bound}${notCovered(stats, words.coverage)}`);
  }
  if (refused !== undefined) say(String(failureOf(refused).sentence));
  await writeFindingsPage(words, subject, program, kept);
  if (keeper.hasUnwritten) return ExitStatus.Violation;
  if (stats.interrupted) return ExitStatus.Interrupted;
  if (refused !== undefined) return failureOf(refused).status;
  return { violation: ExitStatus.Violation, clean: ExitStatus.Clean, inconclusive: ExitStatus.Inconclusive }[verdict];
}

/** What "every interleaving" is said of. */
function boundText(subject: Subject, program: Program): string {
  const bound = boundOf(subject.model, program, []);
  return `${boundLines({ bound, program }, guestMemfdWorldOf(subject), false).join('\n')}\n`;
}

async function explored(subject: Subject, words: ExploreWords, keeper: FindingKeeper): Promise<ExploreResult> {
  const { strategy, depth, seed, schedules, budget, workers, keepGoing, kernel, steps, quiet } = words;
  const progress = await startProgress(quiet);
  try {
    return await explore(subject.model, {
      strategy: strategy as StrategyName,
      ...{ depth, seed, workers, keepGoing, kernel, titleOf },
      ...(steps === undefined ? {} : { stepBound: steps }),
      ...(budget === undefined ? { schedules: USUAL_SCHEDULES } : { budgetMs: budget }),
      ...(schedules === undefined ? {} : { schedules }),
      signal: abortOnInterrupt(),
      clock: () => performance.now(),
      guard: watchdog(budget),
      onFinding: (finding, program) => keeper.keep(finding, program),
      onProgress: (now) => progress.update(progressText(subject, now)),
    });
  } finally {
    progress.stop();
  }
}

/** Nothing found is an answer only if something ran to its end. */
function verdictOf({ findings, stats }: ExploreResult): 'violation' | 'clean' | 'inconclusive' {
  if (findings.length > 0) return 'violation';
  return stats.completed > 0 && !stats.interrupted ? 'clean' : 'inconclusive';
}

function progressText({ scenario }: Subject, { schedules, of, findings, finalStates }: ExploreProgress): string {
  const whole = of === Number.POSITIVE_INFINITY ? '' : ` of ${countText(of)}`;
  const found = findings === 0 ? '' : `, ${findings} found`;
  return `${scenario}: ${countText(schedules)}${whole} schedules, ${finalStates} final states${found}`;
}
