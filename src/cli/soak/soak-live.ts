/**
 * What the live page is told of a soak: the step under way, what was found so far, and when the next checkpoint is due.
 * Imported by run-soak.
 */

import { Subject } from 'rxjs';
import type { CampaignEvent } from '../../campaign/campaign-event.js';
import type { CampaignStore } from '../../campaign/campaign-store.js';
import type { LiveEvent } from '../../live/live.js';
import type { LiveBeat } from '../../trace/live-beat.js';
import { worldName } from '../explore/explore-text.js';
import { type BesideRates, liveBeats } from '../live-page/live-beats.js';
import type { WatchedLive } from '../live-page/watched-live.js';
import { INVALIDATION } from '../stress/live-line.js';
import { soakTitle } from './soak-text.js';

/** Watches a campaign for the live page. */
export class SoakLive {
  /** The ticks of the step under way. */
  #ticks: Subject<LiveEvent> | undefined;
  #checkpointMs: number;

  /** @param nowMs a clock */
  constructor(
    readonly store: CampaignStore,
    readonly watched: WatchedLive,
    readonly nowMs: () => number,
  ) {
    this.#checkpointMs = nowMs();
  }

  /** Takes in what happened. */
  readonly next = (event: CampaignEvent): void => {
    if (event.type === 'checkpoint') this.#checkpointMs = this.nowMs();
    if (event.type === 'step-started') this.#ticks = undefined;
    if (event.type !== 'progress') return;
    this.#ticks ??= this.#begin(event);
    this.#ticks.next(event.tick);
  };

  #begin({ step, tick }: Extract<CampaignEvent, { type: 'progress' }>): Subject<LiveEvent> {
    const ticks = new Subject<LiveEvent>();
    const { parameters } = this.store;
    const { scenario, scheme } = parameters.worlds[step.world];
    const isKvm = scheme !== undefined;
    const world = { actors: tick.actors.length, once: false, invalidation: isKvm ? INVALIDATION : undefined };
    const name = worldName({ scenario, scheme });
    this.watched.show(liveBeats(ticks, world, () => this.#beside(name, step.number)));
    return ticks;
  }

  #beside(world: string, step: number): BesideRates {
    const { snapshot, parameters } = this.store;
    const dueMs = this.#checkpointMs + parameters.checkpointMs - this.nowMs();
    const findings = Object.values(snapshot.findings).map((finding): LiveBeat['findings'][number] => ({
      ...{ title: soakTitle(finding), words: finding.words, seconds: finding.seconds },
    }));
    return { world, step, findings, nextCheckpointSeconds: Math.max(0, dueMs / 1000) };
  }
}
