/** `faultline explore`: what it prints, what it writes, and its exit status. */
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findingFileSchema } from '../../../src/kept/finding-schema.js';
import { resultSchema } from '../../../src/report/result-schema.js';
import { haveRecordedLogs, recordedLogs } from '../../gmem/trace/sample-trace.js';
import * as models from '../models.js';
import { faultline, quietly } from '../one-process.js';
import { scratch } from '../run-cli.js';

/** The document without what time decides. */
function timeless(text: string) {
  const document = resultSchema.parse(JSON.parse(text));
  return { ...document, stats: { ...document.stats, seconds: 0, secondsToFirst: 0 } };
}

it('a clean scenario: how many schedules, what is not covered, status 0', async () => {
  const { status, stdout, stderr } = await quietly(['explore', 'neighbours', '--schedules', '512']);
  expect(stdout).toMatch(/^neighbours under v2-hook-every-fault \(snp\): mixed, seed 1\n/);
  expect(stdout).toContain('\nClean in 512 schedules.\n');
  expect(stdout).toContain('\nNot covered:\n');
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

it('a finding: title, columns, sentence, locks, the replay command, what is not covered, status 1', async () => {
  const { status, stdout } = await quietly(['explore', 'fault-vs-punch', '--scheme', 'bitmap-nolock', '--seed', '0x2']);
  const order = [
    /^fault-vs-punch under bitmap-nolock \(snp\): mixed, seed 2$/m,
    /^BUG: faultline: host-rmp-fault in \w+/m,
    /^vCPU0 \(.*\) +puncher \(/m,
    /\*\*\* host-rmp-fault \*\*\*$/m,
    /^When this happens, /m,
    /^Locks held:/m,
    /^Replay: .*scripts\/run replay fl1:fault-vs-punch:bitmap-nolock::\S+$/m,
    /^Not covered:$/m,
  ].map((part) => stdout.search(part));
  expect(order).not.toContain(-1);
  expect(order).toEqual([...order].sort((one, other) => one - other));
  expect(status).toBe(1);
});

it.each(['mixed', 'random', 'pct', 'pos', 'surw'])('--strategy %s finds what breaks at once', async (strategy) => {
  const words = ['explore', 'fault-vs-convert', '--strategy', strategy, '--json', '--schedules', '5000'];
  const { status, stdout } = await quietly(words);
  expect(resultSchema.parse(JSON.parse(stdout)).findings.map(({ kind }) => kind)).toContain('host-rmp-fault');
  expect(status).toBe(1);
});

it('--no-kernel gives the same document', async () => {
  const words = ['explore', 'fault-vs-convert', '--scheme', 'v3-inplace', '--schedules', '8000', '--json'];
  const [ours, without] = [await quietly(words), await quietly([...words, '--no-kernel'])];
  expect(timeless(without.stdout)).toEqual(timeless(ours.stdout));
});

it('the same seed gives the same document, whatever the number of workers; another seed another one', async () => {
  const words = [
    'explore',
    'fault-vs-punch',
    '--scheme',
    'bitmap-nolock',
    '--json',
    '--keep-going',
    '--schedules',
    '3000',
  ];
  const one = await quietly([...words, '--workers', '1']);
  const two = await quietly([...words, '--workers', '2']);
  const other = await quietly([...words, '--seed', '2']);
  expect(timeless(two.stdout)).toEqual(timeless(one.stdout));
  expect(timeless(other.stdout).stats).not.toEqual(timeless(one.stdout).stats);
});

it('--json is exactly one document, and settings that change nothing are not among its token', async () => {
  const words = ['explore', 'fault-vs-convert', '--set', 'gfns=2', '--set', 'arch=snp', '--json'];
  const document = timeless((await quietly(words)).stdout);
  expect(document).toMatchObject({
    verb: 'explore',
    scenario: 'fault-vs-convert',
    arch: 'snp',
    seed: 1,
    verdict: 'violation',
  });
  expect(document.findings[0].token).toMatch(/^fl1:fault-vs-convert:v2-hook-every-fault:gfns=2:/);
});

it('--budget ends the run', async () => {
  const start = performance.now();
  const { status, stdout } = await quietly(['explore', 'neighbours', '--strategy', 'random', '--budget', '6s']);
  expect(stdout).toMatch(/Clean in [\d,]+ schedules\./);
  expect(status).toBe(0);
  // A budget of seconds, and what it takes to start on a machine that is busy with other things.
  expect(performance.now() - start).toBeLessThan(40_000);
});

it('--out keeps a file for each finding, whole and by itself', async () => {
  const cwd = scratch();
  const words = ['explore', 'fault-vs-convert', '--keep-going', '--schedules', '512', '--out', 'kept/here', '--json'];
  const { status, stdout } = await quietly(words, { cwd });
  const { findings } = timeless(stdout);
  expect(readdirSync(join(cwd, 'kept/here')).sort()).toEqual(findings.map(({ id }) => `${id}.json`).sort());
  for (const { id, file = '', token } of findings) {
    const content = findingFileSchema.parse(JSON.parse(readFileSync(join(cwd, file), 'utf8')));
    expect(content).toMatchObject({ token, finding: { id, minimal: true } });
  }
  expect(status).toBe(1);
});

it('a folder that cannot be written is one sentence; the finding is printed and the status stays 1', async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'taken'), '');
  const { status, stdout, stderr } = await quietly(['explore', 'fault-vs-convert', '--out', 'taken/here'], { cwd });
  expect(stderr).toBe('faultline: no finding can be written to taken/here (ENOTDIR); they are printed only.\n');
  expect(stdout).toMatch(/^BUG: /m);
  expect(status).toBe(1);
});

it('a folder without permission is one sentence too', async ({ skip }) => {
  if (process.getuid?.() === 0) skip('the superuser may write everywhere');
  const cwd = scratch();
  chmodSync(cwd, 0o500);
  const { status, stderr } = await quietly(['explore', 'fault-vs-convert', '--out', 'kept'], { cwd });
  expect(stderr).toContain('(EACCES)');
  expect(status).toBe(1);
});

it("a finding in the user's own file is kept without being asked, and replays from there", async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'mine.yaml'), models.scenario);
  const { status, stdout } = await quietly(['explore', 'mine.yaml', '--scheme', 'bitmap-nolock'], { cwd });
  expect(status).toBe(1);
  const file = /^Replay: \S+ replay (faultline-findings\/[0-9a-f]{8}\.json)$/m.exec(stdout)?.[1] ?? '';
  expect(existsSync(join(cwd, file))).toBe(true);
});

it('a finding in a built-in scenario is not', async () => {
  const cwd = scratch();
  await quietly(['explore', 'fault-vs-convert'], { cwd });
  expect(readdirSync(cwd)).toEqual([]);
});

it("a model of the user's own: parameters by --set, findings, and clean when it is right", async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'account.ts'), models.account);
  const broken = await quietly(['explore', 'account.ts', '--set', 'tellers=3', '--workers', '2'], { cwd });
  expect(broken.stdout).toMatch(/^BUG: faultline: assertion/m);
  expect(broken.stdout).toContain('When this happens, a deposit was lost.');
  expect(broken.status).toBe(1);
  const locked = await quietly(['explore', 'account.ts', '--set', 'locked=true', '--schedules', '1000'], { cwd });
  expect(locked.stdout).toContain('\nClean: every interleaving was tried (2 schedules, equal states merged).\n');
  expect(locked.status).toBe(0);
});

it('a model that names no source is run by one thread, which is said', async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'account.ts'), models.account.replace('source: import.meta.url,', ''));
  const { status, stderr } = await quietly(['explore', 'account.ts', '--workers', '2'], { cwd });
  expect(stderr).toBe('faultline: account names no source, so one thread ran it.\n');
  expect(status).toBe(1);
});

it('a task that spins for what nobody does is a livelock: status 1, with its loop, and replays', async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'stuck.ts'), models.stuck);
  const { status, stdout } = await quietly(['explore', 'stuck.ts', '--schedules', '5', '--out', 'found'], { cwd });
  expect(stdout).toContain('BUG: faultline: livelock in spin');
  expect(stdout).toContain('and all is as it was when the round began.');
  expect(status).toBe(1);
  const file = /^Kept in (\S+)$/m.exec(stdout)?.[1] ?? 'none';
  const replayed = await faultline(['replay', file], { cwd });
  expect(replayed.stdout).toContain('spinner can go round for ever');
  expect(replayed.status).toBe(1);
});

it('a model in which no schedule comes to its end has no answer: status 3', async () => {
  const cwd = scratch();
  const counting = models.stuck.replace('if ((yield', 'yield* looks.add(1);\n      if ((yield');
  writeFileSync(
    join(cwd, 'counting.ts'),
    counting.replace(/(const cell = .*\n)/, "$1    const looks = m.cell('looks');\n"),
  );
  const words = ['explore', 'counting.ts', '--schedules', '5', '--steps', '100'];
  const { status, stdout } = await quietly(words, { cwd });
  expect(stdout.replace(/\s+/g, ' ')).toContain(
    'No answer: none of 5 schedules came to its end. 5 schedules were given up after at most 100 steps: spinner kept ' +
      'going in spin. looks grows without end as far as was seen (0 to',
  );
  expect(stdout).toMatch(/5 schedules given up: spinner/);
  expect(status).toBe(3);
  const json = await quietly([...words, '--json'], { cwd });
  const { verdict, stats } = timeless(json.stdout);
  expect(verdict).toBe('inconclusive');
  expect(stats).toMatchObject({
    schedules: 5,
    completed: 0,
    bounded: 5,
    boundedOpen: 0,
    livelocked: 0,
    stepBound: 100,
  });
  expect(json.status).toBe(3);
});

it('what must hold at the end is asked beside a daemon that never rests', async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'ticker.ts'), models.ticker);
  for (const verb of ['explore', 'verify']) {
    const broken = await quietly([verb, 'ticker.ts', '--out', 'found'], { cwd });
    expect(broken.stdout).toContain('When this happens, x is not 2.');
    expect(broken.status).toBe(1);
    const file = /^Kept in (\S+)$/m.exec(broken.stdout)?.[1] ?? 'none';
    expect((await faultline(['replay', file], { cwd })).status).toBe(1);
    const right = await quietly([verb, 'ticker.ts', '--set', 'wanted=1', '--out', 'found'], { cwd });
    expect(right.status).toBe(0);
  }
});

it('--strategy dfs runs every interleaving of a small model', async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'account.ts'), models.account);
  const words = ['explore', 'account.ts', '--strategy', 'dfs'];
  const broken = await quietly([...words, '--keep-going'], { cwd });
  expect(broken.stdout).toMatch(/^All 6 interleavings: 6 completed,[\s\S]*;\ssomething broke in 4\./m);
  expect(broken.status).toBe(1);
  const locked = await quietly([...words, '--set', 'locked=true', '--json'], { cwd });
  const { verdict, stats } = timeless(locked.stdout);
  expect(verdict).toBe('clean');
  expect(stats).toMatchObject({ interleavings: 2, exhaustive: true, strategy: 'dfs' });
  expect(locked.status).toBe(0);
  const long = await quietly([...words, '--steps', '5000'], { cwd });
  expect(long.stderr).toBe('faultline: --steps: steps of dfs is 5000; allowed: a whole number from 1 to 2000.\n');
  expect(long.status).toBe(2);
});

it("a scheme of the user's own", async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'mine.ts'), models.forgetful);
  const { status, stdout } = await quietly(['explore', 'fault-fault', '--scheme', './mine.ts'], { cwd });
  expect(stdout).toMatch(/^fault-fault under \.\/mine\.ts \(snp\)/);
  expect(stdout).toMatch(/^BUG: faultline: host-rmp-fault/m);
  expect(status).toBe(1);
});

it.skipIf(!haveRecordedLogs)('a recorded log: its busiest window, or the one that was asked for', async () => {
  const path = recordedLogs['i3-icount-2vcpu-punch-d10'];
  const words = ['explore', path, '--schedules', '300'];
  const busiest = await quietly(words);
  expect(busiest.stdout).toMatch(/^i3-icount-2vcpu-punch-d10\.from-\d+\.count-20 under\sv2-hook-every-fault\s\(none\)/);
  expect(busiest.status).toBe(0);
  const asked = await quietly([...words, '--set', 'from=17', '--set', 'count=5', '--set', 'frames=16']);
  expect(asked.stdout).toMatch(/^i3-icount-2vcpu-punch-d10\.from-17\.count-5 under\s\S+\s\(none,\sframes=16\)/);
  expect(asked.status).toBe(0);
});
