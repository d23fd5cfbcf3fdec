/**
 * Manifest: the one file of a scratch folder that says what the others are, replaced as a whole behind each level. What it
 * does not name counts for nothing. Used by the scratch folder.
 */

import { z } from 'zod';

/** What another version writes is not read. */
export const SCRATCH_VERSION = 1 as const;

const whole = z.int().nonnegative();

const runSchema = z.strictObject({
  file: z.string().regex(/^[a-z]+-\d+-\d+\.run$/),
  states: whole,
  bytes: whole,
  layout: whole,
});

const factSchema = z.discriminatedUnion('what', [
  z.strictObject({ what: z.literal('value'), base: z.int(), value: z.int() }),
  z.strictObject({ what: z.literal('result'), op: z.string(), result: z.int() }),
  z.strictObject({ what: z.literal('apart'), op: z.string() }),
  z.strictObject({ what: z.literal('asymmetry'), reason: z.string() }),
]);

/** What the file holds. */
export const manifestSchema = z.strictObject({
  version: z.literal(SCRATCH_VERSION),
  /** Digests of the model with the options, and of what it was compiled to. */
  of: z.string(),
  plan: z.string(),
  /** The model's name, for whoever looks. */
  model: z.string(),
  /** What the plan was made from. */
  facts: z.array(factSchema),
  /** How states are packed: the order of their fields, the values of each (field, value, ...), the bits of each in each layout. */
  order: z.array(whole),
  learned: z.array(z.int()),
  layouts: z.array(z.array(whole)).min(1),
  /** The states by their distance from the first one; and all of these but the last level's once more, in few runs. */
  levels: z.array(runSchema).min(1),
  known: z.array(runSchema),
  /** Whether the last level is known to lead nowhere new, or what broke ended the search. */
  over: z.boolean(),
  counts: z.strictObject({
    expanded: whole,
    transitions: whole,
    completed: whole,
    deadlocked: whole,
    loops: z.boolean(),
  }),
  /** The states from which signatures were met first, unpacked, in their order. */
  sighted: z.array(z.strictObject({ signature: z.string(), level: whole, row: z.array(z.int()) })),
  /** What was executed, and the final states, as base64. */
  executed: z.base64(),
  finalStates: z.strictObject({ file: z.string().regex(/^final-\d+-\d+\.run$/), bytes: whole, digest: z.string() }),
  finalStatesFolded: z.boolean(),
});

/** What the file holds. */
export type Manifest = z.infer<typeof manifestSchema>;
