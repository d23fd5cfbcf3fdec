/** A finding that cannot be written: every verb exits 1, and prints what replays it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resultSchema } from '../../src/report/result-schema.js';
import * as models from './models.js';
import { faultline, quietly } from './one-process.js';
import { faultline as alone, type CliRun, quietly as quietlyAlone, root, run, scratch } from './run-cli.js';

/** A folder with the user's files, in which a file is where the findings are to go. */
function place(): string {
  const cwd = scratch();
  for (const name of ['taken', 'faultline-findings']) writeFileSync(join(cwd, name), '');
  writeFileSync(join(cwd, 'account.ts'), models.account);
  writeFileSync(join(cwd, 'mine.ts'), models.forgetful);
  writeFileSync(join(cwd, 'mine.yaml'), models.scenario);
  return cwd;
}

/** Does what the output says: saves the world, and replays. */
async function replayedAsTold(stdout: string, cwd: string): Promise<CliRun> {
  const [, token, world] = /^Replay: \S+ replay (fl\d:\S+)(?: --world (\S+))?$/m.exec(stdout) ?? [];
  expect(token).toBeDefined();
  if (world === 'world.json') {
    const [, line] = /Save the next line as world\.json[^\n]*\n([^\n]*)\n/.exec(stdout) ?? [];
    writeFileSync(join(cwd, 'world.json'), line);
  }
  return await faultline(['replay', token, ...(world === undefined ? [] : ['--world', world])], { cwd });
}

const OUT = ['--out', 'taken'];

it.each([
  ['explore', ['explore', 'fault-vs-convert', ...OUT]],
  ["explore, a scheme of the user's own", ['explore', 'fault-fault', '--scheme', './mine.ts']],
  ["explore, a model of the user's own, dfs", ['explore', 'account.ts', '--set', 'tellers=3', '--strategy', 'dfs']],
  ["verify, a scenario of the user's own", ['verify', 'mine.yaml', '--scheme', 'bitmap-nolock+no-seq-check', ...OUT]],
  ["compare, a scheme of the user's own", ['compare', '--schemes', './mine.ts', '--scenarios', 'fault-fault', ...OUT]],
])('%s: exits 1, says once that it cannot be written, and prints what replays it', async (_, words) => {
  const cwd = place();
  // Once a process.
  const { status, stdout, stderr } = await quietlyAlone(words, { cwd });
  expect(stderr).toMatch(
    /^faultline: no finding can be written to \S+ \(\w+\); they are printed only\.\n(?:faultline: forgetful is made of .*\n)?$/,
  );
  expect(status).toBe(1);
  expect(await replayedAsTold(stdout, cwd)).toMatchObject({ status: 1, stderr: '' });
});

it.each([
  ['verify', ['verify', 'fault-fault', '--scheme', './mine.ts', ...OUT, '--json'], 'object'],
  ['explore', ['explore', 'account.ts', '--json'], 'string'],
])('%s --json has the token, and what that is about', async (_, words, what) => {
  const cwd = place();
  const { status, stdout } = await quietly(words, { cwd });
  expect(status).toBe(1);
  const [{ token = '', file, world }] = resultSchema.parse(JSON.parse(stdout)).findings;
  expect(file).toBeUndefined();
  expect(typeof world).toBe(what);
  if (typeof world === 'object') writeFileSync(join(cwd, 'world.json'), JSON.stringify(world));
  const of = typeof world === 'string' ? world : 'world.json';
  expect(await faultline(['replay', token, '--world', of], { cwd })).toMatchObject({ status: 1 });
});

describe('stress', () => {
  it('exits 1 and prints the scenario that was cut out with its token', async () => {
    const cwd = place();
    const words = ['stress', 'fault-vs-convert', '--quiet', '--budget', '40s', ...OUT];
    const { status, stdout, stderr } = await alone(words, { cwd });
    expect(stderr).toMatch(
      /^faultline: no finding can be written to taken \(\w+\); they are printed only\.\n(?:faultline: forgetful is made of .*\n)?$/,
    );
    expect(status).toBe(1);
    expect(await replayedAsTold(stdout, cwd)).toMatchObject({ status: 1, stderr: '' });
  });
});

describe('soak', () => {
  it('exits 1 and prints what the journal did not take, with the scenario and its token', async () => {
    const cwd = place();
    // Room for the head of the journal and no finding, however short: so many KiB.
    const words = ['soak', 'fault-fault', '--scheme', 'v2-hook-every-fault+inverted-test', '--step', '300ms'];
    const command = `ulimit -f 2; exec ${process.execPath} ${join(root, 'dist/src/cli/main.js')} "$@"`;
    const rest = ['--budget', '20s', '--out', 'kept', '--quiet'];
    const { status, stdout, stderr } = await run('bash', ['-c', command, 'soak', ...words, ...rest], { cwd });
    expect(stderr).toMatch(/the soak has stopped: the file may not grow any further \(EFBIG\)\.\n$/);
    expect(readFileSync(join(cwd, 'kept/journal.jsonl'), 'utf8')).not.toContain('"type":"finding"');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^Not in the journal, /m);
    expect(await replayedAsTold(stdout, cwd)).toMatchObject({ status: 1, stderr: '' });
  });
});
