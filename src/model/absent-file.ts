/**
 * Absent files: the sentence for one that is not there, with the one beside it that was probably meant. Imported by
 * whatever takes a path of the user's.
 */

import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { didYouMean } from '../core/input-sentence.js';

/** `there is no file ./quue.ts; did you mean "queue.ts"?` */
export function noSuchFile(path: string): string {
  const folder = path.slice(0, path.length - basename(path).length);
  const names = filesIn(dirname(path)).map((name) => (folder === '' ? name : join(folder, name)));
  return `there is no file ${path}${didYouMean(folder === '' ? path : join(path), names, '.')}`;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []));
  } catch {
    return [];
  }
}
