/**
 * Metrics of a live run: what it has counted so far, and once it is over, what only its report tells. Imported by stress.
 */

import type { MetricFamily, MetricSample } from '../../exports/prometheus.js';
import type { LiveEvent } from '../../live/live.js';
import type { LiveReport } from '../../live/live-report.js';

type Tick = Extract<LiveEvent, { type: 'tick' }>;

/** While it runs. */
export function tickMetrics({ epoch, findings, functions, locks, actors, ...counted }: Tick): readonly MetricFamily[] {
  const visits = [...functions.visits].map(([name, value]) => ({ value, labels: { function: name } }));
  return [
    ...countedMetrics({ ...counted, epochs: epoch, findings }),
    visitMetrics(visits),
    ...lockMetrics(locks),
    ...actorMetrics(actors),
  ];
}

/** Once it is over. */
export function reportMetrics(report: LiveReport): readonly MetricFamily[] {
  const { findings, deaths, audits, byCall, byLock, byFunction, actors } = report;
  return [
    ...countedMetrics({ ...report, findings: findings.length }),
    visitMetrics(byFunction.map((each) => ({ value: each.visits, labels: { function: each.function } }))),
    {
      ...{ name: 'faultline_finding_sightings_total', type: 'counter', help: 'Times that findings were seen.' },
      samples: findings.map(({ finding, count }) => ({
        ...{ value: count, labels: { kind: finding.kind, rule: finding.rule, function: finding.function } },
      })),
    },
    counter('faultline_thread_deaths_total', 'Worker threads that died.', deaths.length),
    counter('faultline_audits_total', 'Checks of the whole world at quiescent points.', audits),
    {
      ...{ name: 'faultline_call_duration_seconds', type: 'summary', help: 'Time of a call, of one in a few dozen.' },
      samples: byCall.flatMap(({ name, latency }) => {
        if (latency === undefined) return [];
        const { p50Ns, p90Ns, p99Ns, p999Ns, meanNs, measured } = latency;
        const quantiles = Object.entries({ '0.5': p50Ns, '0.9': p90Ns, '0.99': p99Ns, '0.999': p999Ns });
        const labels = { call: name };
        return [
          ...quantiles.map(([quantile, ns]) => ({ value: ns / 1e9, labels: { ...labels, quantile } })),
          { value: (meanNs * measured) / 1e9, suffix: '_sum', labels } as const,
          { value: measured, suffix: '_count', labels } as const,
        ];
      }),
    },
    ...lockMetrics(byLock),
    ...actorMetrics(actors),
  ];
}

/** Counters that live runs and campaigns share. */
export interface CountedRun {
  readonly seconds: number;
  readonly steps: number;
  readonly calls: number;
  readonly faults: number;
  readonly retries: number;
  readonly epochs: number;
  /** Different ones. */
  readonly findings: number;
  readonly waitedMs?: number;
}

/** The families of the shared counters. */
export function countedMetrics(counted: CountedRun): readonly MetricFamily[] {
  const { seconds, steps, calls, faults, retries, epochs, findings, waitedMs } = counted;
  return [
    counter('faultline_run_seconds_total', 'Time that actors have been running.', seconds),
    counter('faultline_steps_total', 'Steps of all actors; an atomic section is one.', steps),
    counter('faultline_calls_total', 'Calls that were completed.', calls),
    counter('faultline_faults_total', 'Calls that entered a function.', faults),
    counter('faultline_retries_total', 'Jumps back to the head of a retry loop.', retries),
    counter('faultline_worlds_total', 'Worlds that were begun.', epochs),
    { ...{ name: 'faultline_findings', type: 'gauge', help: 'Different findings.' }, samples: [{ value: findings }] },
    ...(waitedMs === undefined
      ? []
      : [counter('faultline_lock_wait_seconds_total', 'Time that all actors waited for locks.', waitedMs / 1000)]),
  ];
}

/** A counter of one sample. */
export function counter(name: string, help: string, value: number): MetricFamily {
  return { name, type: 'counter', help, samples: [{ value }] };
}

function lockMetrics(locks: LiveReport['byLock']): readonly MetricFamily[] {
  const each = (name: string, help: string, of: (lock: (typeof locks)[number]) => number): MetricFamily => ({
    ...{ name, type: 'counter', help },
    samples: locks.map((lock) => ({ value: of(lock), labels: { lock: lock.name } })),
  });
  return [
    each('faultline_lock_acquisitions_total', 'Times that a lock was taken.', ({ acquisitions }) => acquisitions),
    each('faultline_lock_contended_total', 'Of these, those that had to wait.', ({ contended }) => contended),
    each('faultline_lock_waited_seconds_total', 'Time spent waiting for a lock.', ({ waitedMs }) => waitedMs / 1000),
  ];
}

function actorMetrics(actors: LiveReport['actors']): readonly MetricFamily[] {
  const each = (name: string, help: string, of: (actor: (typeof actors)[number]) => number): MetricFamily => ({
    ...{ name, type: 'counter', help },
    samples: actors.map((actor) => ({ value: of(actor), labels: { actor: actor.name } })),
  });
  return [
    each('faultline_actor_calls_total', 'Calls that an actor completed.', ({ calls }) => calls),
    each(
      'faultline_actor_waited_seconds_total',
      'Time that an actor waited for locks.',
      ({ waitedMs }) => waitedMs / 1000,
    ),
  ];
}

function visitMetrics(samples: readonly MetricSample[]): MetricFamily {
  return {
    name: 'faultline_function_visits_total',
    type: 'counter',
    help: 'Times that a function was entered.',
    samples,
  };
}
