/**
 * Disk: the few things a campaign asks of a file system, so that tests can have it fail at any of them. Used by the
 * journal and the checkpoint.
 */

import { open, readFile } from 'node:fs/promises';
import { replaceFile } from '../core/replace-file.js';

/** A file that is written at its end only. */
export interface AppendedFile {
  /** Writes all of it at the end of what was written before; part of it may be on the disk when it fails. */
  append(text: string): Promise<void>;
  /** Returns when all of it is on the disk. */
  sync(): Promise<void>;
  /** Cuts what was written beyond so many bytes. */
  cut(bytes: number): Promise<void>;
  close(): Promise<void>;
}

/** A file system. */
export interface Disk {
  /** The whole file; undefined when there is none. */
  read(path: string): Promise<Buffer | undefined>;
  openAppended(path: string): Promise<AppendedFile>;
  /** Puts a file in the place of another, or of none: at once or not at all, and for good. */
  replace(path: string, text: string): Promise<void>;
}

/** The file system of this machine. */
export const realDisk: Disk = {
  async read(path) {
    try {
      return await readFile(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  },

  async openAppended(path) {
    const file = await open(path, 'a');
    return {
      append: (text) => file.appendFile(text),
      sync: () => file.datasync(),
      cut: (bytes) => file.truncate(bytes),
      close: () => file.close(),
    };
  },

  replace: replaceFile,
};
