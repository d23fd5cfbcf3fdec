/**
 * Finding files: a finding with its whole subject, so that it replays where a token alone does not, and after the
 * user's own files have changed. Imported by the verbs.
 */

import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { FindingFile } from './finding-schema.js';

/**
 * Writes the file of a finding into a folder, which is made when it is absent: at once or not at all. Returns its path.
 *
 * @throws what the file system throws: a full disk, a folder that cannot be written
 */
export function writeFindingFile(folder: string, content: FindingFile): string {
  return writeJsonFile(folder, content.finding.id, content);
}

/** The same for any document. */
export function writeJsonFile(folder: string, name: string, content: unknown): string {
  makeFolder(resolve(folder));
  const path = join(folder, `${name}.json`);
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(unfinished, `${JSON.stringify(content, null, 2)}\n`, { flush: true });
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
  return path;
}

/** What is said when a folder takes no finding. */
export function unwrittenSentence(folder: string, error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  return `faultline: no finding can be written to ${folder} (${code}); they are printed only.`;
}

/**
 * Makes a folder and those above it. `recursive: true` would loop for ever below /proc, where mkdir says ENOENT although
 * the parent is there. Throws what the file system throws.
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}
