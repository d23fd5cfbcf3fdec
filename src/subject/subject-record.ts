/**
 * Subject records: a subject as a finding file holds it, whole, so that the file replays where the user's own files are
 * absent or have changed. Imported by subjects and finding files.
 */

import type { z } from 'zod';
import type { Scenario } from '../gmem/scenarios/scenario.js';
import type { ParameterValue } from '../model/model.js';
import type { fileSchema, subjectRecordSchema } from './subject-record-schema.js';

/** A user's file: its absolute path and what it said, and the same of the files that it imports. */
export type FileRecord = z.infer<typeof fileSchema>;

/** What a finding file holds of a subject. */
export type SubjectRecord = z.infer<typeof subjectRecordSchema>;

/** The scenario of a record as the model takes it. */
export function scenarioOf(record: Extract<SubjectRecord, { model: 'guest_memfd' }>): Scenario {
  // Plain data of that shape, but for members that may be there with the value undefined.
  return record.scenario as unknown as Scenario;
}

/** The parameters of a record as a model takes them. */
export function parametersOf(record: Extract<SubjectRecord, { model: 'file' }>): Record<string, ParameterValue> {
  return record.parameters as Record<string, ParameterValue>;
}
