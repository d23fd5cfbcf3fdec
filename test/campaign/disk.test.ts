import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { realDisk } from '../../src/campaign/disk.js';
import { diskFailure } from '../../src/core/disk-failure.js';

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

it('a file that is appended to is cut where it is told, and goes on there', async () => {
  const path = join(scratch(), 'journal');
  const file = await realDisk.openAppended(path);
  await file.append('one\n');
  await file.append('two');
  await file.cut(4);
  await file.append('three\n');
  await file.sync();
  await file.close();
  expect(readFileSync(path, 'utf8')).toBe('one\nthree\n');
});

it('a file is replaced as a whole, and nothing else is left behind', async () => {
  const folder = scratch();
  const path = join(folder, 'checkpoint');
  expect(await realDisk.read(path)).toBeUndefined();
  await realDisk.replace(path, 'a longer text');
  await realDisk.replace(path, 'text');
  expect((await realDisk.read(path))?.toString()).toBe('text');
  expect(readdirSync(folder)).toEqual(['checkpoint']);
});

it('a file that cannot be written stays away', async () => {
  const folder = scratch();
  await expect(realDisk.replace(join(folder, 'absent', 'checkpoint'), 'text')).rejects.toThrow('ENOENT');
  expect(readdirSync(folder)).toEqual([]);
});

it('errors of a disk that takes no more are told from others', () => {
  expect(diskFailure(Object.assign(new Error(), { code: 'ENOSPC' }))).toBe('no space is left on the disk (ENOSPC)');
  expect(diskFailure(Object.assign(new Error(), { code: 'EDQUOT' }))).toMatch(/quota/);
  for (const other of [new Error('x'), undefined, Object.assign(new Error(), { code: 'constructor' })]) {
    expect(diskFailure(other)).toBeUndefined();
  }
});
