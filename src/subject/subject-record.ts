/**
 * Subject records: a subject as a finding file holds it, whole, so that the file replays where the user's own files are
 * absent or have changed. Imported by subjects and finding files.
 */

import { z } from 'zod';
import {
  accesses,
  arches,
  conversions,
  guestCalls,
  hostCalls,
  type Scenario,
  scenarioBounds,
} from '../gmem/scenarios/scenario.js';
import type { ParameterValue } from '../model/model.js';

const whole = z.int().nonnegative();
const access = z.enum(accesses);
const scenarioCall = z.strictObject({
  spec: z.strictObject({
    call: z.enum([...guestCalls, ...hostCalls]),
    gfn: whole,
    count: whole.optional(),
    as: access.optional(),
    to: access.optional(),
  }),
  after: z.array(z.strictObject({ actor: whole, calls: whole })).optional(),
});
const scenario = z.strictObject({
  name: z.string(),
  title: z.string(),
  arch: z.enum(arches),
  gfns: z.int().min(1).max(scenarioBounds.gfns),
  frames: z.int().min(1).max(scenarioBounds.frames),
  attribute: access,
  attributes: z.array(access),
  conversion: z.enum(conversions),
  gate: z.boolean(),
  hookFails: z.boolean(),
  allocationFails: z.boolean(),
  actors: z
    .array(z.strictObject({ name: z.string(), kind: z.enum(['vcpu', 'host']), calls: z.array(scenarioCall) }))
    .max(scenarioBounds.liveActors),
});

const fileText = z.strictObject({ path: z.string().min(1), text: z.string() });
/** A user's file; `imports`: the files of the user's that it imports, directly or through others. */
const file = fileText.extend({ imports: z.array(fileText).optional() });
const settings = z.record(z.string(), z.string());

/** The zod schema of a record. */
export const subjectRecordSchema = z.discriminatedUnion('model', [
  z.strictObject({
    model: z.literal('guest_memfd'),
    /** The whole scenario with its settings applied. */
    scenario,
    scheme: z.string(),
    /** The user's scheme file; left out for a built-in scheme. */
    schemeFile: file.optional(),
    settings,
  }),
  z.strictObject({
    model: z.literal('file'),
    name: z.string(),
    modelFile: file,
    parameters: z.record(z.string(), z.json()),
    settings,
  }),
]);

/** A user's file: its absolute path and what it said, and the same of the files that it imports. */
export type FileRecord = z.infer<typeof file>;

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
