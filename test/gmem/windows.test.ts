/** Windows of the recorded workloads; `scripts/windows` explores all of them. */

import { describe, expect, it } from 'vitest';
import { explore } from '../../src/explore/explore.js';
import { gmem } from '../../src/gmem/model.js';
import { readTrace } from '../../src/gmem/trace/read-trace.js';
import { scenarioOfWindow } from '../../src/gmem/trace/scenario-of-window.js';
import { haveRecordedLogs, recordedLogs } from './trace/sample-trace.js';

const CALLS = 17;
const schemes = ['v1-uptodate-prepared', 'v2-hook-every-fault', 'v3-inplace'];

async function kindsIn(log: keyof typeof recordedLogs, window: number, scheme: string, schedules: number) {
  const path = recordedLogs[log];
  const scenario = scenarioOfWindow(readTrace(path), { from: window * CALLS, count: CALLS }, path);
  const options = { strategy: 'pct', depth: 4, schedules, shrink: false } as const;
  const { findings, stats } = await explore(gmem(scenario, scheme), options);
  expect(stats.bounded).toBe(0);
  return findings.map(({ kind }) => kind);
}

describe.skipIf(!haveRecordedLogs)('a window of a recorded workload', () => {
  const windows = [
    ...[0, 1, 4, 7, 10, 17].map((window) => ['i3-icount-2vcpu-punch-d10', window] as const),
    ...[0, 25].map((window) => ['i4-icount-2vcpu-punch-umap-alloc', window] as const),
    ...[0, 50].map((window) => ['d2-same-nopunch', window] as const),
  ];
  it.each(windows)('%s, window %i: v1, v2 and v3 are clean', async (log, window) => {
    for (const scheme of schemes) expect(await kindsIn(log, window, scheme, 1_024)).toEqual([]);
  });

  it.each([0, 4, 10, 17, 32, 41])(
    'i3, window %i: v2 without its sequence check maps a page that was punched out',
    async (window) => {
      const mutant = 'v2-hook-every-fault+no-seq-check';
      expect(await kindsIn('i3-icount-2vcpu-punch-d10', window, mutant, 4_096)).toEqual(['stale-mapping']);
    },
  );
});
