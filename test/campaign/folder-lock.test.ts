import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { FolderTakenOver, lockFolder } from '../../src/campaign/folder-lock.js';

const onLinux = process.platform === 'linux';

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The flag of this process. */
function ownFlag(): string {
  const folder = scratch();
  const { release } = lockFolder(folder);
  const [flag] = readdirSync(folder);
  release();
  return flag;
}

/** A process that runs until it is killed, and the flag that it would have raised here. */
function other(): { child: ChildProcess; flag: string } {
  const child = spawn('sleep', ['1000']);
  onTestFinished(() => void child.kill('SIGKILL'));
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return { child, flag: `running.${child.pid}.${start}.${ownFlag().split('.')[3]}` };
}

it('a folder is locked once, and again when it was unlocked', () => {
  const folder = scratch();
  const { release } = lockFolder(folder);
  expect(readdirSync(folder)).toEqual([
    expect.stringMatching(new RegExp(`^running\\.${process.pid}\\.\\d+\\.[0-9a-f]{8}$`)),
  ]);
  release();
  release();
  expect(readdirSync(folder)).toEqual([]);
  lockFolder(folder).release();
});

it.skipIf(!onLinux)('another process that runs is named, and keeps its lock', () => {
  const folder = scratch();
  const { child, flag } = other();
  writeFileSync(join(folder, flag), '');
  // However long it has not been renewed.
  utimesSync(join(folder, flag), 0, 0);
  expect(() => lockFolder(folder)).toThrow(
    `faultline: process ${child.pid} is running a campaign in ${folder}; one at a time is allowed.`,
  );
  expect(readdirSync(folder)).toEqual([flag]);
});

it.skipIf(!onLinux)('the lock of a process that was killed counts for nothing and is removed', async () => {
  const folder = scratch();
  const { child, flag } = other();
  writeFileSync(join(folder, flag), '');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const { release } = lockFolder(folder);
  expect(readdirSync(folder)).not.toContain(flag);
  release();
});

it.skipIf(!onLinux)('a process that has got the number of one that was killed is not taken for it', () => {
  const folder = scratch();
  const { child, flag } = other();
  writeFileSync(join(folder, flag.replace(/\.\d+\.(?=[0-9a-f]+$)/, '.1.')), '');
  expect(readdirSync(folder)).toEqual([expect.stringContaining(`.${child.pid}.1.`)]);
  lockFolder(folder).release();
  expect(readdirSync(folder)).toEqual([]);
});

it('a flag from elsewhere counts until it was not renewed for long', () => {
  const folder = scratch();
  const place = '0123abcd';
  let now = 1_000_000_000;
  const there = lockFolder(folder, { place, now: () => now });
  const here = () => lockFolder(folder, { place: 'fedc9876', now: () => now });
  const refusal =
    /^faultline: process \d+ of another container or machine may be running a campaign in \S+; its flag running\.\d+\.\d+\.0123abcd counts for 300 s more/;
  expect(here).toThrow(refusal);
  now += 299_000;
  expect(here).toThrow(/counts for 1 s more/);
  there.renew(30_000);
  expect(here).toThrow(refusal);
  // Four renewals that did not come, when these are far between.
  there.renew(3_600_000);
  now += 4 * 3_600_000 - 1_000;
  expect(here).toThrow(/counts for 1 s more/);
  now += 1_000;
  const { release } = here();
  expect(readdirSync(folder)).toEqual([expect.stringMatching(/fedc9876$/)]);
  release();
});

it('whoever has lost the folder is told, and does not raise its flag again', () => {
  const folder = scratch();
  const { check, renew } = lockFolder(folder);
  check();
  rmSync(join(folder, readdirSync(folder)[0]));
  expect(check).toThrow(FolderTakenOver);
  expect(() => renew(30_000)).toThrow(FolderTakenOver);
  expect(readdirSync(folder)).toEqual([]);
});

it('a shorter time between renewals replaces a longer one', () => {
  const folder = scratch();
  const lock = lockFolder(folder);
  const [flag] = readdirSync(folder);
  lock.renew(3_600_000);
  lock.renew(500);
  expect(Number(readFileSync(join(folder, flag), 'utf8'))).toBe(500);
  expect(statSync(join(folder, flag)).size).toBe(16);
  lock.release();
});

const hasNamespaces = onLinux && spawnSync('unshare', ['-p', '-f', '--mount-proc', 'true']).status === 0;

it.skipIf(!hasNamespaces)('a process in another PID namespace has another place', () => {
  const folder = scratch();
  const script = `
    import { lockFolder } from '${new URL('../../dist/src/campaign/folder-lock.js', import.meta.url).href}';
    lockFolder('${folder}');`;
  const words = ['-p', '-f', '--mount-proc', process.execPath, '--input-type=module', '-e', script];
  expect(spawnSync('unshare', words, { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  const [flag] = readdirSync(folder);
  expect(flag).toMatch(/^running\.1\.\d+\.[0-9a-f]{8}$/);
  expect(flag.split('.')[3]).not.toBe(ownFlag().split('.')[3]);
  // It ended without a word, as if killed: nobody here knows, so its flag counts.
  expect(() => lockFolder(folder)).toThrow(/^faultline: process 1 of another container or machine may be running/);
});
