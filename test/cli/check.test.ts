/** `faultline check`: slips and types of files of one's own, and what it says where there are none. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as models from './models.js';
import { faultline } from './one-process.js';
import { scratch } from './run-cli.js';

/** A folder with a file. */
function place(name: string, text: string): string {
  const cwd = scratch();
  writeFileSync(join(cwd, name), text);
  return cwd;
}

it.each([
  ['a model', 'account.ts', models.account, /^account\.ts: model "account": \d actors, \d cells?, 1 check\.\n/],
  ['a scheme', 'mine.ts', models.forgetful, /^mine\.ts: a scheme of guest_memfd, in the scenario fault-vs-convert\.\n/],
])('says what it looked at in %s, types included', async (_, name, text, what) => {
  const { status, stdout, stderr } = await faultline(['check', name], { cwd: place(name, text) });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(what);
  expect(stdout).toMatch(/No slip was found: its build was run twice, \d+ local states/);
  expect(stdout).toMatch(/^Types: checked by TypeScript/m);
});

const slip = (routine: string) => `import { defineModel } from 'faultline';
export default defineModel({ name: 'slip', source: import.meta.url, build(m) {
  const c = m.cell('c');
  m.actor('a', function* a() { ${routine} });
} });
`;

it.each([
  [
    'a write that is not yielded',
    'slip.mjs',
    slip('c.write(1); yield* c.read();'),
    /^faultline: a makes "c = 1" and does not yield it \(slip\.mjs:4\)/,
  ],
  [
    'a type',
    'slip.ts',
    slip("yield* c.write('one');"),
    /^faultline: slip\.ts:4: Argument of type 'string' is not assignable to parameter of type 'number'/,
  ],
  ['a file that exports neither', 'slip.mjs', 'export const one = 1;', /^faultline: .*slip\.mjs/],
])('refuses %s in one sentence', async (_, name, text, sentence) => {
  const { status, stdout, stderr } = await faultline(['check', name], { cwd: place(name, text) });
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(sentence);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});
