/**
 * Runs as pages show them: the trace document of a replay or of a file, what is shown beside it, and what the engine in
 * the page needs to go on from there. Imported by the verbs that write pages.
 */

import { readFileSync } from 'node:fs';
import type { Finding } from '../core/finding.js';
import type { Program } from '../core/program/program.js';
import { decodeToken } from '../report/token.js';
import { type AboutTrace, traceDocument } from '../report/trace-document.js';
import type { Say, Subject } from '../subject/subject.js';
import type { OtherScheme, RunOnPage, TryData } from '../trace/page-data.js';
import { traceSchema } from '../trace/trace-schema.js';
import { besideRun } from './beside.js';
import { findingContent } from './finding-content.js';
import { documentOfFile } from './finding-text.js';
import { readAnyFinding } from './read-finding.js';
import { type ReplayedRun, type ReplayOptions, replayed, replayedSource } from './replayed.js';
import { documentOfRun } from './run-document.js';

/** Why a page has no engine. */
const NO_ENGINE = 'Steps of your own cannot be tried here:';

/**
 * A run that was replayed, with the nearest that passes, and as far as another scheme can follow it where one is named.
 *
 * @throws InputError for a scheme that there is not
 */
export async function pageRunOf(run: ReplayedRun, tokenOrFile: string, otherScheme?: string): Promise<RunOnPage> {
  const { nearest } = run;
  const { scenario, scheme } = run.subject;
  const sourceUnder = (name: string | undefined) => ({ source: { scenario, ...(name && { scheme: name }) } });
  return {
    trace: documentOfRun(run, tokenOrFile),
    nearest: nearest && {
      trace: traceDocument(nearest.trace, sourceUnder(scheme)),
      ...{ words: nearest.words, firstDifference: nearest.firstDifference },
    },
    other: otherScheme === undefined ? undefined : await besideOnPage(run, otherScheme, sourceUnder(otherScheme)),
    trying: await tryDataOf(run.subject, run.token),
  };
}

async function besideOnPage(run: ReplayedRun, scheme: string, about: AboutTrace): Promise<OtherScheme> {
  const { trace, words } = await besideRun(run, scheme);
  return { scheme, trace: traceDocument(trace, about), words };
}

/**
 * What a file holds: a finding of any kind, or a trace document.
 *
 * @throws InputError when it is neither, no longer replays, or is not trusted
 */
export async function pageRunOfFile(path: string, say: Say, options: ReplayOptions = {}): Promise<RunOnPage> {
  const document = traceDocumentIn(path);
  if (document !== undefined) return { trace: document, trying: `${NO_ENGINE} the page was made of a trace document.` };
  const content = readAnyFinding(path);
  const holdsRun =
    content.schema === 'faultline.finding/1' ||
    (content.schema === 'faultline.live-finding/1' && content.reproducer !== null);
  if (holdsRun) return await pageRunOf(await replayed(path, say, options), path);
  const trace = await documentOfFile(path, content, say, options);
  return { trace, trying: `${NO_ENGINE} the run was recorded, and is known only as far as it is shown.` };
}

/** Findings of an engine that has just run; `shownAs`: what replays each, its token or its file. */
export async function pageRunsOfFindings(
  subject: Subject,
  program: Program,
  found: readonly { readonly finding: Finding; readonly file: string | undefined }[],
): Promise<RunOnPage[]> {
  const runs: RunOnPage[] = [];
  for (const { finding, file } of found) {
    const { token, finding: summary } = findingContent(subject, finding, program);
    const run = await replayedSource({ subject, line: token, finding: summary });
    runs.push(await pageRunOf(run, file ?? token));
  }
  return runs;
}

async function tryDataOf(subject: Subject, line: string): Promise<TryData | string> {
  const { record, builtIn } = subject;
  if (record.model === 'file') return `${NO_ENGINE} a page carries guest_memfd, and no model of a file.`;
  if (record.schemeFile !== undefined) return `${NO_ENGINE} a page carries the built-in schemes, and none of a file.`;
  const { scenario, scheme, settings, parts, kept } = await decodeToken(line);
  return {
    scenario: record.scenario,
    scheme: record.scheme,
    kept,
    token: { scenario, scheme, settings, parts },
    builtIn,
  };
}

/** The trace document in a file; undefined where it holds something else, or nothing that can be read. */
function traceDocumentIn(path: string): RunOnPage['trace'] | undefined {
  try {
    return traceSchema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}
