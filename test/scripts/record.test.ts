/** The script that records a kernel: what it says before it fetches or boots anything. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root, run } from '../cli/run-cli.js';

const record = (...words: string[]) => run(join(root, 'scripts/record'), words);

it.each([
  [['--cpus', '0'], 'record: --cpus is 0; allowed: a whole number from 1\n'],
  [['--icount', 'x'], 'record: --icount is "x"; allowed: a whole number below 1000\n'],
  [['--kernel', 'new'], 'record: --kernel is "new"; allowed: a version such as 7.3.4\n'],
  [['--out'], 'record: --out needs a value\n'],
  [['--', '-v', '2;reboot'], 'record: "2;reboot" is no option of gmemtest\n'],
  [
    ['trace'],
    'record: there is no option "trace"; there are --kernel, --cpus, --icount, --out, --help and, behind --, gmemtest\'s\n',
  ],
])('refuses %j in one sentence', async (words, sentence) => {
  expect(await record(...words)).toMatchObject({ status: 2, stdout: '', stderr: sentence });
});

it('says with --help what it does and what it needs', async () => {
  const { status, stdout } = await record('--help');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Records a trace .*\n(.*\n)*Needs qemu-system-x86_64/);
  expect(stdout).not.toContain('set -euo');
});
