/**
 * Replaced files: a text in the place of another, at once or not at all. Used by campaigns and by searches on disk.
 */

import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Puts a file in the place of another, or of none: at once or not at all, and for good. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const unfinished = `${path}.tmp`;
  try {
    await written(await open(unfinished, 'w'), text);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {});
    throw error;
  }
  const folder = await open(dirname(path), 'r');
  // The name is on the disk only when its folder is.
  await folder.sync().finally(() => folder.close());
}

async function written(file: FileHandle, text: string): Promise<void> {
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
