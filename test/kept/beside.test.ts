/** The same schedule under another scheme: where it stops and at what, or what comes of it. */
import { beforeAll, expect, it } from 'vitest';
import { explore } from '../../src/explore/explore.js';
import { compileModel } from '../../src/index.js';
import { besideRun } from '../../src/kept/beside.js';
import { findingContent } from '../../src/kept/finding-content.js';
import { type ReplayedRun, replayed } from '../../src/kept/replayed.js';
import { resolveSubject } from '../../src/subject/subject.js';

const quiet = (): void => {};
let run: ReplayedRun;
beforeAll(async () => {
  const words = { scenario: 'fault-vs-convert', scheme: 'v2-hook-every-fault', settings: {} };
  const subject = await resolveSubject(words, quiet);
  const { findings } = await explore(subject.model, { seed: 1n, schedules: 2_000, keepGoing: true });
  const found = findings.find(({ kind }) => kind === 'host-rmp-fault')!;
  run = await replayed(findingContent(subject, found, await compileModel(subject.model)).token, quiet);
});

it('names the lock that stops it, and who holds that', async () => {
  const { words, trace } = await besideRun(run, 'v3-inplace');
  expect(words).toMatch(
    /^Under v3-inplace the same schedule stops after \d+ of \d+ steps: converter waits for invalidate_lock; in its way: vCPU0 \(reader\)\.$/,
  );
  expect(trace.schedule.steps).toEqual(run.trace.schedule.steps.slice(0, trace.steps.length));
  expect(trace.violation).toBeUndefined();
});

it('says that it breaks there too', async () => {
  const { words } = await besideRun(run, 'v2-hook-every-fault');
  expect(words).toBe(
    `Under v2-hook-every-fault the same schedule breaks as well, after ${run.trace.steps.length} steps: host-rmp-fault.`,
  );
});

it('refuses a scheme that there is not', async () => {
  await expect(besideRun(run, 'nothing')).rejects.toThrow(/there is no scheme "nothing"/);
});
