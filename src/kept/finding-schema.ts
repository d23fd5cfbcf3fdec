/**
 * The schema of finding files, `faultline.finding/1`. Imported by what reads them.
 */

import { z } from 'zod';
import { findingKinds } from '../core/finding-kind.js';
import { claimedEdgeSchema } from '../report/token-claim-schema.js';
import { subjectRecordSchema } from '../subject/subject-record-schema.js';

const count = z.int().nonnegative();

/** The zod schema of a finding file. */
export const findingFileSchema = z.strictObject({
  schema: z.literal('faultline.finding/1'),
  token: z.string().min(1),
  finding: z.strictObject({
    id: z.string().min(1),
    kind: z.enum(findingKinds),
    signature: z.string(),
    title: z.string(),
    words: z.string(),
    rule: z.string(),
    schedule: z.strictObject({ steps: z.array(count), choices: z.array(count) }),
    kept: z.array(z.array(count)),
    steps: count,
    contextSwitches: count,
    minimal: z.boolean(),
    foundAt: count,
    strategy: z.string().optional(),
    history: z.strictObject({ steps: count, contextSwitches: count }),
    opsHash: z.string(),
    /** Livelock and starvation: the step from which it goes round. */
    loopFrom: count.optional(),
    /** Lock order: each lock of the ring with the one that is wanted while it is held. */
    lockCycle: z.array(claimedEdgeSchema.extend({ state: count })).optional(),
    idle: z.boolean().optional(),
  }),
  subject: subjectRecordSchema,
  /** The story as it was printed. */
  columns: z.string(),
});

/** What a finding file holds. */
export type FindingFile = z.infer<typeof findingFileSchema>;
