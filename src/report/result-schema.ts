/**
 * Result schema: the JSON document `faultline.result/1` that every verb prints with `--json`. Programs that read
 * results may rely on it; what does not apply is left out. Used by the result document and by tests.
 */

import { z } from 'zod';
import { findingKinds } from '../core/finding-kind.js';

/** An integer; beyond 2^53 as a string of digits, because JSON readers would round it. */
const integer = z.union([z.int(), z.string().regex(/^-?\d{16,}$/)]);
const hash = z.string().regex(/^[0-9a-f]{8}$/);
const kind = z.enum(findingKinds);
const verdict = z.enum(['violation', 'clean', 'verified', 'inconclusive']);

const finding = z.strictObject({
  id: hash,
  kind,
  signature: z.string().min(1),
  title: z.string().min(1),
  /** Replays the finding: `faultline replay <token>`. Left out where only the file can. */
  token: z.string().optional(),
  /** Left out, with `contextSwitches`, for what a live run saw and no schedule is known to show. */
  steps: integer.optional(),
  contextSwitches: integer.optional(),
  /** Left out when a token was replayed, which does not say it. */
  minimal: z.boolean().optional(),
  /** explore: number of the schedule that showed it first, from 1 on, and what picked that. */
  schedule: integer.optional(),
  strategy: z.string().optional(),
  /** Path of the finding file, when one was written. */
  file: z.string().optional(),
  /**
   * What `--world` needs to replay the token, where neither that is built in nor a file could be written: the content of a
   * world document (`faultline.world/1`), or the path of the user's own model.
   */
  world: z.json().optional(),
  /** Live runs: how often it was seen, first and last in the run's seconds, and what had been done before the first. */
  live: z
    .strictObject({
      ...{ count: integer, epoch: integer, calls: integer, faults: integer },
      ...{ seconds: z.number().nonnegative(), lastSeconds: z.number().nonnegative() },
    })
    .optional(),
  /** Live runs: schedules and scenarios that were searched for a reproducer. */
  search: z.strictObject({ schedules: integer, candidates: integer }).optional(),
});

const cell = z.strictObject({
  ...{ scheme: z.string(), scenario: z.string(), verdict, kind: kind.optional() },
  /** What ended it before all that was asked for was done: a bound, the budget, the interrupt. */
  stoppedBy: z.string().optional(),
  /** compare --expect: what was expected and why, and whether that is what came; `none`: it was cut short before. */
  expected: z
    .strictObject({ verdict: z.string(), reason: z.string(), answer: z.enum(['met', 'differs', 'none']) })
    .optional(),
});

/** Engines add counters of their own. */
const stats = z
  .object({
    schedules: integer.optional(),
    steps: integer.optional(),
    states: integer.optional(),
    transitions: integer.optional(),
    /** verify says `unbounded` where a run may go round for ever. */
    interleavings: z.union([integer, z.literal('unbounded')]).optional(),
    faults: integer.optional(),
    seconds: z.number().nonnegative().optional(),
  })
  .catchall(z.json());

/** What `--json` prints. */
export const resultSchema = z.strictObject({
  schema: z.literal('faultline.result/1'),
  verb: z.string().min(1),
  scenario: z.string().optional(),
  scheme: z.string().optional(),
  arch: z.string().optional(),
  seed: integer.optional(),
  verdict,
  stats: stats.optional(),
  findings: z.array(finding),
  cells: z.array(cell).optional(),
  /** What a user should know of the model beside the result: an actor that has no step, say. */
  notes: z.array(z.string()).optional(),
});

/** A parsed result document. */
export type ResultDocument = z.infer<typeof resultSchema>;
