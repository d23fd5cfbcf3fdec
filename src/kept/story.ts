/**
 * The story of a finding for people: title, columns, how to see it again. Imported by the verbs that print findings.
 */

import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import colors from 'picocolors';
import { packageRoot } from '../gmem/scenarios/package-root.js';
import { wrapWords } from '../report/wrap.js';

/** Widest line of a title. */
const WIDTH = 80;

/** Title and columns. */
export function storyOf(title: string, columns: string): string {
  const marked = columns.replace(/\*\*\* [\w-]+ \*\*\*/g, (mark) => colors.red(mark));
  const heads = wrapWords(title, WIDTH, '  ').map((line) => colors.bold(line));
  return `${heads.join('\n')}\n\n${marked}`;
}

/** What replays a finding: its token, its file, or its token with what that is about. */
export interface ReplayedBy {
  readonly token?: string | undefined;
  readonly file?: string | undefined;
  readonly world?: object | string | undefined;
}

/** The lines that say how to see a finding again; they end without a line feed. */
export function replayLines({ token, file, world }: ReplayedBy): string {
  if (token === undefined || world === undefined) {
    const either = token ?? file;
    return either === undefined
      ? 'Replay: only from a finding file, which was not written.'
      : `Replay: ${replayCommandOf(either)}`;
  }
  if (typeof world === 'string') return `Replay: ${replayCommandOf(token)} --world ${world}`;
  const save =
    'Its file could not be written. Save the next line as world.json; with the token it is the whole finding:';
  return `${save}\n${JSON.stringify(world)}\nReplay: ${replayCommandOf(token)} --world world.json`;
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
  if (!existsSync(script)) return process.env.npm_command === undefined ? 'faultline' : 'npx faultline';
  const path = relative(process.cwd(), script);
  return path.startsWith('.') ? path : `./${path}`;
}
