/**
 * World documents: what a token is about, where that is not built in and no finding file could be written. With a token
 * they are a whole finding: `faultline replay <token> --world <file>`. Imported by what keeps findings.
 */

import type { z } from 'zod';
import type { Subject } from '../subject/subject.js';
import type { worldSchema } from './world-subject.js';

/** A scenario of guest_memfd under a scheme. */
export type WorldDocument = z.infer<typeof worldSchema>;

/** What a token is about: a scenario and a scheme, or the path of the user's own model. */
export type TokenWorld = WorldDocument | string;

/** What a subject's tokens are about. */
export function tokenWorldOf({ record }: Subject): TokenWorld {
  if (record.model === 'file') return record.modelFile.path;
  const { scenario, scheme } = record;
  return { schema: 'faultline.world/1', scenario, scheme };
}
