/**
 * What `faultline verify` does: runs the search, prints and keeps what it finds. Imported by the verb.
 */

import { totalmem } from 'node:os';
import type { WorkGuard } from '../../core/guard.js';
import { FindingKeeper, type KeptFinding } from '../../kept/finding-keeper.js';
import { documentOfFinding } from '../../kept/run-document.js';
import { smallestFinding } from '../../kept/smallest-finding.js';
import { replayLines, storyOf } from '../../kept/story.js';
import { NOT_MODELLED } from '../../report/not-modelled.js';
import { programNotes } from '../../report/program-notes.js';
import { countText, plural } from '../../report/quantities.js';
import { resultDocument } from '../../report/result-document.js';
import { titleOf } from '../../report/title.js';
import { type GuestMemfdWorld, outcomeText, verifyText } from '../../report/verify-text.js';
import { wrapWords } from '../../report/wrap.js';
import { schemeNotes } from '../../subject/scheme-note.js';
import { resolveSubject, type Subject } from '../../subject/subject.js';
import { claimOf } from '../../verify/claim.js';
import type { VerifyProgress } from '../../verify/options.js';
import { type VerifyResult, verify } from '../../verify/verify.js';
import { subjectText } from '../explore/explore-text.js';
import { formatOf } from '../options/format-option.js';
import { guestMemfdWorldOf } from '../options/guest-memfd-world.js';
import { refuseUnwritablePage, writePageOf } from '../options/html-option.js';
import { unfoldOf } from '../options/report-options.js';
import { ExitStatus, type ExitStatusValue } from '../terminal/exit-status.js';
import { failureOf } from '../terminal/failure.js';
import { abortOnInterrupt, watchdog } from '../terminal/interrupt.js';
import { printResult } from '../terminal/print-export.js';
import { startProgress } from '../terminal/progress.js';
import { print, say } from '../terminal/terminal.js';
import { whileLocked } from './scratch-lock.js';
import type { VerifyWords } from './verify.js';
import { verifyPage } from './verify-page.js';

/** Widest line of prose. */
const WIDTH = 75;

/** Runs the search and prints the result; the exit status. */
export async function runVerify(scenario: string, words: VerifyWords): Promise<ExitStatusValue> {
  refuseUnwritablePage(words);
  const format = formatOf(words) ?? 'columns';
  const subject = await resolveSubject({ scenario, scheme: words.scheme, settings: words.set }, say);
  const keeper = new FindingKeeper(subject, words.out, say);
  const start = performance.now();
  const guard = watchdog(words.budget);
  const result = await whileLocked(words.scratch, () => verified(subject, words, start, guard));
  const seconds = (performance.now() - start) / 1000;
  const { program, verdict } = result;
  const { details, coverage } = words;
  const kept = result.findings.map((finding) => {
    const smallest = smallestFinding(subject.model, finding, program, guard);
    keeper.keep(smallest, program);
    return keeper.reported(smallest, program, unfoldOf(words));
  });
  const notes = [...programNotes(program), ...(result.refused === undefined ? await schemeNotes([words.scheme]) : [])];
  for (const note of notes) say(`faultline: ${note}.`);
  if (format !== 'columns') {
    const { scenario: name, scheme, arch } = subject;
    const stats = statsOf(result, words, seconds, guestMemfdWorldOf(subject));
    const told = { scenario: name, scheme, arch, verdict, stats, findings: kept, notes };
    await printResult(format, resultDocument({ verb: 'verify', ...told }), () =>
      kept.map((each) => documentOfFinding(subject, each, program)),
    );
  } else {
    const stories = kept.map(findingText);
    print(
      `${wrapWords(subjectText(subject), WIDTH).join('\n')}\n\n${stories.join('')}${outcomeText(result)}\n${verifyText(result, seconds, { world: guestMemfdWorldOf(subject), details, coverage })}`,
    );
  }
  if (result.refused !== undefined) say(String(failureOf(result.refused).sentence));
  await writePageOf(words, () => verifyPage(subject, result, seconds, kept));
  if (keeper.hasUnwritten) return ExitStatus.Violation;
  if (result.interrupted) return ExitStatus.Interrupted;
  if (result.refused !== undefined) return failureOf(result.refused).status;
  const statuses = {
    violation: ExitStatus.Violation,
    verified: ExitStatus.Clean,
    inconclusive: ExitStatus.Inconclusive,
  };
  return statuses[verdict];
}

async function verified(subject: Subject, words: VerifyWords, start: number, guard: WorkGuard): Promise<VerifyResult> {
  const { order, all, count, symmetry, por, merge, kernel, workers, maxStates, budget, quiet, scratch } = words;
  const progress = await startProgress(quiet);
  let begunWith: number | undefined;
  const usualMemory = Math.min(4 * 2 ** 30, Math.floor(totalmem() / 3));
  try {
    return await verify(subject.model, {
      ...{ order, all, count, symmetry, por, merge, kernel, workers, titleOf },
      ...(maxStates === undefined ? {} : { maxStates }),
      ...(scratch === undefined ? {} : { scratch }),
      maxMemoryBytes: words.maxMemory ?? usualMemory,
      ...(budget === undefined ? {} : { deadline: () => performance.now() - start >= budget }),
      ...{ signal: abortOnInterrupt(), guard, clock: () => performance.now() },
      onProgress: (now) => {
        // What an earlier run left in a folder was not searched in this time.
        if (now.diskBytes !== undefined) begunWith ??= now.states;
        progress.update(progressText(subject, now, (performance.now() - start) / 1000, begunWith));
      },
    });
  } finally {
    progress.stop();
  }
}

function findingText(kept: KeptFinding): string {
  const { finding, columns, file } = kept;
  const { title, steps, contextSwitches, minimal, history } = finding;
  const found = `Found in a run of ${plural(history.steps, 'step')} with ${plural(history.contextSwitches, 'context switch')}`;
  const least = minimal ? 'none of which can be left out' : 'not yet the smallest';
  const isSame = steps === history.steps && contextSwitches === history.contextSwitches;
  const smallest = isSame ? '' : `; its smallest form has ${steps} with ${contextSwitches}`;
  const shown = claimOf(finding) ? '' : `${smallest}, ${least}`;
  const sentence = history.steps === 0 ? 'Found before the first step.' : `${found}${shown}.`;
  const keptIn = file === undefined ? '' : `Kept in ${file}\n`;
  const ran = wrapWords(sentence, WIDTH).join('\n');
  return `${storyOf(title, columns)}\n${ran}\n${keptIn}${replayLines(kept)}\n\n`;
}

function progressText({ scenario }: Subject, now: VerifyProgress, seconds: number, begunWith = 0): string {
  const { phase, states, frontier, depth, memoryBytes, diskBytes, transitions, findings } = now;
  const rate = (count: number): string => countText(count / Math.max(seconds, 0.001));
  const size = (bytes: number): string => `${countText(bytes / 2 ** 20)} MiB`;
  const numbers = [
    ...(diskBytes === undefined ? [] : [`level ${countText(depth)}`]),
    `${countText(states)} states`,
    ...(diskBytes === undefined ? [`${rate(transitions)} transitions/s`] : [`${rate(states - begunWith)} states/s`]),
    `frontier ${countText(frontier)}`,
    ...(diskBytes === undefined ? [`depth ${countText(depth)}`, size(memoryBytes)] : [`${size(diskBytes)} on disk`]),
    ...(findings === 0 ? [] : [`${findings} found`]),
  ];
  return `${scenario}: ${phase}: ${numbers.join(', ')}`;
}

function statsOf(
  result: VerifyResult,
  { order }: VerifyWords,
  seconds: number,
  world: GuestMemfdWorld | undefined,
): object {
  const { verdict: _, findings: __, program: ___, refused: ____, coverage, bound, ...stats } = result;
  const whole = { ...bound, ...(world && { ...world, notModelled: NOT_MODELLED }) };
  return { ...stats, bound: whole, ...coverage, order, seconds };
}
