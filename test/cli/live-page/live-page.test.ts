/** `--live` as a user has it: the address is said, the page and its events are there while the run goes on, and not after. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { LiveBeat, LiveEnd } from '../../../src/trace/live-beat.js';
import { faultline, scratch } from '../run-cli.js';

/** Runs a verb with `--live` and reads all that the page is told. */
async function watched(words: readonly string[]) {
  let telling: Promise<{ page: string; events: string; address: string }> | undefined;
  const cwd = scratch();
  const run = await faultline([...words, '--live', '--html', 'page.html'], {
    cwd,
    started: ({ stderr }) => {
      stderr?.on('data', (text: string) => {
        const [address] = /http:\/\/127\.0\.0\.1:\d+\//.exec(text) ?? [];
        if (address === undefined || telling !== undefined) return;
        telling = (async () => ({
          address,
          page: await (await fetch(address)).text(),
          events: await (await fetch(`${address}events`)).text(),
        }))();
      });
    },
  });
  const { page, events, address } = await telling!;
  const told = events
    .split('\n\n')
    .filter((text) => text.startsWith('event: '))
    .map((text) => ({ event: /^event: (\w+)/.exec(text)![1], data: JSON.parse(text.replace(/^[^{]*/, '')) }));
  const beats = told.filter(({ event }) => event === 'beat').map(({ data }) => data as LiveBeat);
  const ends = told.filter(({ event }) => event === 'end').map(({ data }) => data as LiveEnd);
  return { ...run, page, beats, ends, address, report: readFileSync(join(cwd, 'page.html'), 'utf8') };
}

it('stress tells its rates, its locks and its actors, and what came of it', async () => {
  const { status, page, beats, ends, address, stdout, report } = await watched([
    ...['stress', 'fault-vs-convert', '--scheme', 'v3-inplace', '--threads', '2', '--budget', '3s'],
  ]);
  expect(page).toContain('<title>stress fault-vs-convert under v3-inplace</title>');
  expect(page).toContain("connect-src 'self'");
  expect(beats.length).toBeGreaterThan(0);
  const last = beats.at(-1)!;
  expect(last.rates.map(({ name }) => name)).toEqual(['calls', 'faults', 'retries', 'invalidations']);
  expect(last.actors.map(({ name }) => name)).toEqual(['vCPU0', 'converter']);
  expect(last.actors.every(({ calls }) => calls > 0)).toBe(true);
  expect(ends.map(({ words }) => words)).toEqual([/^Clean in .*$/m.exec(stdout)?.[0]]);
  expect(status).toBe(0);
  await expect(fetch(address)).rejects.toThrow();
  expect(report).toContain(`"verdict":"${ends[0].words}"`);
  expect(report).toContain('"caption":"Latency"');
});

it('soak tells its step, its next checkpoint and its findings', async () => {
  const { beats, ends, report } = await watched([
    ...['soak', 'fault-vs-convert', '--scheme', 'bitmap-nolock', '--vcpus', '2', '--budget', '4s', '--step', '2s'],
  ]);
  expect(beats.length).toBeGreaterThan(0);
  const last = beats.at(-1)!;
  expect(last.step).toBeGreaterThanOrEqual(0);
  expect(last.nextCheckpointSeconds).toBeLessThanOrEqual(30);
  expect(ends).toHaveLength(1);
  expect(report).toContain('"caption":"Worlds"');
});

it.each([['0'], ['65536'], ['http']])('--live=%s is refused in a sentence', async (port) => {
  const { status, stderr } = await faultline(['stress', 'fault-fault', `--live=${port}`]);
  expect(stderr).toMatch(/^faultline: --live: [^\n]*1 to 65,?535[^\n]*\n$/);
  expect(status).toBe(2);
});
