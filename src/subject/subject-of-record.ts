/**
 * From a record back to a subject: what finding files and campaigns hold of one. Imported by what replays and resumes.
 *
 * To make the subject of a user's own file is to run that file. What a record holds may come from anybody, so it is run
 * only if it is on this disk word for word, or if the user says that it is trusted.
 */

import { InputError } from '../core/errors.js';
import { isSchemeFile } from '../gmem/named-scheme.js';
import { loadModel } from '../model/load-model.js';
import { changesOf, copyOf, filesOf, placeOnDisk } from './file-record.js';
import { withParameters } from './model-subject.js';
import { worldSubject } from './scenario-subject.js';
import type { Subject } from './subject.js';
import { type FileRecord, parametersOf, type SubjectRecord, scenarioOf } from './subject-record.js';

/** Whether a record may run what it holds. */
export interface RecordTrust {
  /** Files that it holds and that are not on this disk word for word may be run. */
  readonly trusted: boolean;
  /** What holds the record, for the refusal: the path of a file, say. */
  readonly holder: string;
  /** Folders in which its files may be, beside their own places. */
  readonly folders?: readonly string[];
  /** Runs a copy in any case: what runs for hours stays what it was, whoever changes the files meanwhile. */
  readonly copied?: boolean;
}

/** Of a record that was made of what was just loaded. */
export const OWN_RECORD: RecordTrust = { trusted: true, holder: 'the run' };

/**
 * The subject of a record.
 *
 * @throws InputError when a file it holds cannot be loaded, or is not trusted and not on this disk
 */
export async function subjectOfRecord(record: SubjectRecord, trust: RecordTrust): Promise<Subject> {
  if (record.model === 'file') {
    const model = await loadModel(runnable(record.modelFile, trust));
    return withParameters(model, parametersOf(record), record.settings, record.modelFile);
  }
  const { scheme, schemeFile, settings } = record;
  const [named, ...mutations] = scheme.split('+');
  if (schemeFile === undefined && isSchemeFile(named)) {
    throw new InputError(`faultline: ${trust.holder} names the scheme file ${named} and does not hold its text.`);
  }
  const base = schemeFile === undefined ? named : runnable(schemeFile, trust);
  const subject = await worldSubject(scenarioOf(record), [base, ...mutations].join('+'), schemeFile, scheme);
  return { ...subject, settings };
}

/** A path where the files say what they said: their own, or a copy. */
function runnable(file: FileRecord, { trusted, holder, folders, copied = false }: RecordTrust): string {
  const place = placeOnDisk(file, folders);
  if (place !== undefined && !copied) return place;
  if (place !== undefined || trusted) return copyOf(file);
  const changes = changesOf(file).map(
    ({ path, what }) => `${path} is ${what === 'gone' ? 'not there' : 'another one'}`,
  );
  const names = filesOf(file).map(({ path }) => path);
  throw new InputError(
    `faultline: ${holder} holds the text of ${names.join(', ')}, which is not the text on this disk ` +
      `(${changes.join(', ')}); it would be run, so read it first (show --format json), and add --trust to run it.`,
  );
}
