/**
 * The pace of live runs: whether actors loop, and how long a world lasts. Imported by the verbs that run live.
 */

import type { Program } from '../../core/program/program.js';
import type { LivePace } from '../../live/live.js';
import { compileModel } from '../../model/model.js';
import type { Subject } from '../../subject/subject.js';

/**
 * Age at which a world is reset: some races need a fresh one, for a page is populated once. With two seeds each,
 * v1-uptodate-prepared in populate-vs-fault broke as lost-write at this age and below, and never without.
 */
const EPOCH_MS = 1000;

/** How a subject runs live; `program` is it compiled, for whoever has that. */
export async function livePace(subject: Subject, program?: Program): Promise<LivePace> {
  return (await loops(subject, program)) ? { epochMs: EPOCH_MS } : { mode: 'once', epochs: Number.POSITIVE_INFINITY };
}

/**
 * guest_memfd's actors loop, and all of its invariants but one are checked as they go. Most models of users are checked
 * when they have finished, so these are run to their end, over and over.
 */
export async function loops({ record, model }: Subject, program?: Program): Promise<boolean> {
  return record.model === 'guest_memfd' || (program ?? (await compileModel(model))).finally.length === 0;
}
