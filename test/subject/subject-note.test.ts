/** What is said on stderr of a scenario under a scheme that no kernel has ever been, and the size of a finding. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { faultline } from '../cli/one-process.js';
import { scratch } from '../cli/run-cli.js';

const shared =
  'title: a shared write\ngfns: 1\nattribute: shared\nactors:\n  - name: vCPU0\n    calls: [ { write: 0 } ]\n';

it.each([
  ['v2-hook-every-fault', 1, /^faultline: v2-hook-every-fault is of before in-place conversion: [^\n]*\.\n/],
  ['v3-inplace', 0, /^$/],
])('%s', async (scheme, expected, says) => {
  const folder = scratch();
  const file = join(folder, 'shared.yaml');
  writeFileSync(file, shared);
  const { status, stdout, stderr } = await faultline(['verify', file, '--scheme', scheme, '--out', folder, '--quiet']);
  expect(stderr).toMatch(says);
  expect(status).toBe(expected);
  // One task, so the run that was found is the smallest already, and its size is told once.
  if (status === 1)
    expect(stdout).toMatch(/^Found in a run of 18 steps with 0 context switches, none of which can be/m);
});
