/** Ctrl-C and pipes that close: what was found is printed, and the status says what happened. */
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resultSchema } from '../../../src/report/result-schema.js';
import { faultline, main, run, scratch } from '../run-cli.js';

const PROGRESS = /faultline: .*schedules/;

/** Interrupts a process when it has told how far it is. */
function interruptWhenUnderWay(child: ChildProcess): void {
  child.stderr?.on('data', (text: string) => {
    if (PROGRESS.test(text)) child.kill('SIGINT');
  });
}

it('the first Ctrl-C ends the run in good order: findings are printed, status 130', async () => {
  const words = ['explore', 'fault-vs-convert', '--strategy', 'random', '--keep-going', '--budget', '1h', '--json'];
  const { status, stdout, stderr } = await faultline(words, { started: interruptWhenUnderWay });
  const document = resultSchema.parse(JSON.parse(stdout));
  expect(document.verdict).toBe('violation');
  expect(document.stats?.interrupted).toBe(true);
  expect(document.findings.map(({ kind }) => kind)).toContain('host-rmp-fault');
  expect(stderr).toContain('faultline: interrupted; finishing what is under way');
  expect(status).toBe(130);
});

it('interrupted without a finding, the verdict is inconclusive and the status 130', async () => {
  const words = ['explore', 'neighbours', '--strategy', 'random', '--budget', '1h', '--json'];
  const { status, stdout } = await faultline(words, { started: interruptWhenUnderWay });
  expect(resultSchema.parse(JSON.parse(stdout)).verdict).toBe('inconclusive');
  expect(status).toBe(130);
});

/** Two cells, of which the second one is interrupted: it has schedules for seconds. The other engine would be done before. */
const interruptedCompare = async (words: readonly string[], cwd = scratch()) => {
  const run = [
    'compare',
    '--engine',
    'explore',
    '--strategy',
    'random',
    ...words,
    '--schedules',
    '1000000',
    '--workers',
    '1',
  ];
  return await faultline(run, {
    cwd,
    started: (child) => child.stderr?.on('data', (text: string) => /1 of 2 cells/.test(text) && child.kill('SIGINT')),
  });
};
const twoCells = ['--schemes', 'v2-hook-every-fault', '--scenarios', 'fault-vs-convert,neighbours'];

it('compare keeps the cells that were answered, and says that it was interrupted', async () => {
  const { status, stdout } = await interruptedCompare(twoCells);
  expect(stdout).toMatch(/^fault-vs-convert +host-rmp-fault$/m);
  expect(stdout).toMatch(/^neighbours +no answer$/m);
  expect(stdout).toMatch(/^Interrupted: 1 of 2 cells came to an answer\.$/m);
  expect(stdout).toMatch(/^No answer: 1 cell was stopped by the interrupt\.$/m);
  expect(status).toBe(130);
});

it('an interrupted compare says so in its document, and takes no cell that did not run for one that differs', async () => {
  const cwd = scratch();
  const cells = [
    '{ scenario: fault-vs-convert, scheme: v2-hook-every-fault, expect: host-rmp-fault, reason: a guess }',
    '{ scenario: neighbours, scheme: v2-hook-every-fault, expect: clean, reason: a guess }',
  ];
  writeFileSync(join(cwd, 'expected.yaml'), `cells: [${cells.join(', ')}]\n`);
  const { status, stdout } = await interruptedCompare(['--expect', 'expected.yaml', '--json'], cwd);
  const document = resultSchema.parse(JSON.parse(stdout));
  expect(document.stats).toMatchObject({ interrupted: true, differences: [], unanswered: 1 });
  expect(document.cells?.map(({ stoppedBy }) => stoppedBy)).toEqual([undefined, 'the interrupt']);
  expect(status).toBe(130);
});

it('a reader that went away ends the program without a word', async () => {
  const { stdout, stderr } = await run('sh', ['-c', `"${process.execPath}" "${main}" show machine folio | head -n 1`]);
  expect(stdout).toBe('stateDiagram-v2\n');
  expect(stderr).toBe('');
});

it('a full disk is one sentence and no answer', async ({ skip }) => {
  if (process.platform !== 'linux') skip('/dev/full is a file of Linux');
  const { status, stderr } = await run('sh', ['-c', `"${process.execPath}" "${main}" list schemes > /dev/full`]);
  expect(stderr).toBe('faultline: the result cannot be written (ENOSPC).\n');
  expect(status).toBe(3);
});
