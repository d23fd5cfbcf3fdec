/**
 * Strategies: who takes the next step, and what the environment decides.
 *
 * The contract follows Shuttle's Scheduler: a new run, pick among the runnable, answer a choice; one algorithm a file,
 * each with its paper. A strategy draws from the block's random stream and from nothing else, so that a schedule is a
 * function of (seed, block, place in the block). Imported by the engine only.
 */

import type { Random } from '../core/random.js';
import type { Executor } from '../core/run/executor.js';

/** The names that `--strategy` takes. */
export const strategyNames = ['random', 'pct', 'pos', 'surw'] as const;

/** One of `strategyNames`. */
export type StrategyName = (typeof strategyNames)[number];

/** Picks the schedules of one shard. */
export interface Strategy {
  /** Whether an actor went round a retry loop in a run so far, of strategies that promise nothing of such runs. */
  readonly retried?: boolean;
  /** Starts a run. `random` is the stream to draw from until the next run starts. */
  newRun(random: Random): void;
  /** The actor to take the next step, one of the executor's runnable ones; there is at least one. */
  pick(executor: Executor): number;
  /** What the environment decides: 0 .. count-1. */
  choice(count: number): number;
  /** The picked actor has taken its step, which did what `flags` (StepFlag) say. */
  stepped(executor: Executor, actor: number, flags: number): void;
}
