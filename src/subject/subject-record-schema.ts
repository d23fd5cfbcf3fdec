/**
 * The schema of subject records. Imported by what reads them from a file; whoever writes one goes without zod, which takes
 * its time to load.
 */

import { z } from 'zod';
import { type ArgumentName, type CallName, callArguments, callKindOf, callNames } from '../gmem/calls/registry.js';
import {
  accesses,
  actorKinds,
  arches,
  conversions,
  LARGEST_ORDER,
  scenarioBounds,
} from '../gmem/scenarios/scenario.js';

const whole = z.int().nonnegative();
const access = z.enum(accesses);
const values = Object.fromEntries(
  Object.entries(callArguments).map(([name, { oneOf }]) => [name, z.enum(oneOf).optional()]),
) as Readonly<Record<ArgumentName, z.ZodOptional<z.ZodEnum<Readonly<Record<string, string>>>>>>;
const scenarioCall = z.strictObject({
  spec: z
    .strictObject({ call: z.enum(callNames), gfn: whole, count: whole.optional(), ...values })
    // A record has no defaults: what a call takes is there.
    .refine((spec) => missingIn(spec) === undefined, {
      error: ({ input }) => `the call has no "${missingIn(input as RecordedSpec)}"`,
    }),
  after: z.array(z.strictObject({ actor: whole, calls: whole })).optional(),
});
const slot = z.strictObject({
  gfn: whole,
  pages: z.int().min(1).max(scenarioBounds.gfns),
  index: whole,
});
const file = z.strictObject({ vm: whole, inode: whole });
const actor = z.strictObject({
  name: z.string(),
  kind: z.enum(actorKinds),
  file: whole.optional(),
  calls: z.array(scenarioCall),
});
// In the order in which a scenario has them once its settings are applied: its hash is of the text.
const scenario = z.strictObject({
  maxOrder: z.int().min(1).max(LARGEST_ORDER).optional(),
  name: z.string(),
  title: z.string(),
  arch: z.enum(arches),
  gfns: z.int().min(1).max(scenarioBounds.gfns),
  frames: z.int().min(1).max(scenarioBounds.frames),
  slots: z.array(slot).optional(),
  files: z.array(file).optional(),
  attribute: access,
  attributes: z.array(access),
  conversion: z.enum(conversions),
  gate: z.boolean(),
  hookFails: z.boolean(),
  allocationFails: z.boolean(),
  rmpoptFrames: z.int().min(1).max(scenarioBounds.frames).optional(),
  actors: z.array(actor).max(scenarioBounds.liveActors),
  lruBatch: z.literal(true).optional(),
  unassignFails: z.literal(true).optional(),
  launchFails: z.literal(true).optional(),
  noDirectMap: z.literal(true).optional(),
  psmashFails: z.literal(true).optional(),
  septSplitFails: z.literal(true).optional(),
  septRemoveFails: z.literal(true).optional(),
  septBusy: z.literal(true).optional(),
  iopteSplitFails: z.literal(true).optional(),
  dynamicPamt: z.literal(true).optional(),
  pamtRemoveFails: z.literal(true).optional(),
  hugetlbPool: z.literal(true).optional(),
  slowEvict: z.literal(true).optional(),
});

type RecordedSpec = { readonly call: CallName } & { readonly [Name in ArgumentName]?: string | undefined };

function missingIn(spec: RecordedSpec): string | undefined {
  return Object.keys(callKindOf(spec.call).takes).find((name) => spec[name as ArgumentName] === undefined);
}

const fileText = z.strictObject({ path: z.string().min(1), text: z.string() });
/** The zod schema of a user's file; `imports`: the files of the user's that it imports, directly or through others. */
export const fileSchema = fileText.extend({ imports: z.array(fileText).optional() });
const settings = z.record(z.string(), z.string());

/** The zod schema of a record. */
export const subjectRecordSchema = z.discriminatedUnion('model', [
  z.strictObject({
    model: z.literal('guest_memfd'),
    /** The whole scenario with its settings applied. */
    scenario,
    scheme: z.string(),
    /** The user's scheme file; left out for a built-in scheme. */
    schemeFile: fileSchema.optional(),
    settings,
  }),
  z.strictObject({
    model: z.literal('file'),
    name: z.string(),
    modelFile: fileSchema,
    parameters: z.record(z.string(), z.json()),
    settings,
  }),
]);
