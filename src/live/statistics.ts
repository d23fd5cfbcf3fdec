/**
 * Statistics of a live run: what the threads count, and how their parts add up.
 *
 * The nodes count how often they ran; from that follow the visits of each function, what calls returned and how often
 * locks were taken, without a word in the hot loop. A thread hands over what it counted since the last time, so a thread
 * that dies takes little with it. Imported by the live thread and by whoever sums up.
 */

import type { RecordableHistogram } from 'node:perf_hooks';

/** Calls of one name (numbers left out). */
export interface CallCount {
  readonly name: string;
  readonly completed: number;
  /** Of those, the ones that did more than pass straight through without entering a function. */
  readonly faults: number;
  /** How often each value was returned. */
  readonly results: readonly { readonly value: number; readonly count: number }[];
}

/** Retry loops of one function. */
export interface RetryCount {
  readonly function: string;
  readonly retries: number;
}

/** One lock, or one array of locks. */
export interface LockCount {
  readonly name: string;
  readonly acquisitions: number;
  /** Of those, the ones that had to wait. */
  readonly contended: number;
  readonly waitedMs: number;
}

/** How often a function was entered. */
export interface FunctionCount {
  readonly function: string;
  readonly visits: number;
}

/** What a thread counted since it was last asked. */
export interface StatisticsPart {
  readonly calls: readonly CallCount[];
  readonly retries: readonly RetryCount[];
  readonly locks: readonly LockCount[];
  readonly functions: readonly FunctionCount[];
  /** Latencies in nanoseconds of a sample of the calls of each name; a histogram of its own for every thread. */
  readonly latencies: readonly { readonly name: string; readonly histogram: RecordableHistogram }[];
}
