/**
 * The text watch of the process (carried/watch.ts), loaded when there is a stranger's text to look at: reading texts takes
 * a parser. Used by whoever compiles models and loads schemes.
 */

import { fileURLToPath } from 'node:url';
import type { TextWatch } from './carried/watch.js';
import { isOwnFile } from './own-file.js';

let watch: Promise<TextWatch> | undefined;

/** The watch. */
export function textWatch(): Promise<TextWatch> {
  watch ??= import('./carried/watch.js').then((module) => new module.TextWatch());
  return watch;
}

/**
 * Looks at the routines of a stranger's file; of a file of ours nothing is asked.
 *
 * @throws ModelError for a routine that changes what is there before and after a call of it
 */
export async function watchFile(pathOrUrl: string): Promise<void> {
  const path = pathOrUrl.startsWith('file:') ? fileURLToPath(pathOrUrl) : pathOrUrl;
  if (!isOwnFile(path)) (await textWatch()).file(path);
}
