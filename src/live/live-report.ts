/**
 * Live report: what a live run did, summed up over its threads and epochs. Read by campaigns and reports.
 */

import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { ModelError } from '../core/errors.js';
import type { LiveFinding } from './live-finding.js';
import type { LiveMode } from './live-script.js';
import type { ActorPlace } from './messages.js';
import type { CallCount, LockCount, StatisticsPart } from './statistics.js';

/** Latency of a call, in nanoseconds, from one call in a few dozen. */
export interface LatencySummary {
  /** Calls that were measured. */
  readonly measured: number;
  readonly meanNs: number;
  readonly p50Ns: number;
  readonly p90Ns: number;
  readonly p99Ns: number;
  readonly p999Ns: number;
  readonly maxNs: number;
}

/** Calls of one name. */
export interface CallSummary extends CallCount {
  /** Undefined when none was measured. */
  readonly latency: LatencySummary | undefined;
}

/** What actors counted, over all epochs. */
export interface CounterTotals {
  /** Ops; an atomic section is one. */
  readonly steps: number;
  readonly calls: number;
  /** Calls that did more than pass straight through without entering a function. */
  readonly faults: number;
  /** Jumps back to the head of a retry loop. */
  readonly retries: number;
  /** Locks that were not to be had at once, and how long they were waited for. */
  readonly contended: number;
  readonly waitedMs: number;
}

/** What one actor did. */
export interface ActorSummary extends CounterTotals {
  readonly actor: number;
  readonly name: string;
  readonly thread: number;
}

/** Findings with one signature. */
export interface FoundAgain {
  /** The first of them. */
  readonly finding: LiveFinding;
  readonly count: number;
  /** When it was seen last. */
  readonly lastSeconds: number;
}

/** A thread that died. */
export interface ThreadDeath {
  readonly thread: number;
  readonly epoch: number;
  /** Names of the actors it hosted. */
  readonly actors: readonly string[];
  /** The locks that they held. */
  readonly held: readonly { readonly actor: string; readonly lock: string; readonly mode: 'read' | 'write' }[];
}

/** Mode once: epochs that did not come to their end and were given up. */
export interface UnfinishedEpochs {
  readonly count: number;
  /** The first of them. */
  readonly epoch: number;
  /** The actors that had to finish and had not, in that epoch. */
  readonly actors: readonly { readonly actorName: string; readonly at: ActorPlace }[];
}

/** The whole run. */
export interface LiveReport extends CounterTotals {
  readonly mode: LiveMode;
  readonly threads: number;
  readonly epochs: number;
  /** Mode once: those of the epochs that came to their end, where what must hold there was checked. */
  readonly finished: number;
  /** Mode once: those of the epochs in which one thread ran all actors by turns. */
  readonly alone: number;
  readonly seconds: number;
  /** Ended by `stop` or the signal, before the budget. */
  readonly interrupted: boolean;
  readonly actors: readonly ActorSummary[];
  /** By name, ascending. */
  readonly byCall: readonly CallSummary[];
  readonly byLock: readonly LockCount[];
  readonly byFunction: readonly { readonly function: string; readonly visits: number; readonly retries: number }[];
  /** In the order in which they were found first. */
  readonly findings: readonly FoundAgain[];
  readonly deaths: readonly ThreadDeath[];
  /** Quiescent points at which the supervisor ran the checks that span words. */
  readonly audits: number;
  /** What of the model does not come back, where that ended the run after something was found. */
  readonly refused: ModelError | undefined;
  /** Undefined when there were none. */
  readonly unfinished: UnfinishedEpochs | undefined;
}

/** Sums up what the threads counted. */
export class StatisticsSum {
  readonly #calls = new Map<string, { completed: number; faults: number; results: Map<number, number> }>();
  readonly #locks = new Map<string, { acquisitions: number; contended: number; waitedMs: number }>();
  readonly #functions = new Map<string, { visits: number; retries: number }>();
  /** By name of the call: the histograms of all threads, which go on filling them. */
  readonly #latencies = new Map<string, RecordableHistogram[]>();

  /** Adds what one thread counted. */
  add({ calls, locks, functions, retries, latencies }: StatisticsPart): void {
    for (const { name, completed, faults, results } of calls) {
      const sum = entry(this.#calls, name, () => ({ completed: 0, faults: 0, results: new Map() }));
      sum.completed += completed;
      sum.faults += faults;
      for (const { value, count } of results) sum.results.set(value, (sum.results.get(value) ?? 0) + count);
    }
    for (const { name, acquisitions, contended, waitedMs } of locks) {
      const sum = entry(this.#locks, name, () => ({ acquisitions: 0, contended: 0, waitedMs: 0 }));
      sum.acquisitions += acquisitions;
      sum.contended += contended;
      sum.waitedMs += waitedMs;
    }
    const functionOf = (name: string) => entry(this.#functions, name, () => ({ visits: 0, retries: 0 }));
    for (const each of functions) functionOf(each.function).visits += each.visits;
    for (const each of retries) functionOf(each.function).retries += each.retries;
    for (const { name, histogram } of latencies) entry(this.#latencies, name, () => []).push(histogram);
  }

  /** How often each function was entered so far. */
  get visits(): ReadonlyMap<string, number> {
    return new Map([...this.#functions].map(([name, { visits }]) => [name, visits]));
  }

  /** What locks cost so far, by name, ascending. */
  get locks(): readonly LockCount[] {
    return sorted(this.#locks).map(([name, sum]) => ({ name, ...sum }));
  }

  /** The sums so far. */
  get sums(): Pick<LiveReport, 'byCall' | 'byLock' | 'byFunction'> {
    return {
      byCall: sorted(this.#calls).map(([name, { completed, faults, results }]) => ({
        ...{ name, completed, faults },
        results: [...results].sort(([a], [b]) => a - b).map(([value, count]) => ({ value, count })),
        latency: summary(this.#latencies.get(name) ?? []),
      })),
      byLock: this.locks,
      byFunction: sorted(this.#functions).map(([name, sum]) => ({ function: name, ...sum })),
    };
  }
}

function summary(histograms: readonly RecordableHistogram[]): LatencySummary | undefined {
  const all = createHistogram();
  for (const each of histograms) if (each.count > 0) all.add(each);
  if (all.count === 0) return undefined;
  const [p50Ns, p90Ns, p99Ns, p999Ns] = [50, 90, 99, 99.9].map((percent) => all.percentile(percent));
  return { measured: all.count, meanNs: Math.round(all.mean), p50Ns, p90Ns, p99Ns, p999Ns, maxNs: all.max };
}

function entry<V>(map: Map<string, V>, name: string, make: () => V): V {
  const value = map.get(name) ?? make();
  map.set(name, value);
  return value;
}

function sorted<V>(map: ReadonlyMap<string, V>): [string, V][] {
  return [...map].sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
}
