/** verify as users run it: what it prints, what it exits with, and that each kind of finding replays. */
import type { ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ResultDocument, resultSchema } from '../../../src/report/result-schema.js';
import { faultline, quietly } from '../one-process.js';
import { faultline as alone, root, scratch } from '../run-cli.js';
import { rounds } from './verify-models.js';

function documentOf(stdout: string): ResultDocument {
  return resultSchema.parse(JSON.parse(stdout));
}

describe('a scheme that is right', () => {
  it('is verified, with the bound that it holds under', async () => {
    const words = ['verify', 'fault-vs-punch', '--scheme', 'bitmap-shared-lock'];
    const { status, stdout } = await quietly([...words, '--details', '--coverage']);
    expect(stdout).toMatch(
      /^fault-vs-punch under bitmap-shared-lock \(snp\)\n\nVerified: no interleaving breaks anything\./,
    );
    expect(stdout).toMatch(
      /^Covered: [\d,]+ distinct states \(\d+ of them complete\), [\d,]+ transitions,\s+depth \d+;/m,
    );
    expect(stdout).toMatch(/^Bound: sequentially consistent memory, order-0 folios, 3 frames, 1 vCPU,\s+one VM;/m);
    expect(stdout).toMatch(/^Not modelled: weak memory, /m);
    expect(stdout).toContain('Symmetry: off: no two actors run the same routines with the same arguments.');
    expect(stdout).toMatch(/^Machine events that no op of these calls sends:\n {2}- folio: FREE_AS_IS$/m);
    expect(status).toBe(0);
  });

  it.each([
    ['fault-vs-punch', 'bitmap-shared-lock'],
    ['neighbours', 'v2-hook-every-fault'],
  ])('takes ten lines where no more is asked for: %s', async (scenario, scheme) => {
    const { stdout } = await quietly(['verify', scenario, '--scheme', scheme]);
    expect(stdout.split('\n').length - 1).toBeLessThanOrEqual(10);
    expect(stdout).toMatch(/\n\nVerified: no interleaving breaks anything\.\nCovered: .* in \d+\.\d s\.\nBound: /);
    expect(stdout).toMatch(/^Not modelled: weak memory, /m);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(75);
  });

  it('has one document with --json', async () => {
    const { status, stdout } = await quietly(['verify', 'fault-fault', '--json', '--set', 'frames=3']);
    const { verb, verdict, stats, findings } = documentOf(stdout);
    expect({ verb, verdict, findings }).toEqual({ verb: 'verify', verdict: 'verified', findings: [] });
    expect(stats).toMatchObject({ finalStates: expect.any(Number), neverExecuted: expect.any(Array), workersUsed: 1 });
    expect(stats?.states).toBeGreaterThan(100);
    expect(stats?.bound).toMatchObject({ frames: 3, vcpus: 2, notModelled: expect.stringContaining('weak memory') });
    expect(status).toBe(0);
  });
});

describe('a finding', () => {
  it('is printed in columns and replays by its token', async () => {
    const words = ['verify', 'fault-vs-punch', '--scheme', 'bitmap-nolock'];
    const { status, stdout } = await quietly(words);
    expect(stdout).toMatch(/^BUG: faultline: host-rmp-fault in kvm_gmem_prepare_folio/m);
    expect(stdout).toContain('*** host-rmp-fault ***');
    expect(stdout).toContain('Violation: 1 finding.');
    expect(status).toBe(1);
    const [token] = /fl1:\S+/.exec(stdout) ?? [''];
    const replay = await faultline(['replay', token]);
    expect(replay.stdout).toMatch(/^BUG: faultline: host-rmp-fault in kvm_gmem_prepare_folio/);
    expect(replay.status).toBe(1);
  });

  it('is one for each signature with --all, and each replays', async () => {
    const { stdout, status } = await quietly(['verify', 'populate-vs-fault', '--all', '--json']);
    const { findings } = documentOf(stdout);
    expect(new Set(findings.map(({ kind }) => kind))).toEqual(
      new Set(['lost-write', 'host-rmp-fault', 'double-prepare']),
    );
    expect(new Set(findings.map(({ signature }) => signature)).size).toBe(findings.length);
    expect(status).toBe(1);
    for (const { token = '', id, kind } of findings) {
      const replay = await faultline(['replay', token, '--json']);
      expect(documentOf(replay.stdout).findings.map((each) => [each.id, each.kind])).toEqual([[id, kind]]);
      expect(replay.status).toBe(1);
    }
  });

  it.each([
    ['deadlock', 'abba', '*** DEADLOCK ***'],
    ['livelock', 'stuck', 'From here it goes round:'],
    ['starvation', 'polite', 'and all is as it was when the round began.'],
    ['lock-order', 'gated', 'WARNING: possible circular locking dependency'],
  ])('of kind %s is kept in a file, replays from there and is shown', async (kind, name, mark) => {
    const cwd = scratch();
    writeFileSync(join(cwd, `${name}.ts`), rounds[name as keyof typeof rounds]);
    const found = await quietly(['verify', `${name}.ts`, '--json', '--out', 'kept'], { cwd });
    const [finding, ...more] = documentOf(found.stdout).findings;
    expect(more).toEqual([]);
    expect(finding.kind).toBe(kind);
    expect(found.status).toBe(1);
    const text = await quietly(['verify', `${name}.ts`], { cwd });
    expect(text.stdout).toContain(mark);
    const replay = await faultline(['replay', finding.file ?? ''], { cwd });
    expect(replay.stdout).toContain(finding.title);
    expect(replay.stdout).toContain(mark);
    expect(replay.status).toBe(1);
    const show = await faultline(['show', finding.file ?? ''], { cwd });
    expect(show.stdout).toBe(replay.stdout);
  });

  it('of a round breaks no more when somebody could lead out of it', async () => {
    const cwd = scratch();
    writeFileSync(join(cwd, 'stuck.ts'), rounds.stuck);
    const { stdout } = await quietly(['verify', 'stuck.ts', '--json', '--out', 'kept'], { cwd });
    const [{ file = '' }] = documentOf(stdout).findings;
    const path = join(cwd, file);
    const content = readFileSync(path, 'utf8');
    // The file holds its model: there the setter now sets the flag in any case.
    expect(content).toContain('=== 0) yield* ready.write(1)');
    writeFileSync(path, content.replace('=== 0) yield* ready.write(1)', '>= 0) yield* ready.write(1)'));
    const replay = await faultline(['replay', file, '--trust'], { cwd });
    expect(replay.stderr).toContain('Somebody who could go on all the time never gets a turn.');
    expect(replay.stdout).toMatch(/^Nothing breaks in this run\./);
    expect(replay.status).toBe(0);
  });
});

describe('a search that is given up', () => {
  it('says what is left and why, with status 3', async () => {
    const { status, stdout } = await quietly(['verify', 'fault-vs-convert', '--max-states', '200']);
    expect(stdout).toMatch(/^No answer: the search is not complete, because it reached the bound of 200\s+states\. /m);
    expect(stdout).toMatch(/Of \d+ states that were reached, \d+ were not gone on\s+from/);
    expect(status).toBe(3);
  });

  it('by time, too', async () => {
    const cwd = scratch();
    writeFileSync(join(cwd, 'large.ts'), rounds.large);
    const { status, stdout } = await quietly(['verify', 'large.ts', '--budget', '300ms', '--json'], { cwd });
    expect(documentOf(stdout)).toMatchObject({ verdict: 'inconclusive', stats: { stoppedBy: 'the deadline' } });
    expect(status).toBe(3);
  });

  it('by Ctrl-C, keeps what was found: status 130', async () => {
    const cwd = scratch();
    writeFileSync(join(cwd, 'large.ts'), rounds.large);
    const started = (child: ChildProcess): void => {
      child.stderr?.on('data', (text: string) => {
        if (/large: search: [\d,]+ states, [\d,]+ transitions\/s, frontier [\d,]+, depth \d+, \d+ MiB/.test(text)) {
          child.kill('SIGINT');
        }
      });
    };
    const words = ['verify', 'large.ts', '--all', '--json', '--set', 'broken=true', '--workers', '1'];
    const { status, stdout } = await alone(words, { cwd, started });
    const { verdict, stats, findings } = documentOf(stdout);
    expect({ verdict, interrupted: stats?.interrupted, kinds: findings.map(({ kind }) => kind) }).toEqual({
      verdict: 'violation',
      interrupted: true,
      kinds: ['assertion'],
    });
    expect(status).toBe(130);
  });
});

describe('options', () => {
  it('--count gives the exact number of interleavings', async () => {
    const cwd = scratch();
    writeFileSync(join(cwd, 'abba.ts'), rounds.abba);
    const { stdout } = await quietly(['verify', 'abba.ts', '--count', '--all'], { cwd });
    expect(stdout).toMatch(/^Interleavings: 6\.$/m);
    const json = await quietly(['verify', 'abba.ts', '--count', '--all', '--json'], { cwd });
    expect(documentOf(json.stdout).stats?.interleavings).toBe(6);
    const round = await quietly(['verify', 'fault-vs-convert', '--scheme', 'v3-inplace', '--count', '--json']);
    expect(documentOf(round.stdout).stats?.interleavings).toBe('unbounded');
  });

  it('--no-symmetry, --no-por and --no-merge change the number of states and not the verdict', async () => {
    const statesOf = async (...words: string[]): Promise<unknown> => {
      const { stdout } = await quietly(['verify', 'fault-fault', '--json', ...words]);
      const { verdict, stats } = documentOf(stdout);
      expect(verdict).toBe('verified');
      return stats?.states;
    };
    const all = ['--no-symmetry', '--no-por', '--no-merge'];
    expect(Number(await statesOf())).toBeLessThan(Number(await statesOf(...all)));
    const { stdout } = await quietly(['verify', 'fault-fault', ...all, '--details']);
    expect(stdout).toMatch(/^Merging: switched off\.\nSymmetry: switched off\.\nOrder reduction: switched off\.$/m);
  });

  it('--no-kernel says the same', async () => {
    // A space that the kernel takes up by default.
    const model = join(root, 'test', 'live', 'fixtures', 'preparedness.mjs');
    const words = ['verify', model, '--set', 'faults=4', '--no-symmetry', '--no-por'];
    const [ours, without] = [await quietly(words), await quietly([...words, '--no-kernel'])];
    const timeless = (text: string) => text.replace(/in\s+[\d.]+\s+s/g, '');
    expect(ours.stdout).toContain('Covered: 65,429 distinct states');
    expect(timeless(without.stdout)).toBe(timeless(ours.stdout));
  });

  it('--scratch goes on where a run before was stopped, and refuses the folder of another model', async () => {
    const folder = join(scratch(), 'states');
    const model = join(root, 'test/live/fixtures/preparedness.mjs');
    const words = ['verify', model, '--all', '--no-symmetry', '--no-por', '--scratch', folder];
    const part = await quietly([...words, '--set', 'faults=6', '--max-states', '1500000']);
    expect(part.status).toBe(3);
    expect(part.stdout).toMatch(/it reached\s+the\s+bound\s+of\s+1500000\s+states/);
    const kept = /keeps the states up to level (\d+) \(\d+ MiB\):\s+the same command goes on from there\./;
    expect(Number(kept.exec(part.stdout.replace(/\n/g, ' '))?.[1])).toBeGreaterThan(10);
    const other = await faultline([...words, '--set', 'faults=7']);
    expect({ status: other.status, stdout: other.stdout }).toEqual({ status: 2, stdout: '' });
    expect(other.stderr).toContain(`faultline: ${folder} holds the search of another model ("preparedness")`);
    const rest = await quietly([...words, '--set', 'faults=6']);
    expect(rest.stdout).toContain('Verified: no interleaving breaks anything.');
    expect(rest.stdout).toMatch(/Covered: 6,901,445 distinct states,\s+33,416,056\s+transitions,\s+depth\s+40/);
    expect(rest.status).toBe(0);
  });

  it('--order depth-first finds the same', async () => {
    const { stdout, status } = await faultline(['verify', 'fault-vs-convert', '--order', 'depth-first', '--quiet']);
    expect(stdout).toContain('Violation: 1 finding.');
    expect(status).toBe(1);
  });

  it.each([
    [['--order', 'sideways'], '--order: unknown order "sideways"; allowed: breadth-first, depth-first.'],
    [['--max-memory', '4'], '--max-memory: max-memory is "4"; allowed: a size from 1M to 1T, such as 512M or 4G.'],
    [
      ['--scratch', '/tmp', '--count'],
      'a search on disk (scratch) counts no interleavings: that needs the graph of its states.',
    ],
    [['--max-states', '0'], '--max-states: max-states is "0"; allowed: a whole number from 1 to 2147483646.'],
    [
      ['--order', 'depth-first', '--workers', '2'],
      'a depth-first search runs in one worker; several search breadth-first.',
    ],
  ])('%j is refused in one sentence', async (words, sentence) => {
    const { status, stderr, stdout } = await faultline(['verify', 'fault-fault', ...words]);
    expect({ stderr, stdout, status }).toEqual({ stderr: `faultline: ${sentence}\n`, stdout: '', status: 2 });
  });
});
