/**
 * Campaign records: what the journal of a campaign holds. Whatever cannot be had again is a record; what merely counts
 * is in the checkpoint. Times are ISO 8601, UTC. Imported by campaigns.
 */

import type { LiveFinding } from '../live/live-finding.js';
import type { CampaignParameters } from './campaign-parameters.js';

/** What live runs did, summed up. */
export interface CampaignTotals {
  /** Ops. */
  readonly steps: number;
  readonly calls: number;
  readonly faults: number;
  readonly retries: number;
  readonly epochs: number;
  readonly deaths: number;
  readonly audits: number;
  /** Of live runs, without the search for reproducers. */
  readonly seconds: number;
}

/** How often a finding was seen, and when last. */
export interface SightingCount {
  readonly count: number;
  readonly last: string;
}

/** What the search for a reproducer came to. */
export interface Examined {
  /** Name of the finding's file in the folder of the campaign. */
  readonly file: string;
  /** The reproducer's size; left out when the search did not reach one. */
  readonly reproducer?: {
    readonly title: string;
    readonly steps: number;
    readonly contextSwitches: number;
    readonly minimal: boolean;
    /** Whether it breaks the same class of cells, or only the same kind of rule. */
    readonly exact: boolean;
  };
  /** Why none was searched: the sentence with which the controlled engine refused the model. */
  readonly refusal?: string;
  /** Schedules run, and scenarios searched. */
  readonly schedules: number;
  readonly candidates: number;
  /** Schedules that broke something else first; where none was reached. */
  readonly otherwise?: number;
}

/** Why a step ended before its time: the campaign's budget was spent, it was interrupted, or it found too much. */
export type EarlyEnd = 'budget' | 'interrupted' | 'flood';

/** Why a session ended in good order. */
export type SessionEnd = 'budget' | 'interrupted' | 'flood' | 'failed';

/** One record. */
export type CampaignRecord =
  /** The first. */
  | { readonly type: 'campaign'; readonly at: string; readonly parameters: CampaignParameters }
  /** Follows the first when the journal was compacted: records up to this number live on in the checkpoint. */
  | { readonly type: 'compacted'; readonly through: number }
  /** A process took the campaign up. */
  | { readonly type: 'session'; readonly at: string; readonly pid: number }
  | { readonly type: 'step-started'; readonly at: string; readonly step: number; readonly world: number }
  /** The first finding of its signature in its world, with its whole history. */
  | {
      readonly type: 'finding';
      readonly at: string;
      readonly key: string;
      readonly id: string;
      readonly step: number;
      readonly world: number;
      readonly finding: LiveFinding;
    }
  | { readonly type: 'examined'; readonly at: string; readonly key: string; readonly examined: Examined }
  | {
      readonly type: 'step-finished';
      readonly at: string;
      readonly step: number;
      readonly totals: CampaignTotals;
      /** By key: what the step saw. */
      readonly sightings: Readonly<Record<string, SightingCount>>;
      readonly early: EarlyEnd | undefined;
      /** Time the campaign has been running, over all its sessions. */
      readonly activeMs: number;
    }
  | { readonly type: 'session-ended'; readonly at: string; readonly end: SessionEnd; readonly activeMs: number };
