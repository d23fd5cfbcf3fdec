import { describe, expect, it } from 'vitest';
import { disjointWindows } from '../../../src/gmem/trace/disjoint-windows.js';
import { readTrace } from '../../../src/gmem/trace/read-trace.js';
import { scenarioOfWindow } from '../../../src/gmem/trace/scenario-of-window.js';
import { selectWindow } from '../../../src/gmem/trace/select-window.js';
import type { TraceCallKind } from '../../../src/gmem/trace/trace.js';
import { haveRecordedLogs, recordedLogs } from './sample-trace.js';

// The counts are those of `zcat <log> | grep -c` for each kind of line.
describe.skipIf(!haveRecordedLogs)('the recorded workloads', () => {
  it.each([
    ['d2-same-nopunch', { 'guest-read': 496, 'guest-update': 1104 }],
    ['i3-icount-2vcpu-punch-d10', { 'guest-read': 253, 'guest-update': 547, 'punch-hole': 80 }],
    [
      'i4-icount-2vcpu-punch-umap-alloc',
      { 'guest-read': 180, 'guest-update': 420, 'punch-hole': 60, allocate: 60, 'user-read': 45, 'user-write': 105 },
    ],
  ] as const)('%s has all its calls', (log, expected) => {
    const counts: Partial<Record<TraceCallKind, number>> = {};
    for (const { kind } of readTrace(recordedLogs[log]).calls) counts[kind] = (counts[kind] ?? 0) + 1;
    expect(counts).toEqual(expected);
  });

  it.each([
    ['d2-same-nopunch', 80],
    ['i3-icount-2vcpu-punch-d10', 44],
    ['i4-icount-2vcpu-punch-umap-alloc', 43],
  ] as const)('%s has %i disjoint windows of twenty, each a scenario', (log, windows) => {
    const trace = readTrace(recordedLogs[log]);
    expect(disjointWindows(trace, 20)).toBe(windows);
    for (let from = 0; from < windows * 20; from += 20) {
      const { actors } = scenarioOfWindow(trace, { from, count: 20 }, recordedLogs[log]);
      expect(actors.reduce((sum, { calls }) => sum + calls.length, 0)).toBe(20);
    }
  });

  it('the busiest twenty calls of i3 hold a punch that overlaps guest accesses', () => {
    const path = recordedLogs['i3-icount-2vcpu-punch-d10'];
    const trace = readTrace(path);
    const scenario = scenarioOfWindow(trace, selectWindow(trace), path);
    expect(scenario.actors.map(({ name }) => name)).toEqual(['vCPU0', 'vCPU1', 'puncher']);
  });
});
