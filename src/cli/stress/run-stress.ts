/**
 * What `faultline stress` does: runs the live engine, searches a reproducer for what it finds, prints and keeps both.
 * Imported by the verb.
 */

import { InputError, ModelError } from '../../core/errors.js';
import type { WorkGuard } from '../../core/guard.js';
import type { Program } from '../../core/program/program.js';
import { findingContent } from '../../kept/finding-content.js';
import { LiveFindingKeeper } from '../../kept/live-finding-keeper.js';
import { type ReproducerSearch, searchReproducer } from '../../kept/reproducer.js';
import { livePace, USUAL_STRESS_MS } from '../../library/usual.js';
import { type LiveRun, live } from '../../live/live.js';
import type { FoundAgain, LiveReport } from '../../live/live-report.js';
import { compileUnder } from '../../model/model.js';
import { liveTitle } from '../../report/live-history.js';
import { programNotes } from '../../report/program-notes.js';
import { plural, secondsText } from '../../report/quantities.js';
import { resultDocument } from '../../report/result-document.js';
import { doneText, stressNotCovered, stressReport } from '../../report/stress-report.js';
import { stressStats } from '../../report/stress-stats.js';
import type { StressWorld } from '../../report/stress-world.js';
import { schemeNotes } from '../../subject/scheme-note.js';
import { resolveSubject, type Subject } from '../../subject/subject.js';
import { loopingSubject, subjectWithVcpus, vcpusOf } from '../../subject/vcpu-subject.js';
import type { LiveBeat } from '../../trace/live-beat.js';
import { worldName } from '../explore/explore-text.js';
import { liveBeats } from '../live-page/live-beats.js';
import { type WatchedLive, watchedLive } from '../live-page/watched-live.js';
import { reportMetrics, tickMetrics } from '../metrics/live-metrics.js';
import { type MetricsSink, openMetrics } from '../metrics/metrics-sink.js';
import { usualWorkers } from '../options/engine-options.js';
import { refuseUnwritablePage, writePageOf } from '../options/html-option.js';
import { unfoldOf } from '../options/report-options.js';
import { ExitStatus, type ExitStatusValue } from '../terminal/exit-status.js';
import { failureOf } from '../terminal/failure.js';
import { abortOnInterrupt, watchdog } from '../terminal/interrupt.js';
import { type Progress, startProgress } from '../terminal/progress.js';
import { print, printJson, say } from '../terminal/terminal.js';
import { INVALIDATION, liveLine, liveRates } from './live-line.js';
import type { StressWords } from './stress.js';
import { reportedFinding, type StressFinding } from './stress-finding.js';
import { stressFindingText, stressHeadline } from './stress-text.js';

/** Runs the engine and prints the result; the exit status. */
export async function runStress(scenario: string, words: StressWords): Promise<ExitStatusValue> {
  refuseUnwritablePage(words);
  const named = await resolveSubject({ scenario, scheme: words.scheme, settings: words.set }, say);
  const { subject: looping, notes } = await loopingSubject(named);
  const subject = words.vcpus === undefined ? looping : await subjectWithVcpus(looping, words.vcpus);
  for (const note of notes) say(`faultline: ${note}`);
  const keeper = new LiveFindingKeeper(subject, say, words.out);
  const guard = watchdog(words.budget ?? USUAL_STRESS_MS);
  const program = await compileUnder(subject.model, guard);
  const metrics = await openMetrics(words, say);
  const watched = await watchedLive(words, `stress ${worldName(subject)}`);
  const progress = await startProgress(words.quiet);
  try {
    const report = await stressed(subject, program, words, keeper, { progress, watched, metrics }, guard);
    await watched.end(outcomeText(report, abortOnInterrupt().aborted));
    const findings: StressFinding[] = [];
    for (const found of report.findings) findings.push(await examined(found, subject, words, keeper, progress));
    progress.stop();
    const unchecked = program.repeatable === true ? program.finally.map(({ name }) => name) : [];
    const { perturb, failures } = words;
    const peers = peersOf(subject, report);
    const world: StressWorld = { unchecked, peers, perturb, failures, invalidation: invalidationOf(subject) };
    const notes = [
      ...programNotes(program),
      ...(report.refused === undefined ? await schemeNotes([words.scheme]) : []),
    ];
    const status = told(report, findings, subject, words, { world, notes });
    await writePageOf(words, async () => {
      const { stressPage } = await import('./stress-page.js');
      const verdict = outcomeText(report, abortOnInterrupt().aborted);
      return await stressPage(`stress ${worldName(subject)}`, verdict, report, world, findings);
    });
    return status;
  } catch (error) {
    if (!(error instanceof ModelError) || !abortOnInterrupt().aborted) throw error;
    progress.stop();
    say(String(failureOf(error).sentence));
    return ExitStatus.Interrupted;
  } finally {
    progress.stop();
    await metrics.close();
    await watched.end('The run has ended.');
  }
}

/** The live run, up to its first finding or to the end of its budget. */
async function stressed(
  subject: Subject,
  program: Program,
  words: StressWords,
  keeper: LiveFindingKeeper,
  watchers: Watchers,
  guard: WorkGuard,
): Promise<LiveReport> {
  const { seed, threads, perturb, failures, keepGoing, budget = USUAL_STRESS_MS } = words;
  let endMs: number | undefined;
  const run = live(subject.model, {
    ...{ seed, perturb, failureRate: failures, stopAtFinding: !keepGoing },
    ...livePace,
    ...(threads === undefined ? {} : { threads }),
    ...{ signal: abortOnInterrupt(), guard },
    // It is asked first when the actors have begun, so the budget does not go into loading threads.
    deadline: () => {
      endMs ??= performance.now() + budget;
      return performance.now() >= endMs;
    },
  });
  run.events.subscribe((event) => {
    if (event.type !== 'finding' || !event.first) return;
    keeper.keep({ finding: event.finding, count: 1, lastSeconds: event.finding.seconds }, undefined);
  });
  showRates(run, subject, program, watchers);
  const report = await run.done;
  watchers.metrics.update(reportMetrics(report), namesOf(subject));
  return report;
}

/** Who watches the run: the line in the terminal, the live page, and Prometheus. */
interface Watchers {
  readonly progress: Progress;
  readonly watched: WatchedLive;
  readonly metrics: MetricsSink;
}

function namesOf({ scenario, scheme }: Subject) {
  return { scenario, scheme };
}

function showRates(
  run: LiveRun,
  subject: Subject,
  { actors, repeatable }: Program,
  { progress, watched, metrics }: Watchers,
): void {
  run.events.subscribe((event) => {
    if (event.type === 'tick') metrics.update(tickMetrics(event), namesOf(subject));
  });
  const once = repeatable !== true;
  const world = { actors: actors.length, once, invalidation: invalidationOf(subject) };
  liveRates(run.events, world).subscribe((rates) => progress.update(`${subject.scenario}: ${liveLine(rates)}`));
  const findings: LiveBeat['findings'][number][] = [];
  run.events.subscribe((event) => {
    if (event.type !== 'finding' || !event.first) return;
    const { words, seconds } = event.finding;
    findings.push({ title: liveTitle(event.finding), words, seconds });
  });
  watched.show(liveBeats(run.events, world, () => ({ world: worldName(subject), findings: [...findings] })));
}

/** Searches for a reproducer, unless the run was interrupted, and keeps what there is. */
async function examined(
  found: FoundAgain,
  subject: Subject,
  words: StressWords,
  keeper: LiveFindingKeeper,
  progress: Progress,
): Promise<StressFinding> {
  const signal = abortOnInterrupt();
  let search: ReproducerSearch | undefined;
  let refusal: string | undefined;
  if (!signal.aborted) {
    const { kind } = found.finding;
    progress.update(`${subject.scenario}: searching for a reproducer of the ${kind}`);
    try {
      search = await searchReproducer(subject, found.finding, {
        ...{ seed: words.seed, workers: usualWorkers(), signal, guard: watchdog() },
        onProgress: (schedules) =>
          progress.update(
            `${subject.scenario}: searching for a reproducer of the ${kind}, ${plural(schedules, 'schedule')}`,
          ),
      });
    } catch (error) {
      // What was found live stands, whether or not the controlled engine takes the model.
      if (!(error instanceof InputError || error instanceof ModelError)) throw error;
      refusal = error.message;
    }
  }
  const file = keeper.keep(found, search);
  const { reproducer } = search ?? {};
  const content =
    reproducer && findingContent(reproducer.subject, reproducer.finding, reproducer.program, unfoldOf(words));
  return { ...{ world: subject, found, search, file, refusal }, interrupted: signal.aborted, content };
}

function told(
  report: LiveReport,
  findings: readonly StressFinding[],
  subject: Subject,
  words: StressWords,
  { world, notes }: { readonly world: StressWorld; readonly notes: readonly string[] },
): ExitStatusValue {
  const { seed } = words;
  const interrupted = abortOnInterrupt().aborted;
  const verdict = verdictOf(report, interrupted);
  for (const note of notes) say(`faultline: ${note}.`);
  if (words.json) {
    const { scenario, scheme, arch } = subject;
    const stats = { ...stressStats(report, world), interrupted };
    const found = findings.map(reportedFinding);
    printJson(resultDocument({ verb: 'stress', scenario, scheme, arch, seed, verdict, stats, findings: found, notes }));
  } else {
    const stories = findings.map(stressFindingText).join('');
    print(
      `${stressHeadline(subject, report, words)}${stressReport(report, world)}\n` +
        `${stories === '' ? `${outcomeText(report, interrupted)}\n\n` : stories}${stressNotCovered(report, world)}`,
    );
  }
  if (report.refused !== undefined) say(String(failureOf(report.refused).sentence));
  if (findings.some(({ file }) => file === undefined)) return ExitStatus.Violation;
  if (interrupted) return ExitStatus.Interrupted;
  return { violation: ExitStatus.Violation, clean: ExitStatus.Clean, inconclusive: ExitStatus.Inconclusive }[verdict];
}

/** Nothing found is an answer only if something ran, and for as long as was asked for. */
function verdictOf(report: LiveReport, interrupted: boolean): 'violation' | 'clean' | 'inconclusive' {
  if (report.findings.length > 0) return 'violation';
  return hasRun(report) && !interrupted ? 'clean' : 'inconclusive';
}

/** Whether a call came to its end; where calls are made once, a world. */
function hasRun({ mode, finished, calls }: LiveReport): boolean {
  return mode === 'once' ? finished > 0 : calls > 0;
}

function outcomeText(report: LiveReport, interrupted: boolean): string {
  const count = `${doneText(report)} in ${secondsText(report.seconds)}`;
  if (report.findings.length > 0) return `${plural(report.findings.length, 'finding')} in ${count}.`;
  if (interrupted) return `Interrupted: nothing was found in ${count}.`;
  if (hasRun(report)) return `Clean in ${count}.`;
  return `No answer: no ${report.mode === 'once' ? 'world' : 'call'} came to its end.`;
}

/** vCPUs; in a user's own model the actors with one name but for their numbers. */
function peersOf(subject: Subject, { actors }: LiveReport): readonly (readonly number[])[] {
  const vcpus = vcpusOf(subject);
  if (vcpus !== undefined) return [vcpus];
  const groups = new Map<string, number[]>();
  for (const { actor, name } of actors) {
    const group = name.replace(/\d+$/, '');
    groups.set(group, [...(groups.get(group) ?? []), actor]);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}

function invalidationOf({ record }: Subject): string | undefined {
  return record.model === 'guest_memfd' ? INVALIDATION : undefined;
}
