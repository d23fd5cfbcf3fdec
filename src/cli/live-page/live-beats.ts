/**
 * Live beats of a run: its ticks and rates as the live page is told them. Used by the verbs that run live.
 */

import { filter, map, type Observable, withLatestFrom } from 'rxjs';
import type { LiveEvent, LiveTick } from '../../live/live.js';
import type { LiveBeat } from '../../trace/live-beat.js';
import { type LiveLineWorld, type LiveRates, liveRates } from '../stress/live-line.js';

/** What is said of a run besides what it counts. */
export type BesideRates = Pick<LiveBeat, 'world' | 'findings' | 'step' | 'nextCheckpointSeconds'>;

/** The beats of a live run: one for each tick at which its actors run. `beside` is asked at each. */
export function liveBeats(
  events: Observable<LiveEvent>,
  world: LiveLineWorld,
  beside: () => BesideRates,
): Observable<LiveBeat> {
  const ticks = events.pipe(filter((event): event is LiveTick => event.type === 'tick'));
  return liveRates(events, world).pipe(
    withLatestFrom(ticks),
    map(([rates, tick]) => beatOf(rates, tick, beside())),
  );
}

function beatOf(rates: LiveRates, { seconds, locks, actors }: LiveTick, beside: BesideRates): LiveBeat {
  const { worlds, calls, faults, retries, invalidations, lockWait } = rates;
  const named = { worlds, calls, faults, retries, invalidations };
  return {
    ...beside,
    seconds,
    rates: Object.entries(named).flatMap(([name, perSecond]) => (perSecond === undefined ? [] : [{ name, perSecond }])),
    lockWait,
    locks: locks.filter(({ acquisitions }) => acquisitions > 0),
    actors: actors.map(({ name, calls: made, retries: tried, waitedMs }) => ({
      ...{ name, calls: made, retries: tried, waitedMs },
    })),
    memoryBytes: process.memoryUsage.rss(),
  };
}
