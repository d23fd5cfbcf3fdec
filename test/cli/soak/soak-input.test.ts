/** Wrong input to `faultline soak`: one sentence and status 2. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { journalLine } from '../../../src/campaign/journal-line.js';
import { shortHash } from '../../../src/core/short-hash.js';
import * as models from '../models.js';
import { faultline } from '../one-process.js';
import { scratch } from '../run-cli.js';

it.each([
  ['no scenario', ['soak'], /name a scenario, or --resume the folder of a campaign/],
  ['an unknown scenario', ['soak', 'fault-vs-punhc'], /did you mean "fault-vs-punch"/],
  ['an unknown scheme', ['soak', 'fault-fault', '--scheme', 'v9'], /v9/],
  ['too many vCPUs', ['soak', 'fault-vs-punch', '--vcpus', '2,256'], /--vcpus 256: .*1 to 255/],
  ['vCPUs for a model', ['soak', 'account.ts', '--vcpus', '2'], /--vcpus 2: account is a model of its own/],
  ['a scheme for a model', ['soak', 'account.ts', '--scheme', 'v3-inplace'], /is a model of its own/],
  ['a rate that is none', ['soak', 'fault-fault', '--perturb', '0,2'], /--perturb: .*a number from 0 to 1/],
  ['a time that is none', ['soak', 'fault-fault', '--checkpoint', '5'], /--checkpoint: .*a time from 1ms/],
  [
    'a folder that is a file',
    ['soak', 'fault-fault', '--out', 'account.ts/x'],
    /--out account\.ts\/x cannot be written \(ENOTDIR\)/,
  ],
  ['a folder that is not there', ['soak', '--resume', 'absent'], /there is no folder absent/],
  ['a folder without a campaign', ['soak', '--resume', 'empty'], /--resume empty: it holds no campaign/],
  [
    'what the campaign has settled',
    ['soak', '--resume', 'empty', '--seed', '2'],
    /has settled what --seed would; leave it out/,
  ],
  ['a scenario to resume', ['soak', 'fault-fault', '--resume', 'empty'], /has settled what fault-fault would/],
  [
    'a folder that holds a campaign',
    ['soak', 'fault-fault', '--out', 'taken'],
    /--out taken holds a campaign; --resume it/,
  ],
  ['a campaign of another version', ['soak', '--resume', 'old'], /holds a campaign of version faultline\.campaign\/0/],
])('%s', async (_, words, sentence) => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'account.ts'), models.account);
  for (const name of ['empty', 'taken', 'old']) mkdirSync(join(cwd, name));
  writeFileSync(join(cwd, 'taken', 'journal.jsonl'), '');
  // The line of an old version, with the checksum that it has.
  const record = JSON.stringify({ type: 'campaign', at: '', parameters: { version: 'faultline.campaign/0' } });
  const line = `{"number":1,"sum":"${shortHash('1', record)}","record":${record}}\n`;
  writeFileSync(join(cwd, 'old', 'journal.jsonl'), line);
  const { status, stdout, stderr } = await faultline([...words, '--quiet'], { cwd });
  expect(stderr).toMatch(/^faultline: [^\n]+[.?]\n$/);
  expect(stderr).toMatch(sentence);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
});

it('a campaign whose scheme has changed since is not resumed', async () => {
  const cwd = scratch();
  await faultline(['soak', 'fault-fault', '--step', '1ms', '--budget', '1ms', '--out', 'kept', '--quiet'], { cwd });
  const journal = join(cwd, 'kept', 'journal.jsonl');
  const [first, ...rest] = readFileSync(journal, 'utf8').split('\n');
  const { record } = JSON.parse(first);
  record.parameters.worlds[0].subject.hashes.scheme = '00000000';
  writeFileSync(journal, [journalLine({ number: 1, record }).trimEnd(), ...rest].join('\n'));
  const { status, stdout, stderr } = await faultline(['soak', '--resume', 'kept'], { cwd });
  expect(stderr).toBe(
    'faultline: scheme v2-hook-every-fault is not what it was when the campaign began; begin a new one.\n',
  );
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
});
