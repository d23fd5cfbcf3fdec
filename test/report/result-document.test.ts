import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/core/finding.js';
import type { ExploreStats } from '../../src/explore/stats.js';
import { resultDocument } from '../../src/report/result-document.js';
import { resultSchema } from '../../src/report/result-schema.js';

const finding: Finding = {
  id: '0123abcd',
  kind: 'leak',
  signature: 'leak on folio in kvm_gmem_get_pfn: folio <- MAP_SHARED',
  title: 'BUG: faultline: leak in kvm_gmem_get_pfn / kvm_gmem_punch_hole',
  words: 'the guest reads residue',
  rule: 'folio contents.leak',
  schedule: { steps: [0, 1, 0], choices: [] },
  kept: [[0], [0]],
  steps: 3,
  contextSwitches: 2,
  minimal: true,
  foundAt: 17,
  history: { steps: 30, contextSwitches: 12 },
  opsHash: 'deadbeef',
};

const stats: ExploreStats = {
  schedules: 256,
  steps: 5000,
  seconds: 0.25,
  distinctFinalStates: 4,
  drawnSchedules: 256,
  singletonFinalStates: 0,
  finalStatesCapped: false,
  completed: 255,
  deadlocked: 0,
  violating: 1,
  livelocked: 0,
  joined: 0,
  stepBound: 20_000,
  boundedOpen: 0,
  bounded: 0,
  boundedBy: [{ actor: 'vCPU0', loop: 'fault', count: 0 }],
  growing: [],
  longestRun: 40,
  strategy: 'random',
  interrupted: false,
  neverExecuted: [],
  eventsNeverSent: ['folio: PIN'],
  eventsWithinReach: [],
  oneSided: [],
};

test('holds what the design lists, and of a finding no schedule', () => {
  const document = resultDocument({
    ...{ verb: 'explore', scenario: 'fault-vs-punch', scheme: 'bitmap-nolock', arch: 'snp', seed: 1n },
    verdict: 'violation',
    stats,
    findings: [{ finding, token: 'fl1:x', file: 'out/0123abcd.json' }],
  });
  expect(document).toEqual({
    schema: 'faultline.result/1',
    ...{ verb: 'explore', scenario: 'fault-vs-punch', scheme: 'bitmap-nolock', arch: 'snp', seed: 1 },
    verdict: 'violation',
    stats,
    findings: [
      {
        ...{ id: '0123abcd', kind: 'leak', signature: finding.signature, title: finding.title, token: 'fl1:x' },
        ...{ steps: 3, contextSwitches: 2, minimal: true, file: 'out/0123abcd.json' },
      },
    ],
  });
  expect(resultSchema.parse(JSON.parse(JSON.stringify(document)))).toEqual(document);
});

test('what does not apply is left out', () => {
  const document = resultDocument({
    verb: 'compare',
    verdict: 'clean',
    seed: undefined,
    findings: [{ finding, token: undefined }],
  });
  expect(Object.keys(document)).toEqual(['schema', 'verb', 'verdict', 'findings']);
  expect(document.findings[0]).not.toHaveProperty('token');
});

test('a live finding without a reproducer has no size, and says when it was seen', () => {
  const { steps: _, contextSwitches: __, minimal: ___, ...known } = finding;
  const live = { count: 3, epoch: 1, seconds: 1.5, lastSeconds: 9.25, calls: 100_000, faults: 29_733 };
  const search = { schedules: 122_000, candidates: 1 };
  const document = resultDocument({
    verb: 'stress',
    verdict: 'violation',
    findings: [{ finding: known, live, search }],
  });
  expect(document.findings).toEqual([
    { id: '0123abcd', kind: 'leak', signature: finding.signature, title: finding.title, live, search },
  ]);
  expect(resultSchema.parse(JSON.parse(JSON.stringify(document)))).toEqual(document);
});

test('compare lists its cells, with a kind where one broke', () => {
  const cells = [
    { scheme: 'a', scenario: 'x', verdict: 'violation', kind: 'leak' },
    { scheme: 'a', scenario: 'y', verdict: 'clean', kind: undefined },
  ] as const;
  const document = resultDocument({ verb: 'compare', verdict: 'violation', cells });
  expect(document.cells).toEqual([cells[0], { scheme: 'a', scenario: 'y', verdict: 'clean' }]);
  expect(resultSchema.safeParse(document).success).toBe(true);
});

test('integers that a JSON reader would round are strings, all others numbers', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }), (seed) => {
      const document = resultDocument({ verb: 'explore', verdict: 'clean', seed, stats: { steps: Number(seed) } });
      const safe = Number.isSafeInteger(Number(seed));
      expect(document.seed).toBe(safe ? Number(seed) : seed.toString());
      expect(typeof document.stats?.steps).toBe(safe ? 'number' : 'string');
      const read = resultSchema.parse(JSON.parse(JSON.stringify(document)));
      expect(BigInt(read.seed ?? 0)).toBe(seed);
    }),
  );
});

describe('the schema refuses', () => {
  const document = resultDocument({ verb: 'explore', verdict: 'clean', findings: [{ finding }] });
  test.each([
    ['another schema', { ...document, schema: 'faultline.result/2' }],
    ['an unknown verdict', { ...document, verdict: 'fine' }],
    ['an unknown member', { ...document, extra: 1 }],
    ['an unknown kind', { ...document, findings: [{ ...document.findings[0], kind: 'oops' }] }],
    ['an integer that was rounded', { ...document, seed: 2 ** 60 }],
    ['a finding without a title', { ...document, findings: [{ ...document.findings[0], title: undefined }] }],
  ])('%s', (_, wrong) => {
    expect(resultSchema.safeParse(document).success).toBe(true);
    expect(resultSchema.safeParse(wrong).success).toBe(false);
  });
});
