/** Sections among threads. Worker threads run what was built: scripts/setup brings dist up to date before the tests. */
import { expect, it } from 'vitest';
import { live } from '../../src/live/live.js';
import { verify } from '../../src/verify/verify.js';
import { fixture } from './fixtures/index.js';

it.each([1, 2])('a grace period outlasts the readers that began before it, on %i threads', async (threads) => {
  const run = live(await fixture('grace-periods'), { threads, tickMs: 20, pauseEveryMs: 50 });
  run.events.subscribe((event) => {
    if (event.type === 'tick' && event.calls > 1_000_000) void run.stop();
  });
  const { byCall } = await run.done;
  expect(byCall.map(({ name, results }) => [name, results.map(({ value }) => value)])).toEqual([
    ['look', [0]],
    ['replace', [0]],
  ]);
});

it('single ops of others do not come between the ops of a section', async () => {
  const run = live(await fixture('between'), { threads: 2, tickMs: 20, pauseEveryMs: 50 });
  run.events.subscribe((event) => {
    if (event.type === 'tick' && event.calls > 1_000_000) void run.stop();
  });
  const { byCall } = await run.done;
  // Where single ops take no part, one look in a hundred sees a state that never was.
  expect(byCall.find(({ name }) => name === 'look')?.results.map(({ value }) => value)).toEqual([0]);
});

it('nobody acts upon what a section has stored that is then refused', async () => {
  const model = await fixture('half-done');
  const { findings } = await verify(model, { all: true });
  expect(findings.map(({ kind }) => kind)).toEqual(['assertion']);
  // Where somebody did, it was one epoch in two hundred.
  const report = await live(model, { threads: 2, tickMs: 20, pauseEveryMs: 50, epochs: 600 }).done;
  expect(report.findings.map(({ finding }) => finding.kind)).toEqual(['assertion']);
});
