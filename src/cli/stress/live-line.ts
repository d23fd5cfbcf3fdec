/**
 * The live line: how fast a live run goes, from its stream of events. Imported by the verbs that run live.
 */

import { distinctUntilChanged, filter, map, type Observable, pairwise, startWith, withLatestFrom } from 'rxjs';
import type { LiveEvent, LiveTick } from '../../live/live.js';
import { countText, rateText, secondsText, shareText } from '../../report/quantities.js';

/** Opens every invalidation of guest_memfd. */
export const INVALIDATION = '__kvm_gmem_invalidate_start';

/** What happens in a second, from one tick to the next. */
export interface LiveRates {
  /** Since the run began. */
  readonly seconds: number;
  /** Worlds that began; undefined where actors loop, and a world lasts. */
  readonly worlds: number | undefined;
  readonly calls: number;
  readonly faults: number;
  readonly retries: number;
  /** Undefined for a model that has none. */
  readonly invalidations: number | undefined;
  /** Share of all actors' time that they spent waiting for locks, 0 .. 1. */
  readonly lockWait: number;
  /** Different findings so far. */
  readonly findings: number;
}

/** What a live line has to know of the world that runs. */
export interface LiveLineWorld {
  readonly actors: number;
  /** Whether each call is made once, and the world starts over. */
  readonly once: boolean;
  /** The function whose visits are the invalidations; undefined for a model that has none. */
  readonly invalidation: string | undefined;
}

/** Rates of a live run: one for each tick at which its actors run. */
export function liveRates(
  events: Observable<LiveEvent>,
  { actors, once, invalidation }: LiveLineWorld,
): Observable<LiveRates> {
  // Before the threads have loaded the model, ticks count nothing and their clock has not begun.
  const ticks = events.pipe(filter((event): event is LiveTick => event.type === 'tick' && event.steps > 0));
  const invalidations = ticks.pipe(
    map(({ functions: { seconds, visits } }) => ({ seconds, visits: visits.get(invalidation ?? '') ?? 0 })),
    startWith({ seconds: 0, visits: 0 }),
    // Threads are asked less often than the clock ticks.
    distinctUntilChanged((before, now) => before.seconds === now.seconds),
    pairwise(),
    map(([before, now]) => (now.visits - before.visits) / (now.seconds - before.seconds)),
    startWith(0),
  );
  return ticks.pipe(
    startWith({ seconds: 0, epoch: 0, calls: 0, faults: 0, retries: 0, waitedMs: 0, findings: 0 }),
    pairwise(),
    filter(([before, now]) => now.seconds > before.seconds),
    withLatestFrom(invalidations),
    map(([[before, now], visits]): LiveRates => {
      const seconds = now.seconds - before.seconds;
      return {
        seconds: now.seconds,
        worlds: once ? (now.epoch - before.epoch) / seconds : undefined,
        calls: (now.calls - before.calls) / seconds,
        faults: (now.faults - before.faults) / seconds,
        retries: (now.retries - before.retries) / seconds,
        invalidations: invalidation === undefined ? undefined : visits,
        // A wait is counted when it ends, so one that began long ago may be longer than the time since the last tick.
        lockWait: Math.min(1, (now.waitedMs - before.waitedMs) / (1000 * seconds * actors)),
        findings: now.findings,
      };
    }),
  );
}

/** `3.0 s: 12.5k faults/s, 850 retries/s, 9.8k invalidations/s, lock wait 12.0 %, 0 findings` */
export function liveLine(rates: LiveRates): string {
  const { seconds, worlds, calls, faults, retries, invalidations, lockWait, findings } = rates;
  const parts = [
    ...(worlds === undefined ? [] : [`${rateText(worlds)} worlds/s`]),
    // In a model without invalidations no call may be a fault.
    invalidations === undefined ? `${rateText(calls)} calls/s` : `${rateText(faults)} faults/s`,
    `${rateText(retries)} retries/s`,
    ...(invalidations === undefined ? [] : [`${rateText(invalidations)} invalidations/s`]),
    `lock wait ${shareText(lockWait, 1)}`,
    `${countText(findings)} finding${findings === 1 ? '' : 's'}`,
  ];
  return `${secondsText(seconds)}: ${parts.join(', ')}`;
}
