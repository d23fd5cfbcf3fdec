/**
 * What the house rules look at: a path from the repository's root, with forward slashes, and the text of the file.
 *
 * Rules are functions of a list of these, so that a test can break each of them without touching the disk.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** The files below the given folders of `root` whose name matches, in a fixed order; a folder that is absent has none. */
export function readSourceFiles(root: string, folders: readonly string[], name: RegExp): SourceFile[] {
  return folders.flatMap((folder) =>
    entriesOf(join(root, folder))
      .map((entry) => `${folder}/${entry.split(sep).join('/')}`)
      .filter((path) => name.test(path))
      .sort()
      .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') })),
  );
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
