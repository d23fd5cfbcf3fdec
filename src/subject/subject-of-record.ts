/**
 * From a record back to a subject: what finding files and campaigns hold of one. Imported by what replays and resumes.
 */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Scenario } from '../gmem/scenarios/scenario.js';
import { loadModel } from '../model/load-model.js';
import { withParameters } from './model-subject.js';
import { worldSubject } from './scenario-subject.js';
import type { Subject } from './subject.js';
import { type FileRecord, parametersOf, type SubjectRecord } from './subject-record.js';

/** The subject of a record. Throws InputError when a file it holds cannot be loaded. */
export async function subjectOfRecord(record: SubjectRecord): Promise<Subject> {
  if (record.model === 'file') {
    const model = await loadModel(materialised(record.modelFile));
    return withParameters(model, parametersOf(record), record.settings, record.modelFile);
  }
  const { scenario, scheme, schemeFile, settings } = record;
  const [named, ...mutations] = scheme.split('+');
  const base = schemeFile === undefined ? named : materialised(schemeFile);
  const world = scenario as unknown as Scenario;
  const subject = await worldSubject(world, [base, ...mutations].join('+'), schemeFile, scheme);
  return { ...subject, settings };
}

/** A path where the file says what it said: its own, or a copy that is removed at exit. */
function materialised({ path, text }: FileRecord): string {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return path;
  const folder = mkdtempSync(join(tmpdir(), 'faultline-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const copy = join(folder, basename(path));
  writeFileSync(copy, text);
  return copy;
}
