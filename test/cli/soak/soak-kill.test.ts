/** `kill -9` against `faultline soak`: the short form of scripts/soak-kill. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root, run } from '../run-cli.js';

const script = join(root, 'scripts', 'soak-kill.mjs');

it('two kills at random moments lose no finding and no step', async () => {
  const { status, stdout } = await run(process.execPath, [script, '--rounds', '2', '--longest', '4000']);
  expect(stdout).toMatch(/^round 2: killed after \d+ ms; /m);
  expect(stdout).toMatch(/^Nothing was lost: \d+ steps finished, /m);
  expect(status).toBe(0);
});

it('what were lost would be noticed', async () => {
  const { problemsOf } = await import(script);
  const records = [
    { type: 'step-started', step: 0 },
    { type: 'step-started', step: 0 },
    { type: 'step-finished', step: 0 },
  ];
  const document = (id: string, finished: number, cutOff: number) => ({
    findings: [{ id }],
    stats: { campaign: { finished, cutOff }, worlds: [{ findings: [{ id, count: 1, first: 'a', last: 'b' }] }] },
  });
  expect(problemsOf(['one'], records, document('one', 1, 1))).toEqual([]);
  expect(problemsOf(['two'], records, document('one', 1, 1))).toEqual([
    'finding two was there once and is not in the summary',
  ]);
  expect(problemsOf(['one'], records, document('one', 2, 1))).toHaveLength(2);
  expect(problemsOf(['one'], records, document('one', 1, 0))).toEqual(['1 attempts were cut off, the summary says 0']);
  expect(problemsOf([], records.slice(0, 2), document('one', 0, 2))).toHaveLength(2);
});
