/**
 * Changed files: whether a user's files still say what they said when a finding was kept. A finding file replays from the
 * text that it holds, so without a word a repaired model would seem to be broken still. Imported by replays.
 */

import { changesOf, placeOnDisk } from '../subject/file-record.js';
import type { SubjectRecord } from '../subject/subject-record.js';

/**
 * A sentence for each file of the model's or the scheme's, and of those that these import, that has changed or is gone.
 * None where they are in one of `folders` as they were.
 */
export function changedFile(record: SubjectRecord, folders: readonly string[] = []): readonly string[] {
  const file = record.model === 'file' ? record.modelFile : record.schemeFile;
  if (file === undefined || placeOnDisk(file, folders) !== undefined) return [];
  return changesOf(file).map(({ path, what }) =>
    what === 'gone'
      ? `${path} is no longer there; this is a replay of what it said when it broke.`
      : `${path} has changed since it broke; this is a replay of what it said then. Verify or explore what it says now.`,
  );
}
