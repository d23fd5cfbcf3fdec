/**
 * Token claim: what a finding says beyond its run, as text that a token can hold: JSON in base64url. Used by tokens.
 */

import type { Claim } from '../verify/claim.js';

/** Packs a claim. */
export function packClaim(claim: Claim): string {
  return Buffer.from(JSON.stringify(claim)).toString('base64url');
}

/** Unpacks a claim; undefined when the text is none. */
export async function unpackClaim(text: string): Promise<Claim | undefined> {
  // Few tokens have one, and zod takes its time to load.
  const { claimSchema } = await import('./token-claim-schema.js');
  try {
    return claimSchema.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString())).data;
  } catch {
    return undefined;
  }
}
