/** Findings in a folder, several of them replayed and shown, and a scenario that is piped in. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as models from './models.js';
import { faultline, quietly } from './one-process.js';
import { main, run, scratch } from './run-cli.js';

/** A folder with two findings of a model and one file that is none. */
async function place(): Promise<string> {
  const cwd = scratch();
  writeFileSync(join(cwd, 'account.ts'), models.account);
  await quietly(['verify', 'account.ts'], { cwd });
  await quietly(['verify', 'account.ts', '--set', 'tellers=3'], { cwd });
  writeFileSync(join(cwd, 'faultline-findings', 'notes.json'), '{}');
  return cwd;
}

it('lists, replays and shows what is kept', async () => {
  const cwd = await place();
  const { status, stdout, stderr } = await faultline(['findings'], { cwd });
  expect(status).toBe(0);
  expect(stdout.match(/BUG: faultline: assertion in deposit \/ deposit\n {2}account\n/g)).toHaveLength(2);
  expect(stderr).toBe('faultline: faultline-findings/notes.json is no finding file.\n');
  const files = readdirSync(join(cwd, 'faultline-findings'))
    .filter((name) => name !== 'notes.json')
    .map((name) => `faultline-findings/${name}`);
  expect(files).toHaveLength(2);
  for (const verb of ['replay', 'show']) {
    const both = await faultline([verb, ...files], { cwd });
    expect(both.stdout.match(/^BUG: /gm), verb).toHaveLength(2);
    expect(both.status).toBe(verb === 'replay' ? 1 : 0);
  }
});

it.each([
  [
    'findings',
    ['findings', 'nowhere'],
    'faultline: findings: nowhere cannot be read (ENOENT); allowed: a folder of finding files.\n',
  ],
  [
    'replay',
    ['replay', 'a.json', 'b.json', '--json'],
    'faultline: replay: --json prints one document; name one finding.\n',
  ],
  [
    'show',
    ['show', 'machine', 'folio', 'rmp'],
    'faultline: show machine: it takes one name, and "rmp" is a second one.\n',
  ],
])('%s refuses what it cannot do in a sentence', async (_, words, sentence) => {
  expect(await faultline(words, { cwd: scratch() })).toMatchObject({ status: 2, stderr: sentence });
});

it('takes a scenario that is piped in', async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'mine.yaml'), models.scenario);
  const { status, stdout } = await run('bash', ['-c', `${process.execPath} ${main} verify - --quiet < mine.yaml`], {
    cwd,
  });
  const named = await quietly(['verify', 'mine.yaml'], { cwd });
  expect(status).toBe(named.status);
  expect(stdout.split('\n')[0]).toMatch(/^stdin under v2-hook-every-fault/);
  const bad = await run('bash', ['-c', `echo gfns: x | ${process.execPath} ${main} verify -`], { cwd });
  expect(bad).toMatchObject({ status: 2, stderr: expect.stringMatching(/^faultline: stdin\.yaml:1:\d+: /) });
});
