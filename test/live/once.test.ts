/**
 * Runs in which each call is made once, and the world starts over in the threads. Worker threads run what was built:
 * scripts/setup brings dist up to date before the tests.
 */
import { filter, firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { type LiveEvent, type LiveRun, live } from '../../src/live/live.js';
import { fixture } from './fixtures/index.js';

const next = <T extends LiveEvent['type']>(run: LiveRun, type: T): Promise<Extract<LiveEvent, { type: T }>> =>
  firstValueFrom(run.events.pipe(filter((event): event is Extract<LiveEvent, { type: T }> => event.type === type)));

it.each([1, 2])('worlds follow each other without the supervisor, on %i threads', async (threads) => {
  const model = (await fixture('counters')).with({ actors: 3, rounds: 4, way: 'mutex' });
  const run = live(model, { threads, mode: 'once', epochs: 600, pauseEveryMs: 20 });
  const ends: string[] = [];
  run.events.subscribe((event) => {
    if (event.type === 'epoch-end') ends.push(event.end);
  });
  const report = await run.done;
  expect(report.findings).toEqual([]);
  expect([report.epochs, report.finished, report.unfinished]).toEqual([600, 600, undefined]);
  expect(report.calls).toBe(600 * 3 * 4);
  // One thread alone takes most of them where the other one is late; the first is shared, and every one after a stretch.
  expect(report.alone).toBeGreaterThan(0);
  expect(report.alone).toBeLessThan(600);
  // Those that the threads bring to their end are not told one by one.
  expect(ends.at(-1)).toBe('finished');
  expect(ends.length).toBeLessThan(600);
});

it.each([1, 2])('an actor without calls keeps no world from its end, on %i threads', async (threads) => {
  const run = live(await fixture('no-calls'), { threads, epochs: 600, pauseEveryMs: 20 });
  let told = 0;
  run.events.subscribe((event) => {
    if (event.type === 'epoch-end') told++;
  });
  const report = await run.done;
  expect([report.findings, report.finished, report.unfinished]).toEqual([[], 600, undefined]);
  // The supervisor is asked about a world now and then; it was asked about each.
  expect(told).toBeLessThan(300);
});

it('a model that does not say that its calls may be repeated makes them once', async () => {
  const report = await live(await fixture('reports/b15'), { threads: 2, epochs: 2, stopAtFinding: true }).done;
  expect(report.mode).toBe('once');
  const looping = live(await fixture('counters'), { threads: 1, deadline: () => true });
  expect((await looping.done).mode).toBe('loop');
});

it('a finding ends its world, and the run goes on', async () => {
  const model = (await fixture('counters')).with({ actors: 2, rounds: 2, way: 'plain' });
  const { findings, epochs, finished } = await live(model, { threads: 2, mode: 'once', epochs: 3000, perturb: 0.05 })
    .done;
  expect(findings.map(({ finding }) => finding.words)).toEqual(['a count was lost']);
  expect(findings[0].count).toBeGreaterThan(1);
  expect(finished + findings[0].count).toBe(epochs);
});

it('a world that goes on for ever is given up, and what its actors did is told', async () => {
  const model = (await fixture('spinner')).with({ daemon: false });
  const { unfinished, findings, finished, epochs } = await live(model, {
    ...{ threads: 2, mode: 'once', epochs: 2, epochMs: 20, pauseEveryMs: 5 },
  }).done;
  expect([findings, finished, epochs]).toEqual([[], 0, 2]);
  expect(unfinished).toEqual({
    count: 2,
    epoch: 1,
    actors: [{ actorName: 'spinner', at: { function: 'spin', op: 'flag', opClass: 'flag' } }],
  });
});

it('a daemon that goes round for ever keeps no world from its end, and what must hold there is checked', async () => {
  const model = await fixture('spinner');
  const whole = await live(model.with({ daemon: true }), { threads: 2, mode: 'once', epochs: 50 }).done;
  expect([whole.findings, whole.finished]).toEqual([[], 50]);
  const options = { threads: 2, mode: 'once', epochs: 50, stopAtFinding: true } as const;
  const { findings } = await live((await fixture('reports/x01')).with({ busy: true }), options).done;
  expect(findings.map(({ finding }) => [finding.kind, finding.rule])).toEqual([['assertion', 'never true']]);
});

it('an initial state that breaks a check is found before the first step, once and whatever follows', async () => {
  const { findings, epochs, calls } = await live(await fixture('reports/x16'), { threads: 2 }).done;
  expect([epochs, calls]).toEqual([0, 0]);
  expect(findings.map(({ finding, count }) => [finding.epoch, finding.rule, count])).toEqual([[0, 'small', 1]]);
  expect(findings[0].finding.signature).toMatchObject({ cell: 'x', function: 'the initial state' });
});

it('a check over several words is asked when the step that changes them is over', async () => {
  const options = { threads: 2, pauseEveryMs: 3_600_000, stopAtFinding: true };
  const { findings, audits } = await live(await fixture('apart'), options).done;
  expect(findings.map(({ finding }) => finding.words)).toEqual(['left and right have come apart']);
  expect(findings[0].finding).toMatchObject({ function: 'move', op: 'left = 1' });
  expect(audits).toBe(0);
});

describe('commands from outside', () => {
  it('pause and resume in the midst of worlds', async () => {
    const model = (await fixture('counters')).with({ actors: 3, rounds: 2, way: 'rwsem' });
    const run = live(model, { threads: 2, mode: 'once', tickMs: 5, pauseEveryMs: 10 });
    for (let k = 0; k < 5; k++) {
      const { calls } = await next(run, 'tick');
      await run.pause();
      await run.resume();
      while ((await next(run, 'tick')).calls <= calls);
    }
    const report = await run.stop();
    expect(report.findings).toEqual([]);
    expect(report.finished).toBeGreaterThan(0);
  });

  it('a thread that dies in a world ends that world only', { timeout: 120_000 }, async () => {
    const model = (await fixture('counters')).with({ actors: 4, rounds: 3, way: 'section' });
    const run = live(model, { threads: 2, mode: 'once', tickMs: 5, pauseEveryMs: 10 });
    for (let kill = 0; kill < 4; kill++) {
      const { calls } = await next(run, 'tick');
      while ((await next(run, 'tick')).calls <= calls);
      const died = next(run, 'thread-died');
      await run.terminateThread(kill % 2);
      expect((await died).death.thread).toBe(kill % 2);
    }
    const { calls } = await next(run, 'tick');
    while ((await next(run, 'tick')).calls <= calls);
    const { findings, deaths } = await run.stop();
    expect(findings).toEqual([]);
    expect(deaths).toHaveLength(4);
  });
});
