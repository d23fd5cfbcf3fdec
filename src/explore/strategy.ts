/**
 * Strategies: who takes the next step, and what the environment decides.
 *
 * The contract follows Shuttle's Scheduler: a new run, pick among the runnable, answer a choice; one algorithm a file,
 * each with its paper. A strategy may be told how runs end, keep their states, and begin runs from there. It draws from the
 * block's random stream and from nothing else, so that a schedule is a function of (seed, block, place in the block).
 * Imported by the engine, and by whoever hands in one of his own.
 */

import type { Program } from '../core/program/program.js';
import type { Random } from '../core/random.js';
import type { Executor } from '../core/run/executor.js';
import type { Schedule } from '../core/schedule.js';
import type { Profile } from './profile.js';

/** The names that `--strategy` takes. */
export const strategyNames = ['mixed', 'random', 'pct', 'pos', 'surw'] as const;

/** One of `strategyNames`. */
export type StrategyName = (typeof strategyNames)[number];

/** A state of a run, and how it was come to; a run may be begun from it later. */
export interface KeptState {
  readonly state: Int32Array;
  readonly schedule: Schedule;
}

/** The run under way, for strategies that want to see more than the executor, or to keep states. */
export interface RunUnderWay {
  readonly executor: Executor;
  /** Steps so far. */
  readonly steps: number;
  /** The state of the run, to begin another from. Between two picks only. */
  keep(): KeptState;
}

/** How a run came to its end, as a strategy is told. */
export type EndOfRun = 'completed' | 'deadlocked' | 'violating' | 'livelocked' | 'bounded';

/** Picks the schedules of one shard. */
export interface Strategy {
  /** What picks the current run: the name that a finding gets. */
  readonly name: string;
  /** Whether a run so far was none of those that the strategy promises something of, if it promises anything. */
  readonly isBeyond?: boolean;
  /**
   * Starts a run. `random` is the stream to draw from until the next run starts; `place` is how many runs came before it
   * in its block, for what goes by turns. The run begins at a moment that is returned, else at the start of the model.
   */
  newRun(random: Random, place: number, run: RunUnderWay): KeptState | void;
  /**
   * The actor to take the next step, one of the executor's runnable ones; there is at least one. Asked only where no step
   * is left that cannot race: those are run at once.
   */
  pick(executor: Executor): number;
  /** What the environment decides: 0 .. count-1. */
  choice(count: number): number;
  /**
   * Told before the next pick: the actor that was picked has taken its step, which began at `node`, and those behind it
   * that cannot race. They did what `flags` (StepFlag) say.
   */
  stepped(executor: Executor, actor: number, flags: number, node: number): void;
  /** Told when a run has ended. */
  ended?(run: RunUnderWay, end: EndOfRun): void;
}

/** What a strategy of the user's own is made for. */
export interface StrategyWorld {
  readonly program: Program;
  readonly profile: Profile;
}

/**
 * A strategy of the user's own, for the option `strategy`. Its runs are all made on the calling thread, in their order, so it
 * may learn from one for the next. It draws from the `random` of the run and from nothing else.
 */
export interface OwnStrategy {
  readonly name: string;
  /** Makes the strategy, once for each exploration: it is asked who goes on in every run of it. */
  make(world: StrategyWorld): Strategy;
}
