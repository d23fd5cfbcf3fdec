/**
 * Campaign parameters: all that decides what the steps of a campaign are. They are the first record of its journal, so
 * that a campaign goes on from its folder alone. Imported by campaigns and the command line.
 */

import { z } from 'zod';

/** The version of everything a campaign writes; a folder of another version is not resumed. */
export const CAMPAIGN_VERSION = 'faultline.campaign/1';

const share = z.number().min(0).max(1);

/** A scenario under a scheme. */
const world = z.strictObject({
  scenario: z.string().min(1),
  /** Left out for a model that has no schemes. */
  scheme: z.string().min(1).optional(),
  /** The numbers of vCPUs it is run with; null: as it is written. */
  vcpus: z.array(z.int().positive().nullable()).min(1),
  /** What whoever runs the campaign rebuilds the model from. */
  subject: z.json(),
});

/** The zod schema of the parameters. */
export const campaignParametersSchema = z.strictObject({
  version: z.literal(CAMPAIGN_VERSION),
  /** Decimal: 64 bits. */
  seed: z.string().regex(/^\d{1,20}$/),
  worlds: z.array(world).min(1),
  /** Shares of accesses around which actors stall, by turns. */
  perturb: z.array(share).min(1),
  /** Shares of the environment's choices that take another outcome than the first, by turns. */
  failureRates: z.array(share).min(1),
  /** How long a step runs. */
  stepMs: z.number().positive(),
  /** Worker threads; null: the cores. */
  threads: z.int().positive().nullable(),
  /** How long the whole campaign runs, over all its sessions. */
  budgetMs: z.number().positive(),
  /** Time between two checkpoints. */
  checkpointMs: z.number().positive(),
});

/** What decides the steps of a campaign. */
export type CampaignParameters = z.infer<typeof campaignParametersSchema>;

/** A scenario under a scheme. */
export type CampaignWorld = CampaignParameters['worlds'][number];
