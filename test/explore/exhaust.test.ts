/** Exhaust: every schedule of a small model, with findings. */
import { expect, it } from 'vitest';
import { exhaust } from '../../src/explore/exhaust.js';
import { replaySchedule } from '../../src/explore/replay.js';
import { keepCalls } from '../../src/index.js';
import { besideTicker, mayHang } from './endless-models.js';
import { lostUpdate } from './toys.js';

it('ends with the first run that breaks something, and shrinks it', async () => {
  const { findings, enumeration, program } = await exhaust(lostUpdate);
  expect(findings).toHaveLength(1);
  expect(enumeration).toMatchObject({ violating: 1, exhaustive: false });
  const [{ schedule, kept, foundAt, minimal }] = findings;
  expect(foundAt).toBe(enumeration.maximal - 1);
  expect(minimal).toBe(true);
  expect(replaySchedule(program, schedule, keepCalls(program.actors, kept)).violation).toBeDefined();
});

it('goes on to the end when asked, and counts what there is', async () => {
  const { findings, enumeration } = await exhaust(lostUpdate, { keepGoing: true });
  // 4 of the 6 interleavings of two reads and two writes lose an update.
  expect(enumeration).toMatchObject({ maximal: 6, completed: 6, violating: 4, exhaustive: true });
  expect(new Set(findings.map(({ signature }) => signature)).size).toBe(findings.length);
});

it('stops at its limit, and at its budget', async () => {
  const limited = await exhaust(lostUpdate, { keepGoing: true, schedules: 3 });
  expect(limited.enumeration).toMatchObject({ maximal: 3, exhaustive: false });
  let now = 0;
  const late = await exhaust(lostUpdate, { keepGoing: true, budgetMs: 2, clock: () => now++ });
  expect(late.enumeration.maximal).toBeLessThan(6);
  expect(late.enumeration.exhaustive).toBe(false);
});

it('tells of a finding when it is seen, and again when it is small', async () => {
  const told: boolean[] = [];
  await exhaust(lostUpdate, { onFinding: ({ minimal }) => told.push(minimal) });
  expect(told).toEqual([false, true]);
});

it('finds the livelock of runs that come to the step bound, and its smallest run', async () => {
  const { findings, enumeration } = await exhaust(mayHang, { keepGoing: true, stepBound: 100 });
  expect(findings).toMatchObject([{ kind: 'livelock', minimal: true, steps: 3, loopFrom: 2 }]);
  expect(enumeration.livelocked).toBeGreaterThan(0);
  const first = await exhaust(mayHang, { stepBound: 100 });
  expect(first.findings.map(({ id }) => id)).toEqual(findings.map(({ id }) => id));
  expect(first.enumeration.livelocked).toBe(1);
  const repaired = await exhaust(mayHang.with({ broken: false }), { keepGoing: true, stepBound: 10 });
  expect(repaired.findings).toEqual([]);
  expect(repaired.enumeration.livelocked).toBe(0);
});

it('ends a run where only daemons go on, to where they were, and asks what must hold there', async () => {
  const broken = await exhaust(besideTicker, { keepGoing: true });
  expect(broken.findings).toMatchObject([{ kind: 'assertion', minimal: true, steps: 1 }]);
  const right = await exhaust(besideTicker.with({ holds: true }), { keepGoing: true, stepBound: 20 });
  expect(right.findings).toEqual([]);
  expect(right.enumeration.completed).toBeGreaterThan(1);
});
