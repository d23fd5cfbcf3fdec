/** Ctrl-C and pipes that close: what was found is printed, and the status says what happened. */
import type { ChildProcess } from 'node:child_process';
import { expect, it } from 'vitest';
import { resultSchema } from '../../src/report/result-schema.js';
import { faultline, main, run } from './run-cli.js';

const PROGRESS = /faultline: .*schedules/;

/** Interrupts a process when it has told how far it is. */
function interruptWhenUnderWay(child: ChildProcess): void {
  child.stderr?.on('data', (text: string) => {
    if (PROGRESS.test(text)) child.kill('SIGINT');
  });
}

it('the first Ctrl-C ends the run in good order: findings are printed, status 130', async () => {
  const words = ['explore', 'fault-vs-convert', '--keep-going', '--budget', '1h', '--workers', '2', '--json'];
  const { status, stdout, stderr } = await faultline(words, { started: interruptWhenUnderWay });
  const document = resultSchema.parse(JSON.parse(stdout));
  expect(document.verdict).toBe('violation');
  expect(document.stats?.interrupted).toBe(true);
  expect(document.findings.map(({ kind }) => kind)).toContain('host-rmp-fault');
  expect(stderr).toContain('faultline: interrupted; finishing what is under way');
  expect(status).toBe(130);
});

it('interrupted without a finding, the verdict is inconclusive and the status 130', async () => {
  const words = ['explore', 'neighbours', '--budget', '1h', '--json'];
  const { status, stdout } = await faultline(words, { started: interruptWhenUnderWay });
  expect(resultSchema.parse(JSON.parse(stdout)).verdict).toBe('inconclusive');
  expect(status).toBe(130);
});

it('compare keeps the cells that were answered', async () => {
  const cells = ['--schemes', 'v2-hook-every-fault', '--scenarios', 'fault-vs-convert,neighbours'];
  // The other engine would be done before the signal arrives.
  const words = ['compare', '--engine', 'explore', ...cells];
  const { status, stdout } = await faultline([...words, '--budget', '4s', '--workers', '1'], {
    started: (child) => child.stderr?.on('data', (text: string) => /1 of 2 cells/.test(text) && child.kill('SIGINT')),
  });
  expect(stdout).toMatch(/^fault-vs-convert +host-rmp-fault$/m);
  expect(stdout).toMatch(/^neighbours +no answer$/m);
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
