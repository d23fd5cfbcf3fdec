/** Classic programs: every correct one is verified, every broken one is caught, with whatever reductions. */
import { describe, expect, it } from 'vitest';
import type { Model } from '../../../src/index.js';
import { verify } from '../../../src/verify/verify.js';
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
