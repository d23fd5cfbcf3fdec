/**
 * Scratch lock: one search a scratch folder. Used by `faultline verify --scratch`.
 */

import { mkdirSync } from 'node:fs';
import { FolderTakenOver, lockFolder } from '../../campaign/folder-lock.js';
import { InputError } from '../../core/errors.js';

/** How often a process says that it is still at work there, for those that cannot see it. */
const RENEWED_MS = 60_000;

/**
 * Does work while no other process searches in a folder, which is made if it is not there.
 *
 * @throws InputError when another one does, or no folder can be made
 */
export async function whileLocked<T>(folder: string | undefined, work: () => Promise<T>): Promise<T> {
  if (folder === undefined) return await work();
  const lock = locked(folder);
  const timer = setInterval(() => {
    try {
      lock.renew(RENEWED_MS);
    } catch (error) {
      // What is written now is written to names that nobody else reads.
      if (!(error instanceof FolderTakenOver)) throw error;
    }
  }, RENEWED_MS).unref();
  try {
    return await work();
  } finally {
    clearInterval(timer);
    lock.release();
  }
}

function locked(folder: string): ReturnType<typeof lockFolder> {
  try {
    mkdirSync(folder, { recursive: true });
    return lockFolder(folder, { work: 'a search' });
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`faultline: --scratch ${folder} cannot be used: ${(error as Error).message}.`);
  }
}
