/** Worker threads run what was built: scripts/setup brings dist up to date before the tests. */
import { setTimeout as wait } from 'node:timers/promises';
import { filter, firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { gmem } from '../../src/gmem/model.js';
import { loadScenario } from '../../src/gmem/scenarios/load-scenario.js';
import { type LiveEvent, type LiveRun, live } from '../../src/live/live.js';
import { fixture } from './fixtures/index.js';

const KILLS = 6;

function next<T extends LiveEvent['type']>(run: LiveRun, type: T): Promise<Extract<LiveEvent, { type: T }>> {
  const wanted = (event: LiveEvent): event is Extract<LiveEvent, { type: T }> => event.type === type;
  return firstValueFrom(run.events.pipe(filter(wanted)));
}

/** The calls completed so far, by a tick. */
async function calls(run: LiveRun): Promise<number> {
  return (await next(run, 'tick')).calls;
}

describe('a thread that dies', () => {
  it('ends the epoch, and the run goes on', { timeout: 600_000 }, async () => {
    const model = gmem(loadScenario('fault-vs-convert'), 'v3-inplace');
    const run = live(model, { threads: 2, perturb: 0.02, pauseEveryMs: 30, tickMs: 20 });
    const ends: string[] = [];
    run.events.subscribe((event) => {
      if (event.type === 'epoch-end') ends.push(event.end);
    });
    for (let kill = 0; kill < KILLS; kill++) {
      const before = await calls(run);
      while ((await calls(run)) === before);
      // At any point of an op, a section, a queue, a pause or a count.
      await wait((kill * 37) % 23);
      const died = next(run, 'thread-died');
      await run.terminateThread(kill % 2);
      const { death } = await died;
      expect(death).toMatchObject({ thread: kill % 2, actors: [kill % 2 === 0 ? 'vCPU0' : 'converter'] });
    }
    const before = await calls(run);
    while ((await calls(run)) === before);
    const report = await run.stop();
    expect(report.deaths).toHaveLength(KILLS);
    expect(report.epochs).toBe(ends.length);
    // A world in which everything was converted stands still, and ends its epoch too; a thread may die at that moment.
    expect(new Set(ends)).toEqual(
      new Set(ends.includes('still') ? ['thread-died', 'still', 'stopped'] : ['thread-died', 'stopped']),
    );
    expect(ends.indexOf('stopped')).toBe(ends.length - 1);
    // v3-inplace is sound: what half a section leaves behind must not be taken for a finding.
    expect(report.findings).toEqual([]);
  });

  it('is reported with the locks that its actors held', { timeout: 600_000 }, async () => {
    const run = live((await fixture('holder')).with({ holders: 2 }), { threads: 2, tickMs: 20, pauseEveryMs: 20 });
    // The holders' calls, and one that is made when all of them hold their locks.
    while ((await calls(run)) < 3);
    await run.pause();
    const died = next(run, 'thread-died');
    await run.terminateThread(1);
    await run.resume();
    const { death } = await died;
    expect(death.held).toEqual([
      { actor: 'holder1', lock: 'gate', mode: 'read' },
      { actor: 'holder1', lock: 'locks[1]', mode: 'write' },
    ]);
    await run.stop();
  });

  it('takes no finding along that was posted before', { timeout: 600_000 }, async () => {
    const model = gmem(loadScenario('fault-vs-punch'), 'v2-hook-every-fault+inverted-test');
    const run = live(model, { threads: 2, tickMs: 20, pauseEveryMs: 20 });
    let found = 0;
    run.events.subscribe((event) => {
      if (event.type === 'finding') found++;
    });
    for (let kill = 0; kill < 4; kill++) {
      await next(run, 'epoch-end');
      await run.terminateThread(kill % 2);
      await next(run, 'thread-died');
    }
    const report = await run.stop();
    expect(found).toBe(report.findings.reduce((sum, { count }) => sum + count, 0));
    expect(new Set(report.findings.map(({ finding }) => finding.kind))).toEqual(new Set(['leak']));
  });
});

it('a thread that dies takes no finding along that it posted and nobody has read yet', {
  timeout: 600_000,
}, async () => {
  const model = gmem(loadScenario('fault-fault'), 'v2-hook-every-fault+inverted-test');
  const run = live(model, { threads: 1, epochs: 2 });
  const ends: string[] = [];
  const block = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  run.events.subscribe((event) => {
    if (event.type !== 'epoch-end' || ends.push(event.end) > 1) return;
    setImmediate(async () => {
      // The second epoch has begun. Its finding and the death both wait until this thread hears again.
      block(50);
      void run.terminateThread(0);
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      block(150);
    });
  });
  const { findings } = await run.done;
  expect(ends).toEqual(['finding', 'finding']);
  expect(findings.map(({ count }) => count)).toEqual([2]);
});

describe('a run that ends in the midst of an epoch', () => {
  it('tells of a thread that has died', async () => {
    const run = live((await fixture('holder')).with({ holders: 2 }), { threads: 2, tickMs: 5 });
    // The holders' calls, and one that is made when all of them hold their locks.
    while ((await calls(run)) < 3);
    await run.pause();
    await run.terminateThread(1);
    const { deaths } = await run.stop();
    expect(deaths.map(({ thread, held }) => [thread, held.length])).toEqual([[1, 2]]);
  });
});

describe('pause', () => {
  it('brings every actor to rest, and resume sets them going again', async () => {
    const run = live((await fixture('counters')).with({ actors: 5 }), { threads: 2, tickMs: 10, pauseEveryMs: 15 });
    while ((await calls(run)) === 0);
    await run.pause();
    const atRest = await calls(run);
    await wait(50);
    expect(await calls(run)).toBe(atRest);
    await run.resume();
    while ((await calls(run)) === atRest);
    const report = await run.stop();
    expect(report.interrupted).toBe(true);
    expect(report.calls).toBeGreaterThan(atRest);
    expect(report.epochs).toBe(1);
  });

  it('may be asked for many times over, and by several at once', async () => {
    const run = live((await fixture('counters')).with({ actors: 3, way: 'rwsem' }), { threads: 2, pauseEveryMs: 5 });
    for (let round = 0; round < 10; round++) {
      await Promise.all([run.pause(), run.pause(), run.resume(), run.pause(), run.resume(), run.resume()]);
    }
    const report = await run.stop();
    expect(report.findings).toEqual([]);
  });

  it('does not keep a run from being stopped', async () => {
    const run = live(await fixture('counters'), { threads: 1 });
    await run.pause();
    expect((await run.stop()).interrupted).toBe(true);
    await run.pause();
    await run.resume();
  });
});

it('a budget that is spent ends the run', async () => {
  let asked = 0;
  const run = live(await fixture('counters'), { threads: 2, deadline: () => ++asked > 10, pauseEveryMs: 5 });
  const report = await run.done;
  expect(report.interrupted).toBe(false);
  expect(report.calls).toBeGreaterThan(0);
  expect(report.audits).toBeGreaterThan(0);
});

describe('a deadlock', () => {
  it('is found while another actor runs, with its ring', async () => {
    const run = live(await fixture('crossed-locks'), {
      threads: 2,
      pauseEveryMs: 10,
      stopAtFinding: true,
      perturb: 0.05,
    });
    const { findings } = await run.done;
    const [{ finding }] = findings;
    expect(finding.kind).toBe('deadlock');
    expect(finding.words).toBe('forwards waits for lock_b, backwards waits for lock_a: nobody can go on');
    expect(finding.waits).toEqual([
      {
        ...{ actor: 0, actorName: 'forwards', lock: 'lock_b', mode: 'read' },
        blockers: [{ actor: 1, actorName: 'backwards', mode: 'write' }],
      },
      {
        ...{ actor: 1, actorName: 'backwards', lock: 'lock_a', mode: 'write' },
        blockers: [{ actor: 0, actorName: 'forwards', mode: 'write' }],
      },
    ]);
    expect(finding.signature).toEqual({
      ...{ kind: 'deadlock', cell: '', function: 'backwards / forwards' },
      op: 'mutex_lock(lock_a) / down_read(lock_b)',
    });
  });

  it('is found in mode once when nobody is left to run', async () => {
    const model = (await fixture('crossed-locks')).with({ bystander: false });
    const run = live(model, { threads: 2, mode: 'once', epochs: 5000, stopAtFinding: true, perturb: 0.5 });
    const { findings } = await run.done;
    expect(findings.map(({ finding }) => finding.kind)).toEqual(['deadlock']);
  });

  it('is not seen where locks are taken in one order', async () => {
    let asked = 0;
    const model = (await fixture('crossed-locks')).with({ crossed: false });
    const { findings, calls: done } = await live(model, { threads: 2, pauseEveryMs: 5, deadline: () => ++asked > 30 })
      .done;
    expect(findings).toEqual([]);
    expect(done).toBeGreaterThan(1000);
  });

  it.each(['locks', 'values'])('is not seen where actors keep each other waiting for a moment: %s', async (way) => {
    const model = (await fixture('hand-over')).with({ way });
    let asked = 0;
    const options = { threads: 2, pauseEveryMs: 1, perturb: 0.3, deadline: () => ++asked > 300 };
    const { findings, audits } = await live(model, options).done;
    expect(findings.map(({ finding }) => finding.words)).toEqual([]);
    expect(audits).toBeGreaterThan(90);
  });

  it('is found when all wait for a value that nobody will write', async () => {
    const run = live(await fixture('hopeless'), { threads: 2, pauseEveryMs: 10, stopAtFinding: true });
    const { findings } = await run.done;
    expect(findings[0].finding.kind).toBe('deadlock');
    expect(findings[0].finding.words).toMatch(/waiter0 is stuck at "wait until flag", waiter1 is stuck at/);
  });
});
