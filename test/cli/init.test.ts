/** `faultline init`: what it writes is a model that breaks, a test that passes, and types that hold. */
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { faultline } from './one-process.js';
import { root, run, scratch } from './run-cli.js';

it('writes a project whose test passes, whose types hold, and whose model breaks', async () => {
  const cwd = scratch();
  expect(await faultline(['init', 'mine'], { cwd })).toMatchObject({ status: 0, stderr: '' });
  const folder = join(cwd, 'mine');
  expect(readdirSync(folder).sort()).toEqual([
    'package.json',
    'queue.test.ts',
    'queue.ts',
    'tsconfig.json',
    'vitest.config.ts',
  ]);
  // In the place of npm install: what this clone has.
  const modules = join(folder, 'node_modules');
  await run('mkdir', ['-p', join(modules, '@types')], { cwd });
  symlinkSync(root, join(modules, 'faultline'));
  symlinkSync(join(root, 'node_modules/vitest'), join(modules, 'vitest'));
  symlinkSync(join(root, 'node_modules/@types/node'), join(modules, '@types/node'));
  const [tests, types, verdict] = await Promise.all([
    run(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--testTimeout=200000'], {
      cwd: folder,
    }),
    run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc')], { cwd: folder }),
    faultline(['verify', 'queue.ts'], { cwd: folder }),
  ]);
  expect(tests.status, tests.stdout + tests.stderr).toBe(0);
  expect(types, types.stdout).toMatchObject({ status: 0 });
  expect(verdict.status).toBe(1);
  expect(verdict.stdout).toContain('BUG: faultline: assertion');
});

it('leaves what is there as it is', async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'queue.ts'), 'mine');
  const { status, stdout } = await faultline(['init'], { cwd });
  expect(status).toBe(0);
  expect(stdout).toContain('Left as they were: queue.ts.');
  expect(readFileSync(join(cwd, 'queue.ts'), 'utf8')).toBe('mine');
});

it('refuses a file in the place of the folder', async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'taken'), '');
  const { status, stderr } = await faultline(['init', 'taken'], { cwd });
  expect(status).toBe(2);
  expect(stderr).toBe('faultline: init: taken is a file; allowed: a folder, which is made when it is absent.\n');
});
