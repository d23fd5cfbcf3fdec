/**
 * Options of explore: defaults, and what is allowed.
 */

import { InputError } from '../core/errors.js';
import type { Finding } from '../core/finding.js';
import { unguarded, type WorkGuard } from '../core/guard.js';
import { didYouMean } from '../core/input-sentence.js';
import { refuseUnknownOptions, seedOf } from '../core/known-options.js';
import type { Program } from '../core/program/program.js';
import type { Trace } from '../core/story/trace.js';
import type { Workers } from './lanes.js';
import type { WantedFinding } from './outcomes.js';
import { type OwnStrategy, type StrategyName, strategyNames } from './strategy.js';

/** What explore takes. */
export interface ExploreOptions {
  /** Default `mixed`. One of the user's own is run on the calling thread alone, whatever `workers` says. */
  readonly strategy?: StrategyName | OwnStrategy;
  /** PCT's d. Default 3. */
  readonly depth?: number;
  /** 64 bits of it count. Default 1n. */
  readonly seed?: bigint | number;
  /** Number of schedules. Default 10,000, or no limit when there is a budget. */
  readonly schedules?: number;
  /** Time after which no more schedules are started; needs `clock`. The clock decides how many schedules run. */
  readonly budgetMs?: number;
  /** Worker threads, or a pool that the caller shares and closes. 0, or 1, the default: this thread alone. */
  readonly workers?: number | Workers;
  /** Steps after which a run is given up, counted and named. Default 20,000. */
  readonly stepBound?: number;
  /** Goes on after the first violation, for statistics and further findings. Default false. */
  readonly keepGoing?: boolean;
  /** Looks for findings of one kind, and of one cell class, only; others are counted and end nothing. Default: any. */
  readonly wanted?: WantedFinding;
  /** Default true. */
  readonly shrink?: boolean;
  /** Takes schedules of long runs by remembered steps in a kernel, which changes nothing but the time. Default true. */
  readonly kernel?: boolean;
  /** Whether the statistics say what the calls could have reached and did not come near. Default true. */
  readonly coverage?: boolean;
  /** Stops the run soon; what was found is kept. */
  readonly signal?: AbortSignal;
  /** Called now and then, about 40 times a second when there is a clock. */
  readonly onProgress?: (progress: ExploreProgress) => void;
  /** Called for each finding as soon as it is seen, not yet shrunk, and once more when it is. */
  readonly onFinding?: (finding: Finding, program: Program) => void;
  /** Milliseconds since any moment, for budget, progress and `seconds`. Default: none, and `seconds` is 0. */
  readonly clock?: () => number;
  /** Cuts off work that does not come back, such as a loop without end in the model. Default: nothing is cut off. */
  readonly guard?: WorkGuard;
  /** Writes the title of a finding from its smallest run. Default: its signature. */
  readonly titleOf?: (trace: Trace) => string | undefined;
}

/** How far a run is. */
export interface ExploreProgress {
  readonly schedules: number;
  /** Infinity when time decides. */
  readonly of: number;
  readonly findings: number;
  readonly finalStates: number;
  readonly seconds: number;
}

/** Options with the defaults filled in. */
export type CheckedExploreOptions = Required<Pick<ExploreOptions, 'strategy' | 'depth' | 'schedules'>> & {
  readonly seed: bigint;
} & Required<
    Pick<
      ExploreOptions,
      'workers' | 'stepBound' | 'keepGoing' | 'shrink' | 'kernel' | 'coverage' | 'budgetMs' | 'clock' | 'guard'
    >
  > &
  Pick<ExploreOptions, 'signal' | 'onProgress' | 'onFinding' | 'titleOf' | 'wanted'> & { readonly hasClock: boolean };

const NAMES = Object.keys({
  strategy: 1,
  depth: 1,
  seed: 1,
  schedules: 1,
  budgetMs: 1,
  workers: 1,
  stepBound: 1,
  keepGoing: 1,
  wanted: 1,
  shrink: 1,
  kernel: 1,
  coverage: 1,
  signal: 1,
  onProgress: 1,
  onFinding: 1,
  clock: 1,
  guard: 1,
  titleOf: 1,
} satisfies Record<keyof ExploreOptions, 1>);

/** Checks options and fills in the defaults. Throws InputError that says what is allowed. */
export function checkExploreOptions(options: ExploreOptions): CheckedExploreOptions {
  refuseUnknownOptions('explore()', options, NAMES);
  const { budgetMs = Number.POSITIVE_INFINITY, clock } = options;
  const timed = budgetMs !== Number.POSITIVE_INFINITY;
  const checked: CheckedExploreOptions = {
    ...options,
    strategy: options.strategy ?? 'mixed',
    depth: options.depth ?? 3,
    seed: seedOf(options.seed),
    schedules: options.schedules ?? (timed ? Number.POSITIVE_INFINITY : 10_000),
    workers: options.workers ?? 1,
    stepBound: options.stepBound ?? 20_000,
    keepGoing: options.keepGoing ?? false,
    shrink: options.shrink ?? true,
    kernel: options.kernel ?? true,
    coverage: options.coverage ?? true,
    budgetMs,
    guard: options.guard ?? unguarded,
    clock: clock ?? (() => 0),
    hasClock: clock !== undefined,
  };
  const { strategy } = checked;
  const isOwn = typeof strategy === 'object' && strategy !== null && typeof strategy.make === 'function';
  if (!isOwn && !strategyNames.includes(strategy as StrategyName)) {
    throw new InputError(
      `faultline: there is no strategy "${String(strategy)}"; there are ${strategyNames.join(', ')}${didYouMean(strategy, strategyNames, '.')}`,
    );
  }
  if (options.schedules !== Number.POSITIVE_INFINITY) whole('schedules', options.schedules);
  whole('depth', options.depth);
  whole('stepBound', options.stepBound);
  if (typeof options.workers === 'number') whole('workers', options.workers, 0);
  if (!(budgetMs > 0)) throw new InputError(`faultline: budgetMs is a time above 0, not ${budgetMs}.`);
  if (timed && clock === undefined) throw new InputError('faultline: budgetMs needs a clock.');
  return checked;
}

function whole(name: string, value: number | undefined, least = 1): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return;
  throw new InputError(`faultline: ${name} is a whole number of ${least} or more, not ${value}.`);
}
