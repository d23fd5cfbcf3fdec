/** Classic programs: every correct one is verified, every broken one is caught, with whatever reductions. */
import { describe, expect, it } from 'vitest';
import { compileModel, enumerateSchedules, type Model, verify } from '../../../src/index.js';
import { abba } from './abba.js';
import { boundedBuffer } from './bounded-buffer.js';
import { dekker } from './dekker.js';
import { doubleCheckedLocking } from './double-checked-locking.js';
import { lostUpdate } from './lost-update.js';
import { mcsLock } from './mcs-lock.js';
import { peterson } from './peterson.js';
import { philosophers } from './philosophers.js';
import { readersWriters } from './readers-writers.js';
import { testAndSet } from './test-and-set.js';
import { ticketLock } from './ticket-lock.js';
import { treiberStack } from './treiber-stack.js';

/** The kinds that the broken variant shows. */
const programs: readonly (readonly [Model, kinds: readonly string[]])[] = [
  [abba, ['deadlock']],
  [boundedBuffer, ['deadlock', 'deadlock']],
  [dekker, ['livelock']],
  [doubleCheckedLocking, ['assertion']],
  [lostUpdate, ['assertion']],
  [mcsLock, ['deadlock', 'deadlock']],
  [peterson, ['assertion']],
  [philosophers, ['deadlock']],
  [readersWriters, ['assertion']],
  [testAndSet, ['assertion']],
  [ticketLock, ['assertion', 'deadlock', 'deadlock']],
  [treiberStack, ['assertion']],
];
const OFF = { merge: false, symmetry: false, por: false };

describe.each(programs.map(([model, kinds]) => ({ name: model.name, model, kinds })))('$name', ({ model, kinds }) => {
  it.each([
    ['reduced', {}],
    ['as it is', OFF],
  ])('is verified when it is right (%s)', async (_, reductions) => {
    const { verdict, findings } = await verify(model.with({ broken: false }), {
      all: true,
      coverage: false,
      ...reductions,
    });
    expect(findings.map(({ signature }) => signature)).toEqual([]);
    expect(verdict).toBe('verified');
  });

  it.each([
    ['reduced', {}],
    ['as it is', OFF],
  ])('is caught when it is broken (%s)', async (_, reductions) => {
    const { findings } = await verify(model.with({ broken: true }), { all: true, coverage: false, ...reductions });
    expect(findings.map(({ kind }) => kind).sort()).toEqual(kinds);
  });
});

describe('the number of interleavings', () => {
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

  // By hand: N steps in any order; N times a read before its write.
  it.each([2, 3, 4])('of %i increments is N!, and (2N)! / 2^N in two steps each', async (actors) => {
    const count = async (broken: boolean) =>
      (await verify(lostUpdate.with({ actors, broken }), { count: true, all: true })).interleavings;
    expect(await count(false)).toBe(BigInt(factorial(actors)));
    expect(await count(true)).toBe(BigInt(factorial(2 * actors) / 2 ** actors));
  });

  // Two engines that share the executor's ops and no search: one counts paths in a graph, the other runs every schedule.
  it.each<[Model, number]>([
    [abba.with({ broken: false }), 2],
    [boundedBuffer, 187],
    [boundedBuffer.with({ broken: true }), 409],
    [doubleCheckedLocking, 72],
    [philosophers.with({ broken: false }), 142],
    [philosophers.with({ broken: true }), 168],
    [readersWriters, 526],
    [ticketLock, 210],
    [treiberStack, 831_717],
  ])('is what an enumeration of all schedules finds (%#)', async (model, interleavings) => {
    expect((await verify(model, { count: true, all: true })).interleavings).toBe(BigInt(interleavings));
    expect(enumerateSchedules(await compileModel(model)).maximal).toBe(interleavings);
  });

  it.each<[string, Model]>([
    ['Dekker', dekker],
    ['Peterson', peterson],
    ['test-and-set', testAndSet],
    ['MCS', mcsLock],
  ])('is unbounded where tasks spin: %s', async (_, model) => {
    expect((await verify(model, { count: true, all: true })).interleavings).toBe('unbounded');
  });
});

it.each<[string, Model]>([
  ['bounded buffer, 4 items, room for 2', boundedBuffer.with({ items: 4, capacity: 2 })],
  ['double-checked locking, 4 tasks', doubleCheckedLocking.with({ actors: 4 })],
  ['MCS lock, 2 tasks', mcsLock.with({ actors: 2 })],
  ['philosophers, 6', philosophers.with({ count: 6, broken: false })],
  ['readers and writers, 3 and 2', readersWriters.with({ readers: 3, writers: 2 })],
  ['test-and-set lock, 4 tasks', testAndSet.with({ actors: 4 })],
  ['ticket lock, 5 tasks', ticketLock.with({ actors: 5 })],
])('is verified at another size, too: %s', async (_, model) => {
  expect((await verify(model, { all: true })).verdict).toBe('verified');
});

it("Peterson's lock has the 42 distinct states that TLC finds in Lamport's PlusCal", async () => {
  const { states, deadlocked, completed } = await verify(peterson, OFF);
  expect({ states, deadlocked, completed }).toEqual({ states: 42, deadlocked: 0, completed: 0 });
});

it.each([2, 3, 4])('the lost update leaves every value from 1 to %i', async (actors) => {
  const { finalStates } = await verify(lostUpdate.with({ actors, broken: true }), { all: true });
  expect(finalStates).toBe(actors);
});

it('tasks that take a test-and-set lock for ever never end, and that is a livelock', async () => {
  const { findings } = await verify(testAndSet.with({ forever: true }), { all: true });
  expect(findings.map(({ kind }) => kind)).toEqual(['livelock']);
});
