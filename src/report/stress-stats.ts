/**
 * Stress statistics: what a live run counted, as the result document holds it. Used by the command line.
 */

import type { LiveReport } from '../live/live-report.js';
import { fairnessOf } from './fairness.js';
import { invalidationsOf } from './stress-report.js';
import type { StressWorld } from './stress-world.js';

/** Counters of a live run; `stats` of the result document. Times are in the unit of their name. */
export function stressStats(report: LiveReport, world: StressWorld): object {
  const { findings, seconds, ...counted } = report;
  const { peers, invalidation, perturb, failures } = world;
  return {
    ...counted,
    ...{ seconds, perturb, failures },
    sightings: findings.reduce((sum, { count }) => sum + count, 0),
    invalidations: invalidation === undefined ? undefined : invalidationsOf(report, invalidation),
    fairness: peers.flatMap((group) => {
      const fairness = fairnessOf(group.map((actor) => report.actors[actor].calls));
      return fairness === undefined ? [] : [{ actors: group.map((actor) => report.actors[actor].name), ...fairness }];
    }),
  };
}
