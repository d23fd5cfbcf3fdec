import { describe, expect, it } from 'vitest';
import type { LiveReport } from '../../src/live/live-report.js';
import { resultDocument } from '../../src/report/result-document.js';
import { resultSchema } from '../../src/report/result-schema.js';
import { stressNotCovered, stressReport } from '../../src/report/stress-report.js';
import { stressStats } from '../../src/report/stress-stats.js';
import type { StressWorld } from '../../src/report/stress-world.js';

const counts = { steps: 0, retries: 0, contended: 0, waitedMs: 0 };

const report: LiveReport = {
  ...{ mode: 'loop', threads: 2, epochs: 1, finished: 0, alone: 0, unfinished: undefined, refused: undefined },
  ...{ seconds: 2, interrupted: false, audits: 8 },
  ...{ steps: 2_295_040, calls: 1_400_000, faults: 12_000, retries: 900, contended: 83, waitedMs: 61.2 },
  actors: [
    { ...counts, actor: 0, name: 'vCPU0', thread: 0, calls: 900_000, faults: 1000, waitedMs: 250, retries: 900 },
    { ...counts, actor: 1, name: 'vCPU1', thread: 1, calls: 450_000, faults: 1000 },
    { ...counts, actor: 2, name: 'puncher', thread: 0, calls: 10_000, faults: 10_000 },
  ],
  byCall: [
    {
      ...{ name: 'convert gfn * to shared', completed: 0, faults: 0, results: [], latency: undefined },
    },
    {
      ...{ name: 'punch hole gfn *', completed: 10_000, faults: 10_000, results: [{ value: 0, count: 10_000 }] },
      latency: undefined,
    },
    {
      ...{ name: 'read gfn *', completed: 1_350_000, faults: 2000 },
      results: [
        { value: -14, count: 70 },
        { value: -11, count: 5 },
        { value: 0, count: 1_349_925 },
      ],
      latency: { measured: 20_000, meanNs: 113, p50Ns: 80, p90Ns: 90, p99Ns: 4361, p999Ns: 181_802, maxNs: 297_727 },
    },
  ],
  byLock: [
    { name: 'folio_lock', acquisitions: 29_944, contended: 83, waitedMs: 61.2 },
    { name: 'invalidate_lock', acquisitions: 10_000, contended: 0, waitedMs: 0 },
    { name: 'mmap_lock', acquisitions: 0, contended: 0, waitedMs: 0 },
  ],
  byFunction: [
    { function: 'kvm_gmem_get_pfn', visits: 2000, retries: 0 },
    { function: '__kvm_gmem_invalidate_start', visits: 9999, retries: 0 },
  ],
  findings: [],
  deaths: [],
};

const world: StressWorld = {
  peers: [[0, 1]],
  invalidation: '__kvm_gmem_invalidate_start',
  perturb: 0.05,
  failures: 0.2,
  unchecked: [],
};

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();

it('throughput, latency by call, contention by lock, actors and fairness, each as a table', () => {
  expect(stressReport(report, world)).toBe(`\
Ran 2.0 s: 2 threads, 1 world, 8 audits at quiescent points.

Throughput           total      per s
  calls          1,400,000    700,000
  faults            12,000      6,000
  retries              900        450
  invalidations      9,999      5,000
  steps          2,295,040  1,147,520
  (a fault is a call that entered a function; the others went straight through)

Calls               completed  faults  failed
  punch hole gfn *     10,000  10,000
  read gfn *        1,350,000   2,000      75

Latency        timed    p50    p90      p99   p99.9     max
  read gfn *  20,000  80 ns  90 ns  4.36 us  182 us  298 us

Locks              acquired  contended           waited  mean wait
  folio_lock         29,944         83  0.28 %  61.2 ms     737 us
  invalidate_lock    10,000          0

Actors     thread    calls  faults  retries  lock wait
  vCPU0         0  900,000   1,000      900     12.5 %
  vCPU1         1  450,000   1,000        0        0 %
  puncher       0   10,000  10,000        0        0 %

Fairness, vCPU0 to vCPU1: vCPU1 made 0.50 of the calls of vCPU0; Jain's
  index 0.900.
`);
});

it('threads that died are named with the actors they hosted and the locks these held', () => {
  const held = [{ actor: 'vCPU1', lock: 'folio_lock[3]', mode: 'write' as const }];
  const deaths = [
    { thread: 1, epoch: 4, actors: ['vCPU1', 'vCPU3'], held },
    { thread: 0, epoch: 5, actors: ['vCPU0'], held: [] },
  ];
  const text = oneLine(stressReport({ ...report, deaths }, world));
  expect(text).toContain('Thread 1 died in world 4 with vCPU1, vCPU3; vCPU1 held folio_lock[3] (write).');
  expect(text).toContain('Thread 0 died in world 5 with vCPU0; no lock was held.');
});

it('one vCPU has nobody to be fair to; a model without invalidations has no such row', () => {
  const text = stressReport(report, { ...world, peers: [[0]], invalidation: undefined });
  expect(text).not.toContain('Fairness');
  expect(text).not.toContain('invalidations');
});

it('a run that did nothing divides by nothing', () => {
  const nothing = { ...report, seconds: 0, calls: 0, faults: 0, retries: 0, steps: 0, byCall: [], byLock: [] };
  expect(stressReport(nothing, world)).not.toMatch(/NaN|Infinity/);
});

describe('what was not covered', () => {
  it('is one sentence: it samples, under which perturbation, how many at once, which memory model', () => {
    expect(oneLine(stressNotCovered(report, world))).toBe(
      'Not covered: a live run samples: it took the interleavings that came up in 12,000 faults under perturbation ' +
        '0.05, at most 2 of the 3 actors at one instant, every one sequentially consistent; what did not come up may ' +
        'still be there.',
    );
  });

  it('names the checks that looping leaves out, and a run without perturbation', () => {
    const text = oneLine(
      stressNotCovered({ ...report, threads: 3, faults: 0 }, { ...world, perturb: 0, unchecked: ['I8 balance'] }),
    );
    expect(text).toContain('in 1,400,000 calls without perturbation, every one');
    expect(text).toMatch(/; actors looped, so finished runs were not checked \(I8 balance\)\.$/);
  });
});

it('the statistics are those of the result document: counters, rates of the run, fairness, no finding', () => {
  const stats = stressStats(report, world);
  const document = resultDocument({ verb: 'stress', verdict: 'clean', seed: 1n, stats });
  expect(resultSchema.parse(JSON.parse(JSON.stringify(document))).stats).toMatchObject({
    ...{ faults: 12_000, seconds: 2, steps: 2_295_040, threads: 2, perturb: 0.05, failures: 0.2 },
    ...{ sightings: 0, invalidations: 9999, deaths: [] },
    fairness: [{ actors: ['vCPU0', 'vCPU1'], slowestToFastest: 0.5, jain: 0.9 }],
  });
  expect(stats).not.toHaveProperty('findings');
});
