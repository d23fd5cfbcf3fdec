/**
 * Replays: from a token or a finding file to the run it stands for, on the program of today. Imported by the verbs that
 * show one.
 */

import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InputError } from '../core/errors.js';
import type { ScheduleSize } from '../core/finding.js';
import type { Program } from '../core/program/program.js';
import type { Violation } from '../core/run/checks.js';
import type { Schedule } from '../core/schedule.js';
import { type KeptCalls, keepCalls } from '../core/story/kept-calls.js';
import { roundWords } from '../core/story/round-words.js';
import { signatureText, signatureTitle } from '../core/story/signature.js';
import type { Trace } from '../core/story/trace.js';
import { findingId } from '../explore/finding-of.js';
import { replaySchedule } from '../explore/replay.js';
import { isSchemeFile } from '../gmem/named-scheme.js';
import { builtinScenarioNames } from '../gmem/scenarios/builtin-scenario-names.js';
import { compileModel } from '../model/model.js';
import { claimColumns } from '../report/claim-columns.js';
import { type ColumnOptions, columnsOf } from '../report/columns.js';
import { layoutHash } from '../report/layout-hash.js';
import { replayToken } from '../report/replay-token.js';
import type { FindingSummary } from '../report/result-document.js';
import { titleOf } from '../report/title.js';
import { decodeToken, type ReplayToken, TOKEN_STARTS } from '../report/token.js';
import { resolveSubject, type Say, type Subject } from '../subject/subject.js';
import { subjectOfRecord } from '../subject/subject-of-record.js';
import type { Claim } from '../verify/claim.js';
import { confirmClaim } from '../verify/confirm.js';
import { changedFile } from './changed-file.js';
import { type NearestRun, nearestRun } from './nearest-run.js';
import { storyOf } from './story.js';

/** A run that was replayed. */
export interface ReplayedRun {
  readonly subject: Subject;
  readonly token: string;
  readonly trace: Trace;
  /** Per actor, which calls of its script the run has. */
  readonly kept: KeptCalls;
  /** What changed since it was found, although the ops are the same. */
  readonly notes: readonly string[];
  /** The finding; undefined when nothing breaks any more. */
  readonly finding: FindingSummary | undefined;
  /** Title and columns. */
  readonly story: string;
  /** The same without the title and without colours. */
  readonly columns: string;
  /** What broke, also where the run alone does not show it. */
  readonly violation: Violation | undefined;
  /** The run beside it that passes, where there is one near. */
  readonly nearest: NearestRun | undefined;
  /** The step from which it goes round, where it does. */
  readonly loopFrom: number | undefined;
}

/** How to replay: the options of the columns, and what the user says of the source. */
export interface ReplayOptions extends ColumnOptions {
  /** The text in a finding file may be run where it is not on this disk. Default: not. */
  readonly trusted?: boolean | undefined;
  /** For a token: a file that holds what it is about, where that is not built in. */
  readonly world?: string | undefined;
}

/**
 * Replays a token or the finding in a file; what the user should know of its subject is told through `say`.
 *
 * @throws InputError when it is neither, when what it is about is not there or not trusted, and when the run is another one
 *   today
 */
export async function replayed(tokenOrFile: string, say: Say, options: ReplayOptions = {}): Promise<ReplayedRun> {
  return await replayedSource(await sourceOf(tokenOrFile, say, options), options);
}

/**
 * Replays what a token stands for, of a subject that is at hand.
 *
 * @throws InputError when the run is another one today
 */
export async function replayedSource(source: ReplaySource, options: ColumnOptions = {}): Promise<ReplayedRun> {
  const { subject, line, finding, changes = [] } = source;
  const token = await decodeToken(line);
  const program = await compileModel(subject.model);
  const replay = replayToken(program, token, { ...subject.hashes, layout: layoutHash(program) }, subject.builtIn);
  if (replay.firstDifference !== undefined) throw new InputError(replay.firstDifference);
  const { trace } = replay;
  const notes = [...changes, ...replay.notes];
  if (trace === undefined) throw new Error('a replay that agrees has a trace');
  const { violation } = trace;
  const nearest = nearestRun(trace);
  const columns = columnsOf(trace, { ...options, nearest: nearest?.words });
  const drawn = { nearest, columns, story: storyOf(titleOf(trace) ?? 'Nothing breaks in this run.', columns) };
  const run = { subject, token: line, trace, kept: token.kept, ...drawn, violation, loopFrom: undefined };
  if (token.claim !== undefined) {
    const { violation: confirmed, notes: more } = confirmClaim(program, token.schedule, token.claim);
    const all = [...notes, ...more];
    if (confirmed === undefined) return { ...run, notes: all, finding: undefined };
    const summary = finding ?? claimSummary(subject, token.claim, token.schedule);
    const { claim } = token;
    const loopFrom = claim.kind === 'lock-order' ? undefined : claim.loopFrom;
    const words = loopFrom === undefined ? confirmed.words : roundWords(trace, loopFrom, confirmed.words);
    const claimed = claimColumns(trace, claim, words, options);
    const round = {
      columns: claimed,
      story: storyOf(summary.title, claimed),
      violation: { ...confirmed, words },
      loopFrom,
    };
    return { ...run, ...round, notes: all, finding: summary };
  }
  if (trace.violation === undefined) return { ...run, notes, finding: undefined };
  return { ...run, notes, finding: finding ?? summaryOf(subject, program, token, trace) };
}

/** What is replayed. */
export interface ReplaySource {
  readonly subject: Subject;
  /** The token. */
  readonly line: string;
  readonly finding?: FindingSummary;
  /** What became of the user's files meanwhile. */
  readonly changes?: readonly string[];
}

async function sourceOf(
  tokenOrFile: string,
  say: Say,
  { trusted = false, world }: ReplayOptions,
): Promise<ReplaySource> {
  if (/^\s*fl\d+:/.test(tokenOrFile)) {
    const line = tokenOrFile.replace(/\s+/g, '');
    const token = await decodeToken(line);
    if (world === undefined) return { subject: await subjectOfToken(token, say), line };
    const { subjectOfWorld } = await import('./world-subject.js');
    return { subject: await subjectOfWorld(token, world, say), line };
  }
  if (world !== undefined) {
    throw new InputError(
      `faultline: --world ${world}: a finding file holds what it is about; only a token takes a world.`,
    );
  }
  if (!existsSync(tokenOrFile)) {
    const what = tokenOrFile.length > 60 ? `${tokenOrFile.slice(0, 60)}...` : tokenOrFile;
    throw new InputError(`faultline: there is no file ${what}, and it is no token: that starts with ${TOKEN_STARTS}`);
  }
  const { readFindingFile } = await import('./read-finding.js');
  const { subject: record, token, finding } = readFindingFile(tokenOrFile);
  // A model moves with its folder of findings, or is looked for where somebody works on it.
  const folders = [dirname(tokenOrFile), dirname(dirname(resolve(tokenOrFile))), '.'];
  const subject = await subjectOfRecord(record, { trusted, holder: tokenOrFile, folders });
  return { subject, line: token, finding, changes: changedFile(record, folders) };
}

async function subjectOfToken({ scenario, scheme, settings }: ReplayToken, say: Say): Promise<Subject> {
  const known = builtinScenarioNames.some((name) => name === scenario) && !isSchemeFile(scheme.split('+')[0]);
  if (known) return await resolveSubject({ scenario, scheme, settings }, say);
  const what = scheme === '' ? scenario : `${scenario} under ${scheme}`;
  throw new InputError(
    `faultline: the token is about ${what}, which is not built in; replay its finding file instead, or give --world the file it is about`,
  );
}

function summaryOf({ model }: Subject, program: Program, token: ReplayToken, trace: Trace): FindingSummary | undefined {
  const { violation, signature } = replaySchedule(program, token.schedule, keepCalls(program.actors, token.kept));
  if (violation === undefined || signature === undefined) return undefined;
  const text = signatureText(signature);
  const { kind } = violation;
  return {
    ...{ id: findingId(model, text), kind, signature: text, title: titleOf(trace) ?? text },
    ...sizeOf(token.schedule),
  };
}

function claimSummary({ model }: Subject, { kind, signature }: Claim, schedule: Schedule): FindingSummary {
  const title = signatureTitle(signature);
  return { id: findingId(model, signature), kind, signature, title, ...sizeOf(schedule) };
}

function sizeOf({ steps }: Schedule): ScheduleSize {
  const contextSwitches = steps.filter((actor, place) => place > 0 && actor !== steps[place - 1]).length;
  return { steps: steps.length, contextSwitches };
}
