/**
 * Module loader: a user's model or scheme file, TypeScript or JavaScript, from inside or outside the package.
 *
 * Node 20 reads no TypeScript and finds no `faultline` outside a package that depends on it; module-files.ts has both.
 * Works in the main thread and in workers. Imported by every floor that takes a file where it takes a name.
 */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { InputError, ModelError } from '../core/errors.js';
import { noSuchFile } from './absent-file.js';
import type { FileText, ModuleFiles, WantedFile } from './module-files.js';
import { extension, ownFolders, running } from './own-file.js';

let files: Promise<ModuleFiles> | undefined;
let onFile: ((file: WantedFile) => void) | undefined;

/**
 * Loads a module by path (from the working directory) or file URL; its exports by name. A file is loaded once.
 *
 * @throws InputError when there is no such file, or it cannot be read, or it throws while it is loaded
 */
export async function loadModule(pathOrUrl: string): Promise<Record<string, unknown>> {
  const path = pathOf(pathOrUrl);
  const own = ownModule(path);
  if (own !== undefined) return (await import(own)) as Record<string, unknown>;
  if (!existsSync(path)) throw new InputError(`faultline: ${noSuchFile(shown(pathOrUrl, path))}`);
  files ??= newFiles();
  try {
    return await (await files).load(path);
  } catch (cause) {
    if (cause instanceof InputError || cause instanceof ModelError) throw cause;
    const message = String(cause instanceof Error ? cause.message : cause);
    const reason = message.replace(/\s*Require stack:.*$/s, '').replace(/\s+/g, ' ');
    throw new InputError(`faultline: ${shown(pathOrUrl, path)} cannot be loaded: ${reason.trim()}`, { cause });
  }
}

/**
 * The files that a module was made of when it was loaded: itself and whatever files of the user's it imports, directly or
 * through others, by path. Packages and files of ours are not among them. Empty for a module that was not loaded.
 */
export async function filesOfModule(pathOrUrl: string): Promise<readonly FileText[]> {
  return files === undefined ? [] : (await files).of(pathOf(pathOrUrl));
}

/** Calls `listener` with each file of somebody else's that is to be loaded from now on, also where it cannot be. */
export function onFileWanted(listener: (file: WantedFile) => void): void {
  onFile = listener;
}

/** Whether a file of somebody else was loaded, or was begun to be. */
export function hasLoadedFiles(): boolean {
  return files !== undefined;
}

function pathOf(pathOrUrl: string): string {
  return pathOrUrl.startsWith('file:') ? fileURLToPath(pathOrUrl) : resolve(pathOrUrl);
}

/** Where the running copy has a file of ours, whichever copy of it was named; undefined for a file of somebody else. */
function ownModule(path: string): string | undefined {
  for (const copy of ownFolders) {
    if (!path.startsWith(copy)) continue;
    const name = path.slice(copy.length).replace(/\.[jt]s$/, extension);
    return pathToFileURL(resolve(running, name)).href;
  }
  return undefined;
}

async function newFiles(): Promise<ModuleFiles> {
  // By address and not by name: the public library stands above this floor and imports it.
  const ours = (name: string) => import(new URL(`../${name}${extension}`, import.meta.url).href) as Promise<object>;
  const library = { faultline: await ours('index'), 'faultline/gmem': await ours('gmem/public') };
  // Only now: whoever lists names, or uses built-in ones, does not wait for it.
  const { createJiti } = await import('jiti');
  const jiti = createJiti(import.meta.url, { virtualModules: { ...library, xstate: await import('xstate') } });
  const { ModuleFiles } = await import('./module-files.js');
  const ownFile = (path: string) => {
    const own = ownModule(path);
    return own && fileURLToPath(own);
  };
  return new ModuleFiles(jiti, ownFile, (file) => onFile?.(file));
}

function shown(pathOrUrl: string, path: string): string {
  return pathOrUrl.startsWith('file:') ? path : pathOrUrl;
}
