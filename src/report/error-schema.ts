/**
 * Error schema: the JSON document `faultline.error/1`, which `--json` prints where there is no result. Used by the command
 * line.
 */

import { z } from 'zod';

/** What it holds; `message` is the sentence that stderr has as well. */
export const errorSchema = z.strictObject({
  schema: z.literal('faultline.error/1'),
  status: z.enum(['wrong-input', 'inconclusive', 'interrupted']),
  exitStatus: z.int(),
  message: z.string(),
});

/** The document. */
export type ErrorDocument = z.infer<typeof errorSchema>;
