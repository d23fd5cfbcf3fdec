/**
 * Judge: what a test is told of a model. Runs explore or verify within the time that the test has, and writes the message
 * that a programmer reads where it fails: title, columns, what replays it. Imported by the matchers of the test runners.
 */

import { InputError } from '../core/errors.js';
import type { Finding } from '../core/finding.js';
import { refuseUnknownOptions } from '../core/known-options.js';
import type { Program } from '../core/program/program.js';
import { keepCalls } from '../core/story/kept-calls.js';
import { traceOf } from '../core/story/trace.js';
import type { ExploreOptions } from '../explore/options.js';
import { findingContent } from '../kept/finding-content.js';
import { writeFindingFile } from '../kept/finding-file.js';
import { USUAL_FOLDER } from '../kept/finding-keeper.js';
import { replayLines, storyOf } from '../kept/story.js';
import { exploreAsUsual, verifyAsUsual } from '../library/as-usual.js';
import { withoutColors } from '../library/findings.js';
import { USUAL_SCHEDULES } from '../library/usual.js';
import { type Model, modelGiven } from '../model/model.js';
import { claimColumns } from '../report/claim-columns.js';
import { plural } from '../report/quantities.js';
import { fileOfModel, subjectOfModel } from '../subject/subject-of-model.js';
import { Watchdog } from '../threads/watchdog.js';
import { claimOf } from '../verify/claim.js';
import type { VerifyOptions } from '../verify/options.js';

/** What both matchers take. */
export interface JudgeOptions {
  /** Worker threads. Default 1: the test's own thread. */
  readonly workers?: number;
  /** Time after which the search is given up, in milliseconds. Default: four fifths of what the test has left. */
  readonly budgetMs?: number;
  /** Folder for the files of findings. Default: ./faultline-findings */
  readonly out?: string;
}

/** What `toBeRaceFree` takes; the defaults are those of `explore`. */
export interface RaceOptions
  extends JudgeOptions,
    Pick<ExploreOptions, 'strategy' | 'depth' | 'seed' | 'schedules' | 'stepBound' | 'signal'> {}

/** What `toVerify` takes; the defaults are those of `verify`. */
export interface VerdictOptions
  extends JudgeOptions,
    Pick<
      VerifyOptions,
      'order' | 'maxStates' | 'maxMemoryBytes' | 'symmetry' | 'por' | 'merge' | 'liveness' | 'lockOrder' | 'signal'
    > {}

/** What a test is told. */
export interface Judgement {
  /** Whether it holds; undefined when nobody can say. */
  readonly holds: boolean | undefined;
  /** What was found, or how much was looked at. */
  readonly message: string;
}

/** Of the time that a test has, what a search may take: the rest is for making a finding small and for writing it. */
const SHARE = 0.8;

/** Whether explore finds nothing. `leftMs`: the time that the test has left. */
export async function judgeRaces(
  model: Model,
  options: RaceOptions = {},
  leftMs = Number.POSITIVE_INFINITY,
): Promise<Judgement> {
  refuseUnknownOptions('toBeRaceFree()', options, RACE_NAMES);
  const { out, workers = 1, ...others } = options;
  refuseThreads(modelGiven(model), workers);
  const budgetMs = options.budgetMs ?? leftMs * SHARE;
  const clock = () => performance.now();
  // Where time may cut it short all the same, the usual number of schedules stays the bound.
  const { findings, stats, program } = await exploreAsUsual(model, {
    schedules: USUAL_SCHEDULES,
    ...others,
    ...(Number.isFinite(budgetMs) ? { budgetMs } : {}),
    ...{ workers, clock, guard: guardFor(budgetMs) },
  });
  const [finding] = findings;
  if (finding !== undefined) return { holds: false, message: await found(model, finding, program, out) };
  const { schedules, stream, bounded } = stats;
  const all = stream?.exhausted === true;
  if (schedules <= bounded) {
    return {
      holds: undefined,
      message: `${model.name}: no answer: no schedule came to its end (${plural(schedules, 'schedule')} begun)`,
    };
  }
  const looked = all
    ? 'every interleaving was tried'
    : `no race in ${plural(schedules, 'schedule')}, which is no proof`;
  const givenUp = bounded > 0 ? `; ${plural(bounded, 'schedule')} given up at the step bound` : '';
  return { holds: true, message: `${model.name}: ${looked}${givenUp}` };
}

/** Whether verify says so. */
export async function judgeVerdict(
  model: Model,
  options: VerdictOptions = {},
  leftMs = Number.POSITIVE_INFINITY,
): Promise<Judgement> {
  refuseUnknownOptions('toVerify()', options, VERDICT_NAMES);
  const { out, workers = 1, budgetMs = leftMs * SHARE, ...others } = options;
  refuseThreads(modelGiven(model), workers);
  const clock = () => performance.now();
  const endMs = clock() + budgetMs;
  const result = await verifyAsUsual(model, {
    ...others,
    ...{ workers, clock, deadline: () => clock() >= endMs, guard: guardFor(budgetMs) },
  });
  const [finding] = result.findings;
  if (finding !== undefined) return { holds: false, message: await found(model, finding, result.program, out) };
  if (result.verdict === 'verified') {
    return { holds: true, message: `${model.name}: verified: ${plural(result.states, 'distinct state')}` };
  }
  const why = result.stoppedBy ?? 'the search was given up';
  return {
    holds: undefined,
    message: `${model.name}: no answer: ${why}, after ${plural(result.states, 'distinct state')}; nothing was found in them`,
  };
}

/** What a programmer reads of a finding. The file is written where the model can be loaded again. */
async function found(model: Model, finding: Finding, program: Program, out = USUAL_FOLDER): Promise<string> {
  const subject = await subjectOfModel(model);
  const trace = traceOf(program, keepCalls(program.actors, finding.kept), finding.schedule);
  const columns = claimColumns(trace, claimOf(finding), finding.words, {});
  const story = withoutColors(storyOf(finding.title, columns)).trimEnd();
  if (subject === undefined) {
    const move = 'Replay: not possible, for the model is not in a file of its own that exports it.';
    return `${story}\n\n${move}`;
  }
  const content = findingContent(subject, finding, program);
  let file: string | undefined;
  let unwritten = '';
  try {
    file = writeFindingFile(out, content);
  } catch (error) {
    unwritten = `It could not be written to ${out} (${(error as NodeJS.ErrnoException).code ?? 'error'}).\n`;
  }
  const kept = file === undefined ? unwritten : `Kept in ${file}\n`;
  return `${story}\n\n${kept}${replayLines(file === undefined ? { token: content.token } : { file })}`;
}

/** Worker threads load the model again: a test's own file they would run as a test. */
function refuseThreads(model: Model, workers: number): void {
  if (workers <= 1 || fileOfModel(model) !== undefined) return;
  throw new InputError(
    `faultline: model "${model.name}" is asked to run on ${workers} threads, which have to load it again: move it out of the ` +
      'test into a file of its own that exports it, with source: import.meta.url.',
  );
}

function guardFor(budgetMs: number): Watchdog {
  return new Watchdog(Number.isFinite(budgetMs) ? { endMs: performance.now() + budgetMs } : {});
}

const RACE_NAMES = Object.keys({
  strategy: 1,
  depth: 1,
  seed: 1,
  schedules: 1,
  stepBound: 1,
  signal: 1,
  workers: 1,
  budgetMs: 1,
  out: 1,
} satisfies Record<keyof RaceOptions, 1>);

const VERDICT_NAMES = Object.keys({
  order: 1,
  maxStates: 1,
  maxMemoryBytes: 1,
  symmetry: 1,
  por: 1,
  merge: 1,
  liveness: 1,
  lockOrder: 1,
  signal: 1,
  workers: 1,
  budgetMs: 1,
  out: 1,
} satisfies Record<keyof VerdictOptions, 1>);
