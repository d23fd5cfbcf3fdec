/**
 * The line of a stack that is the user's, for sentences about what they wrote. Any floor may import it.
 */

import { nodeModule } from './node-module.js';
import { type StackLine, stackLines } from './stack-lines.js';

/** Undefined in a browser, where stacks have no files and nobody asks. */
const nodePath = nodeModule('node:path')!;
const ours = nodeModule('node:url')?.fileURLToPath(new URL('..', import.meta.url)) ?? '';

/** The innermost line of a stack that is neither ours nor Node's nor a package's: `queue.mjs:12`. */
export function userLine(stack: string): string | undefined {
  const place = userPlace(stack);
  return place && textOf(place);
}

/** The same as a place. */
export function userPlace(stack: string): StackLine | undefined {
  return stackLines(stack).find(isUsers);
}

/** The line at which something was thrown, where it is the user's: who calls us is not to blame for what we do. */
export function throwingLine(stack: string): string | undefined {
  const [place] = stackLines(stack);
  return place !== undefined && isUsers(place) ? textOf(place) : undefined;
}

function isUsers({ path }: StackLine): boolean {
  return (
    nodePath.isAbsolute(path) && !path.startsWith(ours) && !path.includes(`${nodePath.sep}node_modules${nodePath.sep}`)
  );
}

function textOf({ path, line }: StackLine): string {
  return `${nodePath.basename(path)}:${line}`;
}

/** The line of the user's that calls us, in brackets behind a space; empty where nobody but us is on the stack. */
export function calledAt(): string {
  const line = userLine(new Error('called').stack ?? '');
  return line === undefined ? '' : ` (${line})`;
}
