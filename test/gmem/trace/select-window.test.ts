import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/core/errors.js';
import { selectWindow } from '../../../src/gmem/trace/select-window.js';
import { overlapInTime, type RecordedTrace, shareAPage, type TraceCall } from '../../../src/gmem/trace/trace.js';
import { arbitraryTrace } from './sample-trace.js';

/** A trace of calls given as [actor, page, t0, t1], in order of t0. */
function traceOf(...calls: readonly [string, number, number, number][]): RecordedTrace {
  return {
    vcpus: 2,
    pages: 9,
    calls: calls.map(([actor, page, t0, t1], line) => ({ actor, kind: 'guest-update', page, count: 1, t0, t1, line })),
  };
}

/** `count` calls of one vCPU, one after the other. */
function quiet(count: number): RecordedTrace {
  return traceOf(
    ...Array.from({ length: count }, (_, index): [string, number, number, number] => [
      'vCPU0',
      0,
      index * 2,
      index * 2 + 1,
    ]),
  );
}

describe('the default window', () => {
  it('is twenty calls', () => {
    expect(selectWindow(quiet(50))).toEqual({ from: 0, count: 20 });
  });

  it('is the whole of a shorter log', () => {
    expect(selectWindow(quiet(7))).toEqual({ from: 0, count: 7 });
  });

  it('has the most overlapping pairs of different actors on one page', () => {
    const trace = traceOf(['vCPU0', 1, 0, 5], ['vCPU1', 2, 1, 4], ['vCPU0', 3, 10, 15], ['vCPU1', 3, 11, 14]);
    expect(selectWindow(trace, { count: 2 })).toEqual({ from: 2, count: 2 });
  });

  it('takes the shorter of two equally busy ones, then the earlier', () => {
    const slow: [string, number, number, number][] = [
      ['vCPU0', 1, 0, 9],
      ['vCPU1', 1, 1, 8],
    ];
    const quick = (at: number): [string, number, number, number][] => [
      ['vCPU0', 2, at, at + 2],
      ['vCPU1', 2, at + 1, at + 3],
    ];
    expect(selectWindow(traceOf(...slow, ...quick(20), ...quick(30)), { count: 2 }).from).toBe(2);
  });

  it('is the one that counting every pair of every window finds', () => {
    const pairs = (calls: readonly TraceCall[]) =>
      calls.flatMap((one, at) =>
        calls.slice(at + 1).filter((two) => one.actor !== two.actor && overlapInTime(one, two) && shareAPage(one, two)),
      ).length;
    const span = (calls: readonly TraceCall[]) => Math.max(...calls.map(({ t1 }) => t1)) - calls[0].t0;
    fc.assert(
      fc.property(arbitraryTrace, fc.nat(), (trace, some) => {
        const count = 1 + (some % trace.calls.length);
        const windows = trace.calls.slice(count - 1).map((_, from) => trace.calls.slice(from, from + count));
        const ranked = windows
          .map((calls, from) => ({ from, pairs: pairs(calls), span: span(calls) }))
          .sort((one, two) => two.pairs - one.pairs || one.span - two.span || one.from - two.from);
        expect(selectWindow(trace, { count })).toEqual({ from: ranked[0].from, count });
      }),
      { numRuns: 500 },
    );
  });
});

describe('a window that is asked for', () => {
  it.each([
    [{ from: 3 }, { from: 3, count: 20 }],
    [{ from: 45 }, { from: 45, count: 5 }],
    [
      { from: 49, count: 1 },
      { from: 49, count: 1 },
    ],
    [{ count: 50 }, { from: 0, count: 50 }],
  ])('%j', (asked, window) => {
    expect(selectWindow(quiet(50), asked)).toEqual(window);
  });

  it.each([
    [{ from: 50 }, 'from is 50; allowed: a whole number from 0 to 49'],
    [{ from: -1 }, 'from is -1; allowed: a whole number from 0 to 49'],
    [{ from: Number.NaN }, 'from is NaN; allowed: a whole number from 0 to 49'],
    [{ from: 40, count: 11 }, 'count is 11; allowed: a whole number from 1 to 10'],
    [{ count: 51 }, 'count is 51; allowed: a whole number from 1 to 50'],
    [{ count: 0 }, 'count is 0; allowed: a whole number from 1 to 50'],
  ])('refuses %j', (asked, sentence) => {
    expect(() => selectWindow(quiet(50), asked)).toThrow(
      new InputError(`faultline: window: ${sentence} (the log has 50 calls)`),
    );
  });
});
