/** The process that answers many command lines says what a process of its own says, whatever it has answered before. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as models from './models.js';
import { faultline } from './one-process.js';
import { faultline as alone, type CliRun, scratch } from './run-cli.js';

const lines = [
  ['explore', 'account.ts', '--set', 'tellers=3', '--workers', '1', '--quiet'],
  ['verify', 'fault-fault', '--set', 'frames=3', '--workers', '1', '--quiet'],
  ['explore', 'neighbours', '--scheme', 'v4'],
  ['verify', 'account.ts', '--set', 'locked=true', '--workers', '1', '--json'],
  ['list', 'machines'],
];

/** Without the time that it took and the bytes that were at hand. */
function timeless({ status, stdout, stderr }: CliRun): CliRun {
  const text = stdout.replace(/\d+\.\d+ s\b/g, 'N s').replace(/"(seconds\w*|bytes\w*)": [\d.]+/g, '"$1": N');
  return { status, stdout: text, stderr: stderr.replace(/[\d.,]+ (transitions|states|schedules)\/s/g, 'N/s') };
}

it('says of each what a process of its own says, the second time too', async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'account.ts'), models.account);
  const apart = await Promise.all(lines.map(async (words) => timeless(await alone(words, { cwd }))));
  expect(apart.map(({ status }) => status)).toEqual([1, 0, 2, 0, 2]);
  for (const _ of ['first', 'second']) {
    for (const [place, words] of lines.entries()) {
      expect(timeless(await faultline(words, { cwd })), words.join(' ')).toEqual(apart[place]);
    }
  }
});
