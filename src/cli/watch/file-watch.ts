/**
 * Files that are watched. A file has changed when it says something else than it said when it was read; whether the
 * editor wrote it in place or put another one there makes no difference, so that folders are watched and not files.
 * Imported by `--watch`.
 */

import { type FSWatcher, readFileSync, unwatchFile, watch, watchFile } from 'node:fs';
import { dirname } from 'node:path';

/** How long nothing must happen before texts are compared: an editor writes a file in several pieces. */
const QUIET_MS = 50;
/** Between two looks where the system tells nothing. */
const LOOK_MS = 500;

/** A set of files. */
export class FileWatch {
  /** By absolute path, what a file said; undefined for one that is absent. */
  readonly #texts = new Map<string, string | undefined>();
  readonly #folders = new Map<string, FSWatcher | undefined>();
  #timer: NodeJS.Timeout | undefined;
  #onChange: ((paths: readonly string[]) => void) | undefined;

  /** Absolute paths, in the order in which they were added. */
  get paths(): readonly string[] {
    return [...this.#texts.keys()];
  }

  /** Watches a file; `text` is what it said when it was read. A file that is watched already stays as it was. */
  add(path: string, text: string | undefined = textAt(path)): void {
    if (this.#texts.has(path)) return;
    this.#texts.set(path, text);
    const folder = dirname(path);
    if (!this.#folders.has(folder)) this.#folders.set(folder, this.#watched(folder));
    if (this.#folders.get(folder) === undefined) watchFile(path, { interval: LOOK_MS }, () => this.#look());
    // It may have changed since it was read.
    this.#look();
  }

  /** From now on files have changed when they say something else than now. */
  remember(): void {
    for (const path of this.#texts.keys()) this.#texts.set(path, textAt(path));
  }

  /** The files that have changed since they were read or remembered, as soon as there is one. */
  changed(signal: AbortSignal): Promise<readonly string[]> {
    return new Promise((resolve) => {
      this.#onChange = (paths) => {
        if (!signal.aborted) resolve(paths);
      };
      this.#look();
    });
  }

  /** Watches no more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#onChange = undefined;
    for (const watcher of this.#folders.values()) watcher?.close();
    for (const path of this.#texts.keys()) unwatchFile(path);
  }

  /** Undefined where the system cannot tell, or has told of as many folders as it does. */
  #watched(folder: string): FSWatcher | undefined {
    try {
      const watcher = watch(folder, () => this.#look());
      // A folder that is removed: its files are absent, and may come back.
      watcher.on('error', () => this.#look());
      return watcher;
    } catch {
      return undefined;
    }
  }

  #look(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const paths = this.paths.filter((path) => textAt(path) !== this.#texts.get(path));
      if (paths.length > 0) this.#onChange?.(paths);
    }, QUIET_MS);
  }
}

function textAt(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
