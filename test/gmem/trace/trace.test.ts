import { describe, expect, it } from 'vitest';
import { overlapInTime, shareAPage, type TraceCall } from '../../../src/gmem/trace/trace.js';

function call(change: Partial<TraceCall>): TraceCall {
  return { actor: 'vCPU0', kind: 'guest-read', page: 0, count: 1, t0: 0, t1: 0, line: 1, ...change };
}

describe('overlapInTime', () => {
  it.each([
    [0, 4, 2, 6, true],
    [0, 9, 2, 6, true],
    [0, 2, 2, 6, true],
    [2, 2, 2, 2, true],
    [0, 1, 2, 6, false],
  ])('of [%i, %i] and [%i, %i]', (t0, t1, u0, u1, expected) => {
    expect(overlapInTime(call({ t0, t1 }), call({ t0: u0, t1: u1 }))).toBe(expected);
    expect(overlapInTime(call({ t0: u0, t1: u1 }), call({ t0, t1 }))).toBe(expected);
  });
});

describe('shareAPage', () => {
  it.each([
    [0, 1, 0, 1, true],
    [0, 4, 3, 1, true],
    [0, 4, 1, 2, true],
    [0, 3, 3, 1, false],
  ])('of page %i count %i and page %i count %i', (page, count, other, otherCount, expected) => {
    expect(shareAPage(call({ page, count }), call({ page: other, count: otherCount }))).toBe(expected);
    expect(shareAPage(call({ page: other, count: otherCount }), call({ page, count }))).toBe(expected);
  });
});
