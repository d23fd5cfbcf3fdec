/**
 * Replays of what `conform` kept: the trace that a file names is held once more, if it is still what it was. Imported by
 * `replay`.
 */

import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../../core/errors.js';
import type { ConformFinding } from '../../kept/conform-finding.js';
import type { ExitStatusValue } from '../terminal/exit-status.js';
import { conformStatus, holdFiles, printConform, sayNoAnswer } from './run-conform.js';

/** Which files it names, where they lie today. */
type Named = NonNullable<ConformFinding['log']>;

/**
 * Holds it again and prints what comes of it; the exit status.
 *
 * @throws InputError when a trace or log is not there any more, or is another one
 */
export async function replayConform(
  file: string,
  finding: ConformFinding,
  { json, quiet }: { readonly json: boolean; readonly quiet: boolean },
): Promise<ExitStatusValue> {
  const { trace, log, maxStates, report } = finding;
  const path = placeOf(file, trace);
  const logPath = log && placeOf(file, log);
  const { scheme, clockError } = report;
  const words = { scheme, clockError, quiet, ...(maxStates === undefined ? {} : { maxStates }) };
  const withLog = logPath === undefined ? words : { ...words, log: logPath };
  const { held } = await holdFiles(path, withLog, (traceRead, logRead) => {
    if (traceRead.sha256 !== trace.sha256) throw changed(file, path);
    if (log !== undefined && logRead?.sha256 !== log.sha256) throw changed(file, logPath!);
  });
  if ('noAnswer' in held) return sayNoAnswer(held.noAnswer, json);
  printConform(held.document, json);
  return conformStatus(held.document);
}

/** Where a file lies that was named: there, or beside the finding. */
function placeOf(finding: string, { path }: Named): string {
  if (path === '-') {
    throw new InputError(
      `faultline: ${finding}: its trace was read from standard input and is not kept; faultline show draws the refusal.`,
    );
  }
  const place = [path, join(dirname(finding), basename(path))].find((each) => existsSync(each));
  if (place !== undefined) return place;
  throw new InputError(
    `faultline: ${finding}: there is no ${path} any more, here or beside the finding; faultline show draws the refusal.`,
  );
}

function changed(finding: string, path: string): InputError {
  return new InputError(
    `faultline: ${finding}: ${path} is not the file that was refused, for its hash is another; faultline show draws the refusal.`,
  );
}
