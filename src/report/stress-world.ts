/**
 * What a report of a live run has to know of the world that ran, besides what the engine counted. Used by the stress
 * report and its statistics.
 */

/** A world under stress. */
export interface StressWorld {
  /** Numbers of actors that do the same, and so should come on alike: the vCPUs of guest_memfd. */
  readonly peers: readonly (readonly number[])[];
  /** The function whose visits are the invalidations; undefined for a model that has none. */
  readonly invalidation: string | undefined;
  /** Share of flag accesses and lock ops around which an actor stalled. */
  readonly perturb: number;
  /** Share of the environment's choices that took another outcome than the first. */
  readonly failures: number;
  /** Names of the checks of finished runs that were not run, because the actors looped. */
  readonly unchecked: readonly string[];
}
