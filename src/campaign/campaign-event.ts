/**
 * Campaign events: what a campaign tells while it runs. A finding is told once its record is on the disk. Imported by
 * campaigns and those who show them.
 */

import type { LiveTick } from '../live/live.js';
import type { LiveFinding } from '../live/live-finding.js';
import type { CampaignTotals, Examined } from './campaign-record.js';
import type { CampaignStep } from './rotation.js';

/** Something that happened in a campaign. */
export type CampaignEvent =
  /** `again`: it was cut off before. */
  | { readonly type: 'step-started'; readonly step: CampaignStep; readonly again: boolean }
  /** Of the step so far; `tick` is what its live run told. */
  | { readonly type: 'progress'; readonly step: CampaignStep; readonly totals: CampaignTotals; readonly tick: LiveTick }
  /** The first with its signature in its world. */
  | { readonly type: 'finding'; readonly step: CampaignStep; readonly key: string; readonly finding: LiveFinding }
  /** A known one was seen once more. */
  | { readonly type: 'sighting'; readonly step: CampaignStep; readonly key: string }
  | { readonly type: 'examining'; readonly key: string }
  | { readonly type: 'examined'; readonly key: string; readonly examined: Examined }
  | { readonly type: 'step-finished'; readonly step: CampaignStep; readonly totals: CampaignTotals }
  | { readonly type: 'checkpoint' };
