/**
 * Changed files: whether a user's file still says what it said when a finding was kept. A finding file replays from the
 * text that it holds, so without a word a repaired model would seem to be broken still. Imported by replays.
 */

import { existsSync, readFileSync } from 'node:fs';
import type { SubjectRecord } from '../subject/subject-record.js';

/** A sentence when the model's or the scheme's file has changed or is gone; else, and where there is none, nothing. */
export function changedFile(record: SubjectRecord): readonly string[] {
  const file = record.model === 'file' ? record.modelFile : record.schemeFile;
  if (file === undefined) return [];
  const { path, text } = file;
  if (!existsSync(path)) return [`${path} is no longer there; this is a replay of what it said when it broke.`];
  if (readFileSync(path, 'utf8') === text) return [];
  return [
    `${path} has changed since it broke; this is a replay of what it said then. Verify or explore what it says now.`,
  ];
}
