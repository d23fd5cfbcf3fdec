/**
 * Own files: which files are the package's, as it runs or as it is written. Used where a stranger's files are treated
 * in another way than ours.
 */

import { extname, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The running copy: `src` under a test runner that reads TypeScript, else `dist/src`. */
export const running = fileURLToPath(new URL('..', import.meta.url));

/** What the files of the running copy end in. */
export const extension = extname(fileURLToPath(import.meta.url));

const root = running.endsWith(`${sep}dist${sep}src${sep}`) ? resolve(running, '../..') : resolve(running, '..');

/** The folders of the package's files, as they are built and as they are written. */
export const ownFolders = [`${root}${sep}dist${sep}src${sep}`, `${root}${sep}src${sep}`] as const;

/** Whether a file is one of the package's. */
export function isOwnFile(path: string): boolean {
  return ownFolders.some((folder) => path.startsWith(folder));
}
