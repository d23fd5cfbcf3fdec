/** The assertions for node:test, in a test file that node runs. */
import { AssertionError } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { loadModel } from '../../src/index.js';
import { raceFree, verified } from '../../src/testing/assert.js';
import { root, run, scratch } from '../cli/run-cli.js';

const file = fileURLToPath(new URL('./account.mjs', import.meta.url));

it.each([
  ['raceFree', raceFree],
  ['verified', verified],
])('%s throws an AssertionError with the columns, or nothing', async (_, asserts) => {
  const account = await loadModel(file);
  const out = scratch();
  await expect(asserts(account, { out })).rejects.toThrow(AssertionError);
  await expect(asserts(account, { out })).rejects.toThrow(/^BUG: faultline: assertion in deposit \/ deposit\n/);
  await asserts(account.with({ locked: true }));
});

it('fail and pass tests of node:test', async () => {
  const cwd = scratch();
  const library = pathToFileURL(join(root, 'dist/src')).href;
  writeFileSync(
    join(cwd, 'account.test.mjs'),
    `import { test } from 'node:test';
import { raceFree, verified } from '${library}/testing/assert.js';
import { loadModel } from '${library}/index.js';
const account = await loadModel(${JSON.stringify(file)});
test('locked', async () => { await verified(account.with({ locked: true })); });
test('unlocked', async () => { await raceFree(account); });
`,
  );
  const { status, stdout } = await run('node', ['--test', '--test-reporter=tap', 'account.test.mjs'], { cwd });
  expect(status).toBe(1);
  expect(stdout).toMatch(/^ok 1 - locked$/m);
  expect(stdout).toMatch(/^not ok 2 - unlocked$/m);
  expect(stdout).toContain('BUG: faultline: assertion in deposit / deposit');
});
