/**
 * Campaign snapshot: where a campaign stands, as plain data. The checkpoint holds one, and the summary is made of one.
 * Its size depends on the worlds and the different findings only, not on how long the campaign runs. Imported by
 * campaigns and reports.
 */

import { z } from 'zod';
import { findingKinds } from '../core/finding-kind.js';

const count = z.int().nonnegative();
const seconds = z.number().nonnegative();
const at = z.iso.datetime();

const totals = z.strictObject({
  ...{ steps: count, calls: count, faults: count, retries: count },
  ...{ epochs: count, deaths: count, audits: count, seconds },
});

const sightings = z.record(z.string(), z.strictObject({ count, last: at }));

const examined = z.strictObject({
  file: z.string(),
  reproducer: z
    .strictObject({
      title: z.string(),
      steps: count,
      contextSwitches: count,
      minimal: z.boolean(),
      exact: z.boolean(),
    })
    .optional(),
  refusal: z.string().optional(),
  schedules: count,
  candidates: count,
  otherwise: count.optional(),
});

const finding = z.strictObject({
  /** Short stable hash of signature and world: 8 hex digits. */
  id: z.string(),
  world: count,
  kind: z.enum(findingKinds),
  signature: z.string(),
  /** Where it broke; '' for a check at rest. */
  function: z.string(),
  /** The rest of the sentence "When this happens, ...". */
  words: z.string(),
  /** How often it was seen, as far as steps finished or checkpoints say; first and last time. */
  count,
  first: at,
  last: at,
  /** The step that found it first, and the faults and seconds of that step until then. */
  step: count,
  faults: count,
  seconds,
  /** Left out until a reproducer was searched. */
  examined: examined.optional(),
});

/** The zod schema of a snapshot. */
export const campaignSnapshotSchema = z.strictObject({
  /** Steps 0 .. finished-1 are over. */
  finished: count,
  /** Attempts at steps that were cut off by the end of their process and begun again. */
  cutOff: count,
  /** Steps that ended before their time, by reason. */
  early: z.strictObject({ budget: count, interrupted: count, flood: count }),
  sessions: count,
  /** Time the campaign has been running, over all its sessions. */
  activeMs: z.number().nonnegative(),
  /** Of steps that are over or were cut off. */
  totals,
  /** By world: how many steps are over, and their faults and seconds. */
  worlds: z.array(z.strictObject({ steps: count, faults: count, seconds })),
  /** The step under way, or cut off and not yet begun again. */
  running: z.strictObject({ step: count, world: count, totals, sightings }).nullable(),
  /** By key, in the order in which they were found. */
  findings: z.record(z.string(), finding),
});

/** Where a campaign stands. */
export type CampaignSnapshot = z.infer<typeof campaignSnapshotSchema>;

/** What a campaign knows of a finding. */
export type CampaignFinding = CampaignSnapshot['findings'][string];
