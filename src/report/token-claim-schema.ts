/**
 * The schema of token claims. Used by tokens that hold one; the schema of an edge also by finding files.
 */

import { z } from 'zod';

const count = z.int().nonnegative();
const side = z.enum(['read', 'write']);

/** The zod schema of a lock that is wanted while another is held. */
export const claimedEdgeSchema = z.object({
  ...{ held: z.string(), heldAs: side, wanted: z.string(), wantedAs: side, function: z.string(), actor: count },
  others: z.array(z.object({ name: z.string(), as: side })).default([]),
});

/** The zod schema of a claim. */
export const claimSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['livelock', 'starvation']), signature: z.string(), loopFrom: count }),
  z.strictObject({
    kind: z.literal('lock-order'),
    signature: z.string(),
    edges: z.array(claimedEdgeSchema).min(1),
    idle: z.boolean().optional(),
  }),
]);
