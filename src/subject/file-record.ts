/**
 * File records: a user's file with all files that it imports, word for word, so that what was found with them can be seen
 * again where they have changed or are absent; and the way back to files that can be loaded. Imported by subjects and by
 * what is kept of findings.
 */

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { filesOfModule, loadModule } from '../model/load-module.js';
import type { FileText } from '../model/module-files.js';
import { textOfFile } from './scheme-text.js';
import type { FileRecord } from './subject-record.js';

/** What has become of a file that a record holds. */
export interface FileChange {
  readonly path: string;
  readonly what: 'gone' | 'changed';
}

/** The record of a file, which is loaded. Throws InputError when it cannot be. */
export async function fileRecordOf(path: string): Promise<FileRecord> {
  const own = resolve(path);
  await loadModule(own);
  const files = await filesOfModule(own);
  const imports = files.filter((file) => file.path !== own);
  const text = files.find((file) => file.path === own)?.text ?? textOfFile(own);
  return { path: own, text, ...(imports.length > 0 && { imports: [...imports] }) };
}

/** What identifies a record's files, for a hash: the text, and of each import where it is from there and its text. */
export function partsOf({ path, text, imports = [] }: FileRecord): readonly string[] {
  return [text, ...imports.flatMap((file) => [relative(dirname(path), file.path), file.text])];
}

/** All files of a record, the one that imports the others first. */
export function filesOf({ path, text, imports = [] }: FileRecord): readonly FileText[] {
  return [{ path, text }, ...imports];
}

/** The files of a record that are no longer on this disk as they were. */
export function changesOf(record: FileRecord): readonly FileChange[] {
  return filesOf(record).flatMap((file): FileChange[] => {
    const what = stateAt(resolve(file.path), file.text);
    return what === 'same' ? [] : [{ path: file.path, what }];
  });
}

/**
 * Where the files of a record are on this disk, word for word: in their own place, or with the file that imports the
 * others in one of `folders`. Undefined when they are in none.
 */
export function placeOnDisk(record: FileRecord, folders: readonly string[] = []): string | undefined {
  const home = dirname(record.path);
  const isAt = (folder: string): boolean =>
    filesOf(record).every(({ path, text }) => stateAt(resolve(folder, relative(home, path)), text) === 'same');
  const found = [home, ...folders.map((folder) => resolve(folder))].find(isAt);
  return found === undefined ? undefined : join(found, relative(home, record.path));
}

/**
 * Writes the files of a record into a folder of their own, which is removed at exit; the path of the one that imports the
 * others. Packages that they import are found where they were.
 */
export function copyOf(record: FileRecord): string {
  // Absolute, so that none leads out of the folder.
  const files = filesOf(record).map(({ path, text }) => ({ path: resolve(path), text }));
  const top = commonFolder(files.map(({ path }) => dirname(path)));
  const folder = mkdtempSync(join(tmpdir(), 'faultline-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const copyAt = (path: string): string => join(folder, relative(top, path));
  for (const { path, text } of files) {
    mkdirSync(dirname(copyAt(path)), { recursive: true });
    writeFileSync(copyAt(path), text);
  }
  linkPackages(dirname(files[0].path), folder);
  return copyAt(files[0].path);
}

/** The packages that a file in `home` finds, for the files of the copy. */
function linkPackages(home: string, folder: string): void {
  const link = join(folder, 'node_modules');
  if (existsSync(link)) return;
  for (let at = home; ; at = dirname(at)) {
    const packages = join(at, 'node_modules');
    const isThere = statSync(packages, { throwIfNoEntry: false })?.isDirectory() === true;
    if (isThere) symlinkSync(packages, link);
    if (isThere || at === dirname(at)) return;
  }
}

function commonFolder(folders: readonly string[]): string {
  const [first, ...rest] = folders.map((folder) => folder.split(sep));
  const same = first.findIndex((name, depth) => rest.some((names) => names[depth] !== name));
  return first.slice(0, same < 0 ? first.length : same).join(sep) || sep;
}

/** What has become of a file with this text. A pipe is no file: to read one may never end. */
function stateAt(path: string, text: string): 'same' | FileChange['what'] {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined || !stats.isFile()) return 'gone';
    const isSame = stats.size === Buffer.byteLength(text) && readFileSync(path, 'utf8') === text;
    return isSame ? 'same' : 'changed';
  } catch {
    return 'gone';
  }
}
