/**
 * The files of a scenario as plain data: what holds of their VMs and inodes together. Imported by scenarios and the rules.
 */

import type { ScenarioFile } from './scenario.js';

/** How many pages all inodes have together, when each has so many; without `files` there is one inode. */
export function pagesOfInodes(gfns: number, files: readonly ScenarioFile[] | undefined): number {
  return gfns * inodesOf(files);
}

/** Whether two VMs have a file of one inode: the second was linked to it. */
export function isLinked(files: readonly ScenarioFile[] = []): boolean {
  return inodesOf(files) < files.length;
}

function inodesOf(files: readonly ScenarioFile[] | undefined): number {
  return files === undefined ? 1 : new Set(files.map(({ inode }) => inode)).size;
}
