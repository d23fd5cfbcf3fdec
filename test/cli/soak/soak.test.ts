/** `faultline soak`: campaigns as users run, kill, interrupt and resume them. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resultSchema } from '../../../src/report/result-schema.js';
import * as models from '../models.js';
import { faultline } from '../one-process.js';
import { faultline as alone, type CliOptions, type CliRun, main, run, scratch } from '../run-cli.js';

/**
 * Breaks with the first fault, always in the same way, and is reproduced at once. A second vCPU would break it in more
 * ways, some of which are searched for in vain, for half a minute.
 */
const BREAKS = [
  ...['soak', 'fault-fault', '--scheme', 'v2-hook-every-fault+inverted-test', '--vcpus', '1'],
  ...['--step', '300ms'],
];
const CLEAN = ['soak', 'fault-vs-convert', '--scheme', 'v3-inplace', '--step', '200ms'];

function soak(words: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  return (options.started === undefined ? faultline : alone)([...words, '--quiet'], options);
}

/** The document, and what it says of the campaign. */
function documentOf({ stdout }: CliRun) {
  const document = resultSchema.parse(JSON.parse(stdout));
  const stats = document.stats as unknown as {
    campaign: { finished: number; cutOff: number; pending?: number; early: Record<string, number> };
    sessions: number;
    end: string;
    worlds: {
      scenario: string;
      scheme?: string;
      steps: number;
      findings: { id: string; count: number; first: string }[];
    }[];
  };
  return { ...document, stats };
}

/** The records of a journal. */
function recordsOf(folder: string): { type: string; step?: number; id?: string }[] {
  const lines = readFileSync(join(folder, 'journal.jsonl'), 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line).record);
}

it('finds, keeps and sums up; what it kept replays', async () => {
  const cwd = scratch();
  const { status, stdout, stderr } = await soak([...BREAKS, '--budget', '300ms', '--out', 'kept'], { cwd });
  expect(stderr).toBe('');
  expect(status).toBe(1);
  expect(stdout).toMatch(/^Soak of 1 world, seed 1: \d+ steps? in .*\nThe budget is spent\.\n/);
  expect(stdout).toMatch(/^fault-fault under v2-hook-every-fault\+inverted-test: \d+ steps?,[\s\S]*? findings?$/m);
  expect(stdout).toMatch(
    /^ {4}[0-9a-f]{8}\s+(once|[\d,]+\stimes),\sfirst\s\d{4}-\S+Z\s+\(step\s+0,\s+[\d,]+\s+faults?\s+in\),\s+last\s+\d{4}-\S+Z$/m,
  );
  expect(stdout).toMatch(/^ {4}Reproduced in [\d,]+ schedules of /m);
  expect(stdout).toMatch(/^Memory at the ends of \d+ steps? of this session/m);
  const [, file] = /^ {4}Replay: \S+ replay (kept\/[0-9a-f]{8}\.json)$/m.exec(stdout)!;
  const replay = await faultline(['replay', file, '--quiet'], { cwd });
  expect(replay.status).toBe(1);
  expect(replay.stdout).toMatch(/^BUG: faultline: /m);
  expect(readdirSync(join(cwd, 'kept')).filter((name) => !name.endsWith('.json'))).toEqual(['journal.jsonl']);
});

it('nothing found: status 0, every world with its steps', async () => {
  const cwd = scratch();
  const words = [...CLEAN, 'neighbours', '--step', '200ms', '--budget', '800ms', '--json', '--seed', '9'];
  const done = await soak(words, { cwd });
  const { verdict, findings, seed, stats } = documentOf(done);
  expect({ verdict, findings, seed, end: stats.end }).toEqual({
    verdict: 'clean',
    findings: [],
    seed: 9,
    end: 'budget',
  });
  expect(stats.worlds.map(({ scenario, scheme }) => `${scenario} ${scheme}`)).toEqual([
    'fault-vs-convert v3-inplace',
    'neighbours v3-inplace',
  ]);
  const [one, two] = stats.worlds.map(({ steps }) => steps);
  expect(one + two).toBe(stats.campaign.finished);
  expect(Math.abs(one - two)).toBeLessThanOrEqual(1);
  expect(done.status).toBe(0);
  expect(existsSync(join(cwd, 'faultline-soak', 'checkpoint.json'))).toBe(true);
});

it("a model of the user's own is soaked too, and goes on as it was when its file has changed", async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'account.ts'), models.account);
  const first = await soak(['soak', 'account.ts', '--step', '200ms', '--budget', '200ms', '--out', 'kept', '--json'], {
    cwd,
  });
  expect(documentOf(first).stats.worlds[0]).toMatchObject({ scenario: 'account', steps: 1 });
  writeFileSync(join(cwd, 'account.ts'), 'this is no model any more');
  const words = ['soak', '--resume', 'kept', '--budget', '200ms', '--json'];
  const untrusted = await soak(words, { cwd });
  expect(untrusted.stderr).toMatch(
    /^faultline: kept holds the text of \S+\/account\.ts, [^\n]* add --trust to run it\.\n$/,
  );
  expect(untrusted.status).toBe(2);
  const second = await soak([...words, '--trust'], { cwd });
  expect(second.stderr).toBe('');
  expect(documentOf(second).stats.campaign.finished).toBe(2);
});

it('--resume goes on where the campaign stands, with what it had found', async () => {
  const cwd = scratch();
  const first = documentOf(await soak([...BREAKS, '--budget', '300ms', '--out', 'kept', '--json'], { cwd }));
  const spent = documentOf(await soak(['soak', '--resume', 'kept', '--json'], { cwd }));
  expect(spent.stats.campaign).toEqual(first.stats.campaign);
  const more = await soak(['soak', '--resume', 'kept', '--budget', '300ms', '--json'], { cwd });
  const { stats } = documentOf(more);
  expect(stats.sessions).toBe(3);
  expect(stats.campaign.finished).toBeGreaterThan(first.stats.campaign.finished);
  expect(stats.campaign.cutOff).toBe(0);
  for (const { id, count, first: at } of first.stats.worlds[0].findings) {
    const again = stats.worlds[0].findings.find((each) => each.id === id)!;
    expect(again.first).toBe(at);
    expect(again.count).toBeGreaterThanOrEqual(count);
  }
  expect(more.status).toBe(1);
});

/** Signals a process when a condition holds. */
function when(holds: () => boolean, then: (child: ChildProcess) => void): (child: ChildProcess) => void {
  return (child) => {
    const timer = setInterval(() => {
      if (!holds()) return;
      clearInterval(timer);
      then(child);
    }, 20);
    child.on('exit', () => clearInterval(timer));
  };
}

/** Waits until a running process has come so far. */
const until = (child: ChildProcess, holds: () => boolean) =>
  new Promise<void>((resolve) => when(holds, () => resolve())(child));

it.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends the step, writes, sums up: status 130, and it can go on',
  async (signal) => {
    const cwd = scratch();
    const folder = join(cwd, 'kept');
    const hasBegun = () =>
      existsSync(join(folder, 'journal.jsonl')) && recordsOf(folder).some(({ type }) => type === 'step-started');
    const started = when(hasBegun, (child) => child.kill(signal));
    const ended = await soak([...CLEAN, '--step', '1h', '--out', 'kept', '--json'], { cwd, started });
    expect(ended.status).toBe(130);
    expect(ended.stderr).toBe('faultline: interrupted; finishing what is under way (once more to quit at once).\n');
    const { stats, verdict } = documentOf(ended);
    expect({ verdict, end: stats.end }).toEqual({ verdict: 'inconclusive', end: 'interrupted' });
    expect(stats.campaign).toMatchObject({ finished: 1, cutOff: 0, early: { interrupted: 1 } });
    expect(recordsOf(folder).at(-1)?.type).toBe('session-ended');
  },
);

describe('a disk that takes no more', () => {
  const limited = (blocks: number, words: readonly string[], cwd: string) =>
    run('sh', ['-c', `ulimit -f ${blocks}; exec "$0" "$@"`, process.execPath, main, ...words, '--quiet'], { cwd });

  it('when a finding is to be written: it is printed, status 1, and the campaign goes on later', async () => {
    const cwd = scratch();
    const { status, stdout, stderr } = await limited(5, [...BREAKS, '--budget', '1h', '--out', 'kept'], cwd);
    expect(stderr).toBe('faultline: the soak has stopped: the file may not grow any further (EFBIG).\n');
    expect(stdout).toMatch(
      /^Not in the journal, for it takes no more \(fault-fault under\sv2-hook-every-fault\+inverted-test, step \d+\):\n {2}BUG: /m,
    );
    expect(stdout).toContain('At that moment:');
    expect(status).toBe(1);
    const later = documentOf(await soak(['soak', '--resume', 'kept', '--budget', '300ms', '--json'], { cwd }));
    expect(later.stats.campaign.finished).toBeGreaterThan(0);
  });

  it('when nothing was found: status 3, and what was done is intact', async () => {
    const cwd = scratch();
    const words = [...CLEAN, '--step', '1ms', '--budget', '1h', '--out', 'kept', '--json'];
    const stopped = await limited(8, words, cwd);
    expect(stopped.stderr).toBe('faultline: the soak has stopped: the file may not grow any further (EFBIG).\n');
    expect(stopped.status).toBe(3);
    const { verdict, stats } = documentOf(stopped);
    expect(verdict).toBe('inconclusive');
    const later = documentOf(await soak(['soak', '--resume', 'kept', '--budget', '1ms', '--json'], { cwd }));
    expect(later.stats.campaign.finished).toBeGreaterThanOrEqual(stats.campaign.finished);
  });

  it('when it cannot begin: one sentence, status 3', async () => {
    const cwd = scratch();
    const { status, stdout, stderr } = await limited(0, [...CLEAN, '--out', 'kept'], cwd);
    expect(stderr).toBe('faultline: the soak cannot begin: the file may not grow any further (EFBIG).\n');
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(readdirSync(join(cwd, 'kept'))).toEqual([]);
  });
});

it('two at one folder: the second is refused, and the first goes on', async () => {
  const cwd = scratch();
  const first = spawn(process.execPath, [main, ...CLEAN, '--budget', '1h', '--out', 'kept', '--quiet'], { cwd });
  try {
    await until(first, () => existsSync(join(cwd, 'kept', 'journal.jsonl')));
    const { status, stderr } = await soak(['soak', '--resume', 'kept'], { cwd });
    expect(stderr).toBe(`faultline: process ${first.pid} is running a campaign in kept; one at a time is allowed.\n`);
    expect(status).toBe(2);
    const before = recordsOf(join(cwd, 'kept')).length;
    await until(first, () => recordsOf(join(cwd, 'kept')).length > before);
  } finally {
    first.kill('SIGKILL');
  }
});

const UNSHARED = ['--pid', '--fork', '--mount-proc', '--kill-child'];
const hasNamespaces = spawnSync('unshare', [...UNSHARED, 'true']).status === 0;

it.skipIf(!hasNamespaces)('two at one folder in two PID namespaces: the second is refused', async () => {
  const cwd = scratch();
  const words = (more: readonly string[]) => [...UNSHARED, process.execPath, main, ...more, '--quiet'];
  const first = spawn('unshare', words([...CLEAN, '--budget', '1h', '--out', 'kept']), { cwd });
  try {
    await until(first, () => existsSync(join(cwd, 'kept', 'journal.jsonl')));
    const { status, stderr } = await run('unshare', words(['soak', '--resume', 'kept']), { cwd });
    expect(stderr).toMatch(
      /^faultline: process 1 of another container or machine may be running a campaign in kept; its flag running\.1\.\d+\.[0-9a-f]{8} counts for \d+ s more/,
    );
    expect(status).toBe(2);
    const before = recordsOf(join(cwd, 'kept')).length;
    await until(first, () => recordsOf(join(cwd, 'kept')).length > before);
  } finally {
    first.kill('SIGKILL');
  }
});

it('a flag that is gone ends the campaign; nothing more is written', async () => {
  const cwd = scratch();
  const folder = join(cwd, 'kept');
  const hasSteps = () => existsSync(join(folder, 'journal.jsonl')) && recordsOf(folder).length > 4;
  let records = 0;
  const started = when(hasSteps, () => {
    for (const name of readdirSync(folder)) if (name.startsWith('running.')) rmSync(join(folder, name));
    records = recordsOf(folder).length;
  });
  const { status, stderr } = await soak([...CLEAN, '--budget', '1h', '--out', 'kept'], { cwd, started });
  expect(stderr).toBe(
    'faultline: the soak has stopped: the flag of this process is gone from kept: another one may be at work there now.\n',
  );
  expect(status).toBe(3);
  // One may have been under way.
  expect(recordsOf(folder).length).toBeLessThanOrEqual(records + 1);
  expect(recordsOf(folder).at(-1)?.type).not.toBe('session-ended');
});
