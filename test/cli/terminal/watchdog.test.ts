/**
 * Budget and Ctrl-C act within a second, whatever the model does.
 *
 * Limits here are many times that second: the machine may be busy with ten other things, and starting node alone takes
 * seconds then. They are real all the same: without the watchdog these runs took minutes, or never ended.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resultSchema } from '../../../src/report/result-schema.js';
import { type CliRun, faultline, scratch } from '../run-cli.js';
import * as slips from './slips.js';

/** Time for a run of one second, from the start of node to its end. */
const RUN_MS = 60_000;
/** Time from Ctrl-C to the end. */
const END_MS = 15_000;

/** Runs a verb on a model of one file. */
async function on(
  text: string,
  words: readonly string[],
  started?: (child: ChildProcess) => void,
  cwd = scratch(),
): Promise<CliRun> {
  writeFileSync(join(cwd, 'model.mjs'), text);
  const [verb, ...others] = words;
  return await faultline([verb, 'model.mjs', ...others], started === undefined ? { cwd } : { cwd, started });
}

/** Runs it with a budget of a second, or more where threads must have begun by then. */
async function budgeted(text: string, words: readonly string[], budget = '1s'): Promise<CliRun> {
  const start = performance.now();
  const run = await on(text, [...words, '--budget', budget, '--quiet']);
  expect(performance.now() - start).toBeLessThan(RUN_MS);
  return run;
}

/** Runs it, and sends Ctrl-C when its stderr says so. */
async function interrupted(text: string, words: readonly string[], when: RegExp): Promise<CliRun> {
  let sentAt = 0;
  const run = await on(text, words, (child) => {
    child.stderr?.on('data', (said: string) => {
      if (sentAt > 0 || !when.test(said)) return;
      sentAt = performance.now();
      child.kill('SIGINT');
    });
  });
  expect(sentAt).toBeGreaterThan(0);
  expect(performance.now() - sentAt).toBeLessThan(END_MS);
  return run;
}

/** Begun before all else: it waits for twenty seconds, and the others need not wait for it. */
let patient: Promise<CliRun>;
let patientFolder: string;
beforeAll(() => {
  patientFolder = mkdtempSync(join(tmpdir(), 'faultline-test-'));
  const words = ['explore', '--strategy', 'random', '--workers', '2'];
  patient = on(slips.endlessRoutine, words, undefined, patientFolder);
});
afterAll(async () => {
  await patient;
  rmSync(patientFolder, { recursive: true });
});

describe('explore, with a budget of a second', () => {
  it.each(['1', '2'])('ends in the midst of a schedule: a spin loop, %s workers', async (workers) => {
    const { status, stdout } = await budgeted(slips.treadmill, ['explore', '--workers', workers, '--steps', '9999999']);
    expect(stdout).toContain('No answer: none of 0 schedules came to its end.');
    expect(status).toBe(3);
  });

  it.each([
    ['pct', '1', 'with naps', slips.endlessRoutine],
    // A loop that does nothing at all, not even sleep, and so keeps a core busy.
    ['random', '1', 'without', slips.endlessSpin],
    ['random', '2', 'with naps', slips.endlessRoutine],
    ['dfs', '1', 'with naps', slips.endlessRoutine],
  ])(
    'names a routine that does not come back, and its last op: %s, %s workers, %s',
    async (strategy, workers, _, model) => {
      const words = ['explore', '--strategy', strategy, '--workers', workers];
      const { status, stdout, stderr } = await budgeted(model, words);
      expect(stderr).toMatch(
        /^faultline: reads does not come back: after its op "c" \(result 0\) it ran for \d\.\d s without another op/m,
      );
      expect(stdout).toBe('');
      expect(status).toBe(2);
    },
  );

  it('names a build that does not come back', async () => {
    const { status, stderr } = await budgeted(slips.endlessBuild, ['explore']);
    expect(stderr).toMatch(/^faultline: build of model "endless-build" does not come back: it ran for \d\.\d s/m);
    expect(status).toBe(2);
  });

  it('prints what was found before the model did not come back, and the sentence', async () => {
    const words = ['explore', '--strategy', 'random', '--keep-going', '--workers', '1', '--json'];
    // It has to come to both before the budget is spent, however busy the machine is; then patience ends it.
    const { status, stdout, stderr } = await budgeted(slips.endlessSeldom, words, '20s');
    const { findings, verdict } = resultSchema.parse(JSON.parse(stdout));
    expect([findings.map(({ kind }) => kind), verdict]).toEqual([['assertion'], 'violation']);
    expect(stderr).toMatch(/^faultline: reads does not come back/m);
    expect(status).toBe(2);
  });
});

describe('whatever runs it, with a budget of a second', () => {
  it('a live run names a routine that does not come back', async () => {
    const { status, stdout, stderr } = await budgeted(slips.endlessRoutine, ['stress']);
    expect(stderr).toMatch(/^faultline: reads does not come back: after its op "c" \(result 0\) it ran for \d\.\d s/m);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });

  it.each([
    [3, ['explore', '--workers', '1']],
    [3, ['explore', '--strategy', 'dfs']],
    [3, ['verify']],
    [2, ['stress']],
  ])('a check that does not come back ends with status %i: %j', async (expected, words) => {
    const { status } = await budgeted(slips.endlessInitially, words);
    expect(status).toBe(expected);
  });
});

describe('explore, interrupted', () => {
  it.each(['1', '2'])('within a schedule: the schedules so far, status 130, %s workers', async (workers) => {
    const words = ['explore', '--workers', workers, '--steps', '9999999', '--strategy', 'random'];
    const { status, stdout } = await interrupted(slips.treadmill, words, /walking/);
    expect(stdout).toContain('Interrupted: nothing was found in 0 schedules.');
    expect(status).toBe(130);
  });

  it.each([
    ['pct', '1'],
    ['random', '2'],
    ['dfs', '1'],
  ])('in a routine that does not come back: the sentence, status 130: %s, %s workers', async (strategy, workers) => {
    const words = ['explore', '--strategy', strategy, '--workers', workers];
    const { status, stderr } = await interrupted(slips.endlessRoutine, words, /looping in reads/);
    expect(stderr).toMatch(/^faultline: reads does not come back: after its op "c" \(result 0\)/m);
    expect(status).toBe(130);
  });

  it('in a build that does not come back', async () => {
    const { status, stderr } = await interrupted(slips.endlessBuild, ['explore'], /looping in build/);
    expect(stderr).toMatch(/^faultline: build of model "endless-build" does not come back/m);
    expect(status).toBe(130);
  });
});

describe('without a budget', () => {
  it('what does not come back is named all the same, after some seconds', async () => {
    const { status, stderr } = await patient;
    expect(stderr).toMatch(/^faultline: reads does not come back: after its op "c" \(result 0\) it ran for/m);
    expect(status).toBe(2);
  });
});
