/**
 * ExploreStats: what a run of the explore engine covered. Filled by the engine, printed by the reports.
 */

import type { GrowingCell } from '../core/growing.js';
import type { PairCounts } from './stream/racing-pairs.js';

/** Runs that were given up, by the actor and loop that kept them going. */
export interface BoundedRuns {
  readonly actor: string;
  /** Function whose retry loop the actor went round most often. */
  readonly loop: string;
  /** Number of such runs. */
  readonly count: number;
}

/** What became of the stream. */
export interface StreamStats {
  /** Its schedules, of all. */
  readonly schedules: number;
  /** Whether none was left, none broke and none was given up: then every interleaving was tried, equal states merged. */
  readonly exhausted: boolean;
  /** Else: every schedule with at most so many preemptions was tried. Left out where something broke, or for none. */
  readonly preemptions?: number;
  /** How often it began anew because it had learned that more ops race. */
  readonly restarts: number;
}

/** What a run of the explore engine did and what it did not reach. */
export interface ExploreStats {
  /** Schedules run; each ends completed, deadlocked, violating, livelocked, joined or bounded. */
  readonly schedules: number;
  /** Steps over all schedules. */
  readonly steps: number;
  /** Wall-clock time. */
  readonly seconds: number;
  /** The time after which the first finding was known; left out without one, and without a clock. */
  readonly secondsToFirst?: number;
  /** Different final states (cells and results of calls) of completed schedules. */
  readonly distinctFinalStates: number;
  /** Schedules that were drawn at random: all but those of the stream. */
  readonly drawnSchedules: number;
  /** Final states that drawn schedules reached exactly once. */
  readonly singletonFinalStates: number;
  /** Whether the table of final states was full, so that the two counts above are lower bounds. */
  readonly finalStatesCapped: boolean;
  readonly completed: number;
  readonly deadlocked: number;
  readonly violating: number;
  /** Schedules that ended where they came to what an earlier one had gone on from. */
  readonly joined: number;
  /** Schedules that could not come to an end any more, or came back to a state of their own and need not. */
  readonly livelocked: number;
  /** Steps after which a schedule is given up. */
  readonly stepBound: number;
  /** Schedules that were given up: at the step bound, or sooner where daemons alone went on and on. */
  readonly bounded: number;
  /** Of `bounded`: those of which it is known that they could still have come to an end. */
  readonly boundedOpen: number;
  readonly boundedBy: readonly BoundedRuns[];
  /** Cells that grew as long as those schedules went: what keeps them from an end may be that. */
  readonly growing: readonly GrowingCell[];
  /** Steps of the longest schedule. */
  readonly longestRun: number;
  readonly strategy: string;
  /** Depth of the strategy, if it has one. */
  readonly depth?: number;
  /** Whether the run was stopped from outside. */
  readonly interrupted: boolean;
  /** Ops that the calls could lead to but that never ran, as `function: op`. */
  readonly neverExecuted: readonly string[];
  /** Machine events that were never sent, as `machine: event`. */
  readonly eventsNeverSent: readonly string[];
  /** Those of them that an op sends which the calls could lead to. */
  readonly eventsWithinReach: readonly string[];
  /** Tests whose result was always the same, as `function: op`. */
  readonly oneSided: readonly string[];
  /** The stream, where there is one. */
  readonly stream?: StreamStats;
  /** Ordered pairs of classes of ops that may race, and how many came one right before the other in the stream. */
  readonly racingPairs?: PairCounts;
  /** PCT: the least chance per schedule of finding a bug of that depth; left out where it does not hold. */
  readonly pctBound?: number;
}
