import { Subject } from 'rxjs';
import { expect, it } from 'vitest';
import { type LiveLineWorld, type LiveRates, liveLine, liveRates } from '../../../src/cli/stress/live-line.js';
import type { LiveEvent } from '../../../src/live/live.js';

type Tick = Extract<LiveEvent, { type: 'tick' }>;

const world: LiveLineWorld = { actors: 4, once: false, invalidation: '__kvm_gmem_invalidate_start' };

function tick(
  seconds: number,
  changes: Partial<Tick>,
  counted: readonly [seconds: number, visits: number] = [0, 0],
): Tick {
  const [at, visits] = counted;
  return {
    ...{ type: 'tick', epoch: 1, seconds, steps: 1, calls: 0, faults: 0, retries: 0, contended: 0, waitedMs: 0 },
    ...{ findings: 0, locks: [], actors: [] },
    functions: { seconds: at, visits: new Map([['__kvm_gmem_invalidate_start', visits]]) },
    ...changes,
  };
}

function ratesOf(events: readonly LiveEvent[], of = world): LiveRates[] {
  const stream = new Subject<LiveEvent>();
  const seen: LiveRates[] = [];
  liveRates(stream, of).subscribe((rates) => seen.push(rates));
  for (const event of events) stream.next(event);
  stream.complete();
  return seen;
}

it('rates are those between one tick and the next, the first from the start', () => {
  const rates = ratesOf([
    tick(1, { calls: 500, faults: 100, retries: 10 }),
    tick(3, { calls: 700, faults: 400, retries: 10, findings: 2 }),
  ]);
  expect(
    rates.map(({ seconds, calls, faults, retries, findings }) => [seconds, calls, faults, retries, findings]),
  ).toEqual([
    [1, 500, 100, 10, 0],
    [3, 100, 150, 0, 2],
  ]);
});

it('ticks before the actors run do not count, nor does their clock', () => {
  const rates = ratesOf([tick(0.9, { steps: 0 }), tick(0.5, { faults: 50 })]);
  expect(rates.map(({ faults }) => faults)).toEqual([100]);
});

it('the lock wait is a share of the time of all actors, and never more than all of it', () => {
  const rates = ratesOf([tick(1, { waitedMs: 400 }), tick(2, { waitedMs: 9000 })]);
  expect(rates.map(({ lockWait }) => lockWait)).toEqual([0.1, 1]);
});

it('invalidations have a clock of their own, and keep their rate until the threads tell again', () => {
  const rates = ratesOf([
    tick(1, {}, [0.75, 150]),
    tick(2, {}, [0.75, 150]),
    tick(3, {}, [2.75, 1150]),
    tick(4, {}, [3.75, 1150]),
  ]);
  expect(rates.map(({ invalidations }) => invalidations)).toEqual([200, 200, 500, 0]);
});

it('a model without invalidations shows calls instead of faults', () => {
  const [rates] = ratesOf([tick(1, { calls: 12_500 })], { ...world, invalidation: undefined });
  expect(rates.invalidations).toBeUndefined();
  expect(liveLine(rates)).toBe('1.0 s: 12.5k calls/s, 0 retries/s, lock wait 0 %, 0 findings');
});

it('where calls are made once, the line says how many worlds there are in a second', () => {
  const of: LiveLineWorld = { actors: 2, once: true, invalidation: undefined };
  const rates = ratesOf([tick(1, { epoch: 1200, calls: 2400 }), tick(3, { epoch: 1500, calls: 3000 })], of);
  expect(rates.map(({ worlds }) => worlds)).toEqual([1200, 150]);
  expect(liveLine(rates[1])).toBe('3.0 s: 150 worlds/s, 300 calls/s, 0 retries/s, lock wait 0 %, 0 findings');
});

it('the line has everything that the issue asks for', () => {
  const rates = {
    seconds: 12.34,
    worlds: undefined,
    calls: 1e6,
    faults: 12_480,
    retries: 850,
    invalidations: 9800,
    lockWait: 0.12,
    findings: 1,
  };
  expect(liveLine(rates)).toBe(
    '12.3 s: 12.5k faults/s, 850 retries/s, 9.8k invalidations/s, lock wait 12.0 %, 1 finding',
  );
});
