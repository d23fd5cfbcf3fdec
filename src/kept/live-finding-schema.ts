/**
 * The schema of live finding files, `faultline.live-finding/1`. Imported by finding files.
 */

import { z } from 'zod';
import { findingKinds } from '../core/finding-kind.js';
import type { LiveFinding } from '../live/live-finding.js';
import type { SubjectRecord } from '../subject/subject-record.js';
import { subjectRecordSchema } from '../subject/subject-record-schema.js';
import type { FindingFile } from './finding-schema.js';

const count = z.int().nonnegative();
const amount = z.number().nonnegative();
const mode = z.enum(['read', 'write']);
const place = z.object({ function: z.string(), op: z.string(), opClass: z.string() });
const call = z.object({ call: count, name: z.string(), identities: z.array(count), result: z.number().optional() });

const liveFinding = z.object({
  kind: z.enum(findingKinds),
  words: z.string(),
  rule: z.string(),
  signature: z.object({ kind: z.enum(findingKinds), cell: z.string(), function: z.string(), op: z.string() }),
  actor: count.optional(),
  call: call.optional(),
  function: z.string(),
  op: z.string(),
  cell: z.string(),
  epoch: count,
  seconds: amount,
  calls: count,
  faults: count,
  wordsAbout: z.array(z.object({ word: z.int(), name: z.string() })),
  history: z.array(
    z.object({
      actor: count,
      actorName: z.string(),
      function: z.string(),
      op: z.string(),
      value: z.string(),
      version: count.optional(),
      order: z.int(),
    }),
  ),
  actors: z.array(
    z.object({
      actor: count,
      actorName: z.string(),
      at: place.optional(),
      inFlight: call.optional(),
      completed: z.array(call),
      held: z.array(z.object({ lock: z.string(), mode })),
    }),
  ),
  waits: z.array(
    z.object({
      actor: count,
      actorName: z.string(),
      lock: z.string(),
      mode,
      blockers: z.array(z.object({ actor: count, actorName: z.string(), mode })),
    }),
  ),
});

/** The zod schema; `reproducer` is that of a finding file. */
export function liveFindingFileSchema<S extends z.ZodType>(reproducer: S) {
  return z.strictObject({
    schema: z.literal('faultline.live-finding/1'),
    id: z.string().min(1),
    /** The world that ran, whole. */
    world: subjectRecordSchema,
    found: z.strictObject({ finding: liveFinding, count: count.min(1), lastSeconds: amount }),
    /** Null when none was searched: the run was interrupted before. */
    search: z.strictObject({ schedules: count, candidates: count }).nullable(),
    /** The scenario that was cut out, its schedule and its columns; null when the search did not reach it. */
    reproducer: reproducer.nullable(),
  });
}

/** What a live finding file holds. */
export interface LiveFindingFile {
  readonly schema: 'faultline.live-finding/1';
  readonly id: string;
  readonly world: SubjectRecord;
  readonly found: { readonly finding: LiveFinding; readonly count: number; readonly lastSeconds: number };
  readonly search: { readonly schedules: number; readonly candidates: number } | null;
  readonly reproducer: FindingFile | null;
}
