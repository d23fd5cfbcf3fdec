/**
 * Stack lines: the files and lines of a stack as it is printed, where lines are those of the file also where it was made
 * into something else to be run. Imported by whoever names a place in the user's text.
 */

import { nodeModule } from './node-module.js';

/** A place in a file. */
export interface StackLine {
  /** Absolute; without what a loader hangs on it. */
  readonly path: string;
  readonly line: number;
}

/** The places in a stack, innermost first, without those in Node's own files; none in a browser, which has no files. */
export function stackLines(stack: string): StackLine[] {
  const url = nodeModule('node:url');
  if (url === undefined) return [];
  return [...stack.matchAll(/^ {4}at (?:.* \()?(.+?):(\d+):\d+\)?$/gm)].flatMap(([, address, line]) => {
    if (address.startsWith('node:')) return [];
    const bare = address.replace(/\?.*$/, '');
    return [
      { path: bare.startsWith('file:') ? url.fileURLToPath(bare.replace(/#.*$/, '')) : bare, line: Number(line) },
    ];
  });
}
