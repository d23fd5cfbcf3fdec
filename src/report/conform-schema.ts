/**
 * Conform schema: the JSON document `faultline.conform/1`: what came of holding a recording of a real kernel against the
 * model. The verb prints it with `--json`, its text is made of it, and a kept refusal holds it. Used by the command line.
 */

import { z } from 'zod';

const count = z.int().nonnegative();

/** One line of the trace. */
const event = z.strictObject({
  task: z.string(),
  /** Line in the trace, from 1. */
  line: count,
  /** In the units of the trace's clock. */
  time: z.number(),
  /** The mark of the model that it is the trace of. */
  kind: z.enum(['enter', 'leave', 'tracepoint']),
  name: z.string(),
  /** What stands behind the time. */
  text: z.string(),
  /** The line is one of the log, and not of the trace. */
  isInLog: z.literal(true).optional(),
});

/** What it holds; what the trace does not say is left out. */
export const conformSchema = z.strictObject({
  schema: z.literal('faultline.conform/1'),
  /** As it was named; `-` for standard input. */
  trace: z.string(),
  log: z.string().optional(),
  verdict: z.enum(['explained', 'refused', 'undecided']),
  /** Why it is undecided, as half a sentence. */
  because: z.string().optional(),
  scheme: z.string(),
  kernel: z.string().optional(),
  clock: z.string().optional(),
  cpus: count.optional(),
  /** Events that the recorder lost. */
  lost: count.optional(),
  tasks: z.array(z.string()),
  pages: count,
  /** Events that the model speaks of, and how many of them, in order, have an execution. */
  events: count,
  explained: count,
  groups: z.array(z.strictObject({ group: z.string(), events: count })),
  /** Of the log of accesses. */
  accesses: z.strictObject({ of: count, explained: count }).optional(),
  /** Lines that the model says nothing of, by event. */
  ignored: z.array(z.strictObject({ event: z.string(), lines: count })),
  /** What the trace does not show, so that the model was free to choose. */
  notRecorded: z.array(z.string()),
  states: z.strictObject({ average: z.number().nonnegative(), most: count }),
  clockError: count,
  refusal: z
    .strictObject({
      event,
      /** What stands in the way, and in how many of the states before it. */
      reasons: z.array(z.strictObject({ words: z.string(), states: count })),
      states: count,
      /** The last events before it, oldest first. */
      before: z.array(event),
      /** The lines of the trace around it, whatever they are about. */
      nearest: z.array(z.strictObject({ line: count, text: z.string() })),
    })
    .optional(),
  /** Path of the file that keeps the refusal, when one was written. */
  file: z.string().optional(),
});

/** The document. */
export type ConformDocument = z.infer<typeof conformSchema>;
