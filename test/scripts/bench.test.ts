import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root, run } from '../cli/run-cli.js';

it.each([
  ['bench.d/explore.mjs', ['nope'], 'bench explore: nope is not allowed; it takes the number of rounds,'],
  ['bench.d/find.mjs', ['nope'], 'bench find: nope is not allowed; it takes the number of seeds,'],
  ['bench.d/live.mjs', ['--foo'], 'bench live: --foo is not allowed;'],
  ['bench.d/verify.mjs', ['--help'], 'bench verify: --help is not allowed;'],
  ['bench.d/verify.mjs', ['--n', '9'], 'bench verify: --n 9 is not allowed;'],
  ['bench.d/verify.mjs', ['0'], 'bench verify: 0 is not allowed;'],
  ['bench-lock.mjs', ['3', '4'], 'bench-lock: 3 4 is not allowed;'],
])('%s refuses %j in one sentence before it measures anything', async (script, words, sentence) => {
  const { status, stdout, stderr } = await run(process.execPath, [join(root, 'scripts', script), ...words]);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr.startsWith(sentence)).toBe(true);
  expect(stderr).toMatch(/^[^\n]*from 1 to 10000 \(default \d+\), and nothing else\.\n$/);
});
