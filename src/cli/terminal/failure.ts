/**
 * Failures: from what was thrown to one sentence and an exit status. Imported by main.
 */

import { join, sep } from 'node:path';
import { CommanderError } from 'commander';
import { InputError, ModelError } from '../../core/errors.js';
import { CutOff } from '../../core/guard.js';
import { stackLines } from '../../core/stack-lines.js';
import { packageRoot } from '../../gmem/scenarios/package-root.js';
import type { ErrorDocument } from '../../report/error-schema.js';
import { ExitStatus, type ExitStatusValue } from './exit-status.js';

/** What to say (undefined when it has been said) and the status to exit with. */
export interface Failure {
  readonly sentence: string | undefined;
  /** The sentence where it has been said; undefined for what is no failure. */
  readonly message?: string;
  readonly status: ExitStatusValue;
}

/** The names of the statuses in JSON documents. */
const STATUSES: Readonly<Partial<Record<ExitStatusValue, ErrorDocument['status']>>> = {
  [ExitStatus.WrongInput]: 'wrong-input',
  [ExitStatus.Inconclusive]: 'inconclusive',
  [ExitStatus.Interrupted]: 'interrupted',
};

/** The JSON document `faultline.error/1`, which `--json` prints in the place of a result where there is none. */
export function errorDocument(message: string, status: ExitStatusValue): ErrorDocument {
  return { schema: 'faultline.error/1', status: STATUSES[status] ?? 'inconclusive', exitStatus: status, message };
}

/**
 * Wrong input and models that break a rule are the user's to repair, and so is what a file of the user's throws. All
 * else is ours: no answer, and the stack.
 */
export function failureOf(error: unknown): Failure {
  // Commander has spoken already; help and version are answers.
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return { sentence: undefined, status: ExitStatus.Clean };
    return {
      sentence: undefined,
      message: sentenceOf(error.message.replace(/^error: /, '')),
      status: ExitStatus.WrongInput,
    };
  }
  if (error instanceof InputError || error instanceof ModelError) {
    return { sentence: sentenceOf(error.message), status: ExitStatus.WrongInput };
  }
  if (error instanceof CutOff && error.reason === 'interrupt') {
    return { sentence: sentenceOf(error.stuck?.message ?? 'interrupted'), status: ExitStatus.Interrupted };
  }
  const { message = String(error), stack = message } = error instanceof Error ? error : {};
  const place = placeInUserFile(stack);
  if (place !== undefined) return { sentence: sentenceOf(`${place}: ${message}`), status: ExitStatus.WrongInput };
  return { sentence: `faultline: this should not have happened: ${stack}`, status: ExitStatus.Inconclusive };
}

function sentenceOf(message: string): string {
  const text = message.replace(/\s+/g, ' ').trim();
  const named = text.startsWith('faultline: ') ? text : `faultline: ${text}`;
  return /[.?!]$/.test(named) ? named : `${named}.`;
}

/** `path:line` of the innermost frame that lies in a file of the user's; undefined when there is none. */
function placeInUserFile(stack: string): string | undefined {
  const root = packageRoot(import.meta.url);
  const ours = ['dist', 'src', 'machines', 'workers', 'node_modules'].map((folder) => join(root, folder) + sep);
  for (const { path, line } of stackLines(stack)) {
    const isFile = path.startsWith('/') || /^[A-Z]:\\/.test(path);
    const isOurs = ours.some((folder) => path.startsWith(folder)) || path.includes(`${sep}node_modules${sep}`);
    if (isFile && !isOurs) return `${path}:${line}`;
  }
  return undefined;
}
