/** How soon V8 optimizes what runs in the command line. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root, run } from '../run-cli.js';

const tiering = join(root, 'dist', 'src', 'cli', 'terminal', 'tiering.js');

/** Calls a function so often that V8 would take it to be hot; the names of the functions that were optimized. */
async function optimized(before: string, calls: number): Promise<string[]> {
  const text = `import { compileLater } from ${JSON.stringify(tiering)};
    ${before}
    function sum(n) { let all = 0; for (let i = 0; i < n; i++) all += i; return all; }
    for (let call = 0; call < ${calls}; call++) sum(10);`;
  const { stdout } = await run(process.execPath, ['--trace-opt', '--input-type=module', '--eval', text]);
  return [...stdout.matchAll(/completed optimizing 0x\w+ <JSFunction (\w+)/g)].map(([, name]) => name);
}

it.runIf(process.versions.v8.startsWith('11.3.'))('what runs for a short while is left as it is', async () => {
  expect(await optimized('', 700)).toContain('sum');
  expect(await optimized('compileLater();', 700)).not.toContain('sum');
  expect(await optimized('compileLater();', 40_000)).toContain('sum');
});
