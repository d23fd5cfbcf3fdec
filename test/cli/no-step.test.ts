/** An actor whose routine has not a single step: nothing is searched there, and every engine says so. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resultSchema } from '../../src/report/result-schema.js';
import { faultline, quietly } from './one-process.js';
import { scratch } from './run-cli.js';

function folderWith(actors: string): string {
  const folder = scratch();
  writeFileSync(
    join(folder, 'idle.mjs'),
    `import { defineModel } from 'faultline';
export default defineModel({
  name: 'idle', source: import.meta.url, parameters: { turns: 0 },
  build(m, { turns }) {
    const x = m.cell('x');
    m.actor('worker', function* () { yield* x.add(1); });
    ${actors}
  },
});
`,
  );
  return folder;
}

const idle = `m.actor('cleaner', function* () {
      for (let turn = 0; turn < turns; turn++) yield* x.write(0);
    });`;
const NOTE =
  'cleaner has no step: its routine comes to its end without an op, so nothing was searched there; steps are ops that are yielded by yield*';

it.each([
  [['verify'], 0],
  [['explore'], 0],
  [['explore', '--strategy', 'dfs'], 0],
  [['stress', '--budget', '300ms', '--threads', '1'], 0],
])('%j says which actor it was, as text and as JSON', async ([verb, ...more], status) => {
  const cwd = folderWith(idle);
  const run = verb === 'stress' ? [verb, './idle.mjs', ...more, '--quiet'] : [verb, './idle.mjs', ...more];
  const words = verb === 'stress' ? run : [...run, '--workers', '1', '--quiet'];
  const text = await faultline(words, { cwd });
  expect(text.stderr).toBe(`faultline: ${NOTE}.\n`);
  expect(text.status).toBe(status);
  const { stdout } = await faultline([...words, '--json'], { cwd });
  expect(resultSchema.parse(JSON.parse(stdout)).notes).toEqual([NOTE]);
});

it('says nothing where every actor has a step, and nothing in JSON either', async () => {
  const { stdout, stderr } = await quietly(['verify', './idle.mjs', '--set', 'turns=1', '--json'], {
    cwd: folderWith(idle),
  });
  expect(stderr).toBe('');
  expect(resultSchema.parse(JSON.parse(stdout)).notes).toBeUndefined();
});

it('names several, and counts the rest', async () => {
  const { stderr } = await quietly(['verify', './idle.mjs'], {
    cwd: folderWith("m.actors('sleeper', 7, () => function* () {});"),
  });
  expect(stderr).toMatch(/^faultline: sleeper0, sleeper1, sleeper2, sleeper3, sleeper4 and 2 more have no step: /);
});
