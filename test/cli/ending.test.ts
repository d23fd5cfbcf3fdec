/** What models do to the process that runs them, and what is printed where there is no answer. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resultSchema } from '../../src/report/result-schema.js';
import { faultline as answered } from './one-process.js';
import { faultline, root, run, scratch } from './run-cli.js';

/** A folder with a model file. */
function place(routine: string): string {
  const cwd = scratch();
  const text = `import { defineModel } from 'faultline';
console.log('while it is loaded');
export default defineModel({ name: 'mine', source: import.meta.url, build(m) {
  console.log('while it is built');
  const c = m.cell('c');
  m.actor('a', function* a() { yield* c.write(1); ${routine} });
} });`;
  writeFileSync(join(cwd, 'mine.mjs'), text);
  return cwd;
}

it.each(['verify', 'explore'])('a model that ends the process is no answer: %s', async (verb) => {
  const { status, stdout, stderr } = await faultline([verb, 'mine.mjs'], { cwd: place('process.exit(0);') });
  expect(status).toBe(3);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^faultline: no answer: something ended the process with status 0 before there was one; /m);
});

it('a model that throws when nobody waits is no answer', async () => {
  const routine = "Promise.resolve().then(() => { throw new Error('late'); });";
  const { status, stderr } = await faultline(['verify', 'mine.mjs'], { cwd: place(routine) });
  expect(status).toBe(3);
  expect(stderr).toContain('Error: late');
});

it.each([
  ['verify', ['verify', 'mine.mjs']],
  ['explore by two threads', ['explore', 'mine.mjs', '--workers', '2', '--strategy', 'random']],
])('what a model prints goes to stderr: %s', async (_, words) => {
  const { status, stdout, stderr } = await faultline([...words, '--json'], {
    cwd: place("console.log('as it runs');"),
  });
  expect(status).toBe(0);
  expect(resultSchema.parse(JSON.parse(stdout)).verb).toBe(words[0]);
  for (const what of ['loaded', 'built']) expect(stderr).toContain(`while it is ${what}`);
  expect(stderr).toContain('as it runs');
});

describe('--json without a result', () => {
  it.each<[string, string[], RegExp]>([
    ['a file that is not there', ['verify', 'nothing.mjs'], /^faultline: there is no file nothing\.mjs\.$/],
    ['an unknown option', ['explore', 'fault-fault', '--nonsense'], /^faultline: unknown option '--nonsense'\.$/],
    ['an unknown scheme', ['verify', 'fault-fault', '--scheme', 'v9'], /^faultline: .*"v9"/],
    ['a token that is none', ['replay', 'fl1:nonsense'], /^faultline: /],
  ])('prints one document for %s', async (_, words, message) => {
    const { status, stdout, stderr } = await answered([...words, '--json']);
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toEqual({
      ...{ schema: 'faultline.error/1', status: 'wrong-input', exitStatus: 2 },
      message: expect.stringMatching(message),
    });
    expect(stderr).toMatch(message.source.startsWith('^') ? new RegExp(message.source, 'm') : message);
  });
});

it('scripts/run needs no folder for temporary files when there is nothing to do', async () => {
  const command = `TMPDIR=/nowhere ${join(root, 'scripts/run')} --version`;
  const { status, stdout } = await run('bash', ['-c', command], { cwd: scratch() });
  expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});
