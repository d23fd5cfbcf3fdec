import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { lockFolder } from '../../src/campaign/folder-lock.js';

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A process that runs until it is killed, and the flag that it would have raised. */
function other(): { child: ChildProcess; flag: string } {
  const child = spawn('sleep', ['1000']);
  onTestFinished(() => void child.kill('SIGKILL'));
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  return { child, flag: `running.${child.pid}.${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}` };
}

it('a folder is locked once, and again when it was unlocked', () => {
  const folder = scratch();
  const unlock = lockFolder(folder);
  expect(readdirSync(folder)).toEqual([expect.stringMatching(new RegExp(`^running\\.${process.pid}\\.\\d+$`))]);
  unlock();
  unlock();
  expect(readdirSync(folder)).toEqual([]);
  lockFolder(folder)();
});

it('another process that runs is named, and keeps its lock', ({ skip }) => {
  if (process.platform !== 'linux') skip('/proc is a folder of Linux');
  const folder = scratch();
  const { child, flag } = other();
  writeFileSync(join(folder, flag), '');
  expect(() => lockFolder(folder)).toThrow(
    `faultline: process ${child.pid} is running a campaign in ${folder}; one at a time is allowed.`,
  );
  expect(readdirSync(folder)).toEqual([flag]);
});

it('the lock of a process that was killed counts for nothing and is removed', async ({ skip }) => {
  if (process.platform !== 'linux') skip('/proc is a folder of Linux');
  const folder = scratch();
  const { child, flag } = other();
  writeFileSync(join(folder, flag), '');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const unlock = lockFolder(folder);
  expect(readdirSync(folder)).not.toContain(flag);
  unlock();
});

it('a process that has got the number of one that was killed is not taken for it', ({ skip }) => {
  if (process.platform !== 'linux') skip('/proc is a folder of Linux');
  const folder = scratch();
  const { child } = other();
  writeFileSync(join(folder, `running.${child.pid}.1`), '');
  lockFolder(folder)();
  expect(readdirSync(folder)).toEqual([]);
});
