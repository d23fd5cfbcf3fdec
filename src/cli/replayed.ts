/**
 * Replays: from a token or a finding file to the run it stands for, on the program of today. Imported by the verbs that
 * show one.
 */

import { existsSync } from 'node:fs';
import { InputError } from '../core/errors.js';
import { signatureText } from '../core/signature.js';
import type { Trace } from '../core/trace.js';
import { replaySchedule } from '../explore/replay.js';
import { builtinScenarioNames } from '../gmem/scenarios/builtin-scenarios.js';
import { isSchemeFile } from '../gmem/scheme-lookup.js';
import { compileModel } from '../primitives/model.js';
import { layoutHash } from '../report/layout-hash.js';
import { replayToken } from '../report/replay-token.js';
import { decodeToken, type Token } from '../report/token.js';
import { readFindingFile, subjectOfRecord } from './finding-file.js';
import { resolveSubject, type Subject } from './subject.js';

/** A run that was replayed. */
export interface Replayed {
  readonly subject: Subject;
  readonly token: string;
  readonly trace: Trace;
  /** What changed since it was found, although the ops are the same. */
  readonly notes: readonly string[];
}

/**
 * Replays a token or the finding in a file.
 *
 * @throws InputError when it is neither, when what it is about is not there, and when the run is another one today
 */
export async function replayed(tokenOrFile: string): Promise<Replayed> {
  const { subject, line } = await sourceOf(tokenOrFile);
  const token = decodeToken(line);
  const program = await compileModel(subject.model);
  const replay = replayToken(program, token, { ...subject.hashes, layout: layoutHash(program) });
  if (replay.firstDifference !== undefined) throw new InputError(replay.firstDifference);
  if (replay.trace === undefined) throw new Error('a replay that agrees has a trace');
  return { subject, token: line, trace: replay.trace, notes: replay.notes };
}

async function sourceOf(tokenOrFile: string): Promise<{ subject: Subject; line: string }> {
  if (/^\s*fl\d+:/.test(tokenOrFile)) {
    const line = tokenOrFile.replace(/\s+/g, '');
    return { subject: await subjectOfToken(decodeToken(line)), line };
  }
  if (!existsSync(tokenOrFile)) {
    throw new InputError(`faultline: ${shown(tokenOrFile)} is neither a token, which starts with "fl1:", nor a finding file`);
  }
  const { subject, token } = readFindingFile(tokenOrFile);
  return { subject: await subjectOfRecord(subject), line: token };
}

async function subjectOfToken({ scenario, scheme, settings }: Token): Promise<Subject> {
  const known = builtinScenarioNames.some((name) => name === scenario) && !isSchemeFile(scheme.split('+')[0]);
  if (known) return await resolveSubject({ scenario, scheme, settings });
  const what = scheme === '' ? scenario : `${scenario} under ${scheme}`;
  throw new InputError(`faultline: the token is about ${what}, which is not built in; replay its finding file instead`);
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
