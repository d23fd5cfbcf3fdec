/**
 * Token claim: what a finding says beyond its run, as text that a token can hold: JSON in base64url. Used by tokens; the
 * schema also by finding files.
 */

import { z } from 'zod';
import type { Claim } from '../verify/claim.js';

const count = z.int().nonnegative();
const side = z.enum(['read', 'write']);

/** The zod schema of a lock that is wanted while another is held. */
export const claimedEdgeSchema = z.object({
  ...{ held: z.string(), heldAs: side, wanted: z.string(), wantedAs: side, function: z.string(), actor: count },
  others: z.array(z.object({ name: z.string(), as: side })).default([]),
});

const claimSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['livelock', 'starvation']), signature: z.string(), loopFrom: count }),
  z.strictObject({
    kind: z.literal('lock-order'),
    signature: z.string(),
    edges: z.array(claimedEdgeSchema).min(1),
    idle: z.boolean().optional(),
  }),
]);

/** Packs a claim. */
export function packClaim(claim: Claim): string {
  return Buffer.from(JSON.stringify(claim)).toString('base64url');
}

/** Unpacks a claim; undefined when the text is none. */
export function unpackClaim(text: string): Claim | undefined {
  try {
    return claimSchema.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString())).data;
  } catch {
    return undefined;
  }
}
