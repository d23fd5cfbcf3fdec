/** Worker threads run what was built: scripts/setup brings dist up to date before the tests. */
import { describe, expect, it } from 'vitest';
import { InputError, ModelError } from '../../src/core/errors.js';
import { defineModel } from '../../src/index.js';
import type { LiveOptions } from '../../src/live/live.js';
import { type LiveEvent, live } from '../../src/live/live.js';
import type { Model } from '../../src/model/model.js';
import { fixture } from './fixtures/index.js';

async function runLive(model: Model, options: LiveOptions) {
  const run = live(model, options);
  const events: LiveEvent[] = [];
  run.events.subscribe((event) => events.push(event));
  return { report: await run.done, events };
}

const ends = (events: readonly LiveEvent[]) => events.filter((event) => event.type === 'epoch-end');

describe('actors on two threads', () => {
  it.each(['add', 'mutex', 'rwsem', 'section'])('lose no count: %s', async (way) => {
    const model = (await fixture('counters')).with({ actors: 4, rounds: 3000, way });
    const { report, events } = await runLive(model, { mode: 'once', threads: 2, epochs: 3, tellsEnds: true });
    expect(report.findings.map(({ finding }) => finding.words)).toEqual([]);
    expect(ends(events).map((event) => event.end)).toEqual(['finished', 'finished', 'finished']);
    expect(report.calls).toBe(3 * 4 * 3000);
    // What a call returns: how far apart it saw two cells that change in one section.
    if (way === 'section') expect(report.byCall[0].results).toEqual([{ value: 0, count: 3 * 4 * 3000 }]);
  });

  it('lose counts where a load and a store are two steps', async () => {
    const model = (await fixture('counters')).with({ actors: 4, rounds: 3000, way: 'plain' });
    const { report } = await runLive(model, {
      mode: 'once',
      threads: 2,
      epochs: 50,
      stopAtFinding: true,
      perturb: 0.01,
    });
    expect(report.findings.map(({ finding }) => finding.words)).toEqual(['a count was lost']);
  });

  it('put every event that changes an object into one order of versions', async () => {
    const model = (await fixture('switches')).with({ actors: 6, objects: 2, rounds: 2000 });
    const { events } = await runLive(model, { mode: 'once', threads: 2, epochs: 1, tellsEnds: true });
    const [{ final }] = ends(events);
    // 3 actors an object, 2000 steps each, round a ring of 5.
    expect([...final!.words].slice(0, 2)).toEqual([(3 * 2000) % 5, (3 * 2000) % 5]);
  });
});

describe('one thread', () => {
  it.each(['add', 'mutex', 'rwsem', 'section'])('loses no count with the local locks: %s', async (way) => {
    const model = (await fixture('counters')).with({ actors: 8, rounds: 1000, way });
    const { report } = await runLive(model, { mode: 'once', threads: 1, locks: 'local', epochs: 2, perturb: 0.1 });
    expect(report.findings).toEqual([]);
    expect(report.calls).toBe(2 * 8 * 1000);
  });
});

describe('mode once', () => {
  it('keeps the order that a script demands', async () => {
    const { report, events } = await runLive(await fixture('gated'), {
      mode: 'once',
      threads: 2,
      epochs: 20,
      tellsEnds: true,
    });
    expect(report.findings).toEqual([]);
    expect(ends(events).map(({ final }) => final?.results)).toEqual(Array(20).fill([[1, 3], [2]]));
  });

  it('ends while daemons wait for ever', async () => {
    const { report } = await runLive(await fixture('every-lock'), { mode: 'once', threads: 2, epochs: 5 });
    expect(report.epochs).toBe(5);
    expect(report.findings).toEqual([]);
  });
});

describe('mode loop', () => {
  it('draws the identities of a call anew, and ranges stay ranges', async () => {
    const model = await fixture('ranges');
    let asked = 0;
    const { report } = await runLive(model, { threads: 2, deadline: () => ++asked > 20, pauseEveryMs: 20 });
    expect(report.findings).toEqual([]);
    const values = report.byCall.find(({ name }) => name === 'range')!.results.map(({ value }) => value);
    expect(values).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('resets a world that is old', async () => {
    let asked = 0;
    const model = await fixture('counters');
    const options = { threads: 2, epochMs: 5, deadline: () => ++asked > 60, pauseEveryMs: 5 };
    const { report, events } = await runLive(model, options);
    expect(ends(events).filter(({ end }) => end === 'old')).toHaveLength(report.epochs - 1);
    expect(report.epochs).toBeGreaterThan(2);
  });

  it('answers choices by the rate of failures', async () => {
    let asked = 0;
    const options = { threads: 2, failureRate: 0.25, deadline: () => ++asked > 40, pauseEveryMs: 10 };
    const { report } = await runLive(await fixture('choices'), options);
    const { completed, results } = report.byCall[0];
    expect(completed).toBeGreaterThan(1000);
    const failed = results.filter(({ value }) => value > 0).reduce((sum, { count }) => sum + count, 0);
    expect(Math.abs(failed / completed - 0.25)).toBeLessThan(5 * Math.sqrt((0.25 * 0.75) / completed));
    expect(results.map(({ value }) => value)).toEqual([0, 1, 2]);
  });
});

it('counts calls, functions, retries, locks and latencies', async () => {
  const model = (await fixture('counters')).with({ actors: 2, rounds: 4000, way: 'mutex' });
  const { report } = await runLive(model, { mode: 'once', threads: 2, epochs: 1, tellsEnds: true });
  expect(report.byLock).toHaveLength(1);
  expect(report.byLock[0]).toMatchObject({ name: 'mutex', acquisitions: 8000 });
  expect(report.byLock[0].contended).toBe(report.contended);
  const [{ name, completed, latency }] = report.byCall;
  expect({ name, completed }).toEqual({ name: 'count', completed: 8000 });
  // One call in 64 or so.
  expect(latency!.measured).toBeGreaterThan(70);
  expect(latency!.measured).toBeLessThan(220);
  expect(latency!.p50Ns).toBeLessThanOrEqual(latency!.p99Ns);
  expect(report.actors.map(({ calls }) => calls)).toEqual([4000, 4000]);
});

it('a model that no worker thread could load is refused', async () => {
  const model = defineModel({ name: 'nowhere', build: () => {} });
  await expect(live(model).done).rejects.toThrow(InputError);
});

it.each([
  [{ threads: 0 }, /threads is 0; allowed is 1 to 1024/],
  [{ perturb: 2 }, /perturb is 2; allowed is 0 to 1/],
  [{ failureRate: -1 }, /failureRate is -1; allowed is 0 to 1/],
  [{ threads: 2, locks: 'local' }, /locks "local" serve one thread, not 2/],
] as [LiveOptions, RegExp][])('options out of range are refused: %o', async (options, words) => {
  await expect(live(await fixture('counters'), options).done).rejects.toThrow(words);
});

it('a model that breaks a rule in a thread ends the run with its sentence', async () => {
  const run = live(await fixture('waits-in-section'), { threads: 1 });
  await expect(run.done).rejects.toThrow(ModelError);
  await expect(run.done).rejects.toThrow(/must be the first of an atomic section/);
});

it('a signal ends the run, and what it found is kept', async () => {
  const controller = new AbortController();
  const model = (await fixture('counters')).with({ way: 'plain', rounds: 500 });
  const run = live(model, { threads: 2, mode: 'once', epochs: 1e6, signal: controller.signal, perturb: 0.05 });
  run.events.subscribe((event) => {
    if (event.type === 'finding') controller.abort();
  });
  const report = await run.done;
  expect(report.interrupted).toBe(true);
  expect(report.findings).toHaveLength(1);
});
