/**
 * The story of a finding for people: title, columns, how to see it again. Imported by the verbs that print findings.
 */

import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import colors from 'picocolors';
import type { Trace } from '../core/story/trace.js';
import { packageRoot } from '../gmem/scenarios/package-root.js';
import { type ColumnOptions, columnsOf } from '../report/columns.js';
import { titleOf } from '../report/title.js';

/** Title and columns of a run; when nothing broke, what it did. */
export function storyOfTrace(trace: Trace, options: ColumnOptions): string {
  return storyOf(titleOf(trace) ?? 'Nothing breaks in this run.', columnsOf(trace, options));
}

/** Title and columns. */
export function storyOf(title: string, columns: string): string {
  const marked = columns.replace(/\*\*\* [\w-]+ \*\*\*/g, (mark) => colors.red(mark));
  return `${colors.bold(title)}\n\n${marked}`;
}

/** The command that replays: a token, or the path of a finding file. */
export function replayCommandOf(tokenOrFile: string): string {
  return commandOf(`replay ${tokenOrFile}`);
}

/** What the user types to have us do something. */
export function commandOf(words: string): string {
  return `${programName()} ${words}`;
}

/** What the user types to call us: in a clone the script that builds first. */
function programName(): string {
  const script = join(packageRoot(import.meta.url), 'scripts', 'run');
  if (!existsSync(script)) return process.env.npm_command === 'exec' ? 'npx faultline' : 'faultline';
  const path = relative(process.cwd(), script);
  return path.startsWith('.') ? path : `./${path}`;
}
