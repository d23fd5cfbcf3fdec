/**
 * Checkpoint: the file with the counters of a campaign, replaced as a whole every so often. Used by the campaign's store.
 */

import { z } from 'zod';
import { InputError } from '../core/errors.js';
import { CAMPAIGN_VERSION } from './campaign-parameters.js';
import { campaignSnapshotSchema } from './campaign-snapshot.js';
import type { Disk } from './disk.js';

const checkpointSchema = z.strictObject({
  version: z.literal(CAMPAIGN_VERSION),
  at: z.iso.datetime(),
  /** Number of the last record that the snapshot holds. */
  through: z.int().nonnegative(),
  snapshot: campaignSnapshotSchema,
});

/** What the file holds. */
export type Checkpoint = z.infer<typeof checkpointSchema>;

/** Replaces the checkpoint. Throws what the file system throws; then the one before stays. */
export async function writeCheckpoint(
  disk: Disk,
  path: string,
  checkpoint: Omit<Checkpoint, 'version'>,
): Promise<void> {
  await disk.replace(path, `${JSON.stringify({ version: CAMPAIGN_VERSION, ...checkpoint })}\n`);
}

/** Reads the checkpoint; undefined when none was written yet. Throws InputError when the file is none. */
export async function readCheckpoint(disk: Disk, path: string): Promise<Checkpoint | undefined> {
  const content = await disk.read(path);
  if (content === undefined) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(content.toString('utf8'));
  } catch {
    throw new InputError(`faultline: ${path} is no JSON; a checkpoint is used as it was written only.`);
  }
  const checked = checkpointSchema.safeParse(parsed);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw new InputError(`faultline: ${path} is no checkpoint: ${issue.path.join('.') || 'it'}: ${issue.message}.`);
}
