import { createHistogram } from 'node:perf_hooks';
import { expect, it } from 'vitest';
import { StatisticsSum } from '../../src/live/live-report.js';

const part = { calls: [], retries: [], locks: [], functions: [], latencies: [] };

it('parts of several threads and times add up by name', () => {
  const sum = new StatisticsSum();
  sum.add({
    ...part,
    calls: [{ name: 'read', completed: 5, faults: 2, results: [{ value: 0, count: 5 }] }],
    locks: [{ name: 'gate', acquisitions: 7, contended: 1, waitedMs: 0.5 }],
    functions: [{ function: 'fault', visits: 3 }],
  });
  sum.add({
    ...part,
    calls: [
      {
        name: 'read',
        completed: 2,
        faults: 1,
        results: [
          { value: 0, count: 1 },
          { value: -14, count: 1 },
        ],
      },
      { name: 'convert', completed: 1, faults: 1, results: [{ value: 0, count: 1 }] },
    ],
    locks: [{ name: 'gate', acquisitions: 1, contended: 1, waitedMs: 0.25 }],
    functions: [{ function: 'fault', visits: 1 }],
    retries: [{ function: 'fault', retries: 4 }],
  });
  expect(sum.sums).toEqual({
    byCall: [
      { name: 'convert', completed: 1, faults: 1, results: [{ value: 0, count: 1 }], latency: undefined },
      {
        ...{ name: 'read', completed: 7, faults: 3, latency: undefined },
        results: [
          { value: -14, count: 1 },
          { value: 0, count: 6 },
        ],
      },
    ],
    byLock: [{ name: 'gate', acquisitions: 8, contended: 2, waitedMs: 0.75 }],
    byFunction: [{ function: 'fault', visits: 4, retries: 4 }],
  });
});

it('latencies of all threads are one distribution, and go on being filled', () => {
  const sum = new StatisticsSum();
  const [first, second] = [createHistogram(), createHistogram()];
  for (let ns = 1; ns <= 100; ns++) first.record(ns);
  sum.add({
    ...part,
    calls: [{ name: 'read', completed: 200, faults: 0, results: [] }],
    latencies: [{ name: 'read', histogram: first }],
  });
  sum.add({ ...part, latencies: [{ name: 'read', histogram: second }] });
  for (let ns = 101; ns <= 200; ns++) second.record(ns);
  const { latency } = sum.sums.byCall[0];
  expect(latency).toMatchObject({ measured: 200, maxNs: 200 });
  expect(latency!.p50Ns).toBe(100);
  expect(latency!.p99Ns).toBe(198);
});
