import { describe, expect, it } from 'vitest';
import { disjointWindows } from '../../../src/gmem/trace/disjoint-windows.js';
import type { RecordedTrace } from '../../../src/gmem/trace/trace.js';

function traceOf(calls: number): RecordedTrace {
  const call = { actor: 'vCPU0', kind: 'guest-read', page: 0, count: 1, t0: 0, t1: 0, line: 1 } as const;
  return { vcpus: 1, pages: 1, calls: Array.from({ length: calls }, () => call) };
}

describe('disjointWindows', () => {
  it.each([
    [19, 20, 0],
    [20, 20, 1],
    [880, 20, 44],
    [7, 1, 7],
  ])('of %i calls in windows of %i', (calls, count, windows) => {
    expect(disjointWindows(traceOf(calls), count)).toBe(windows);
  });
});
