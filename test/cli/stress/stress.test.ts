/** `faultline stress`: what it prints, what it keeps, and its exit status. */
import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findingFileSchema } from '../../../src/kept/finding-schema.js';
import { liveFindingFileSchema } from '../../../src/kept/live-finding-schema.js';
import { resultSchema } from '../../../src/report/result-schema.js';
import * as models from '../models.js';
import { faultline } from '../one-process.js';
import { faultline as alone, scratch } from '../run-cli.js';

/** More than a loaded machine needs for the first finding of these; the run ends with it. */
const ENOUGH = ['--budget', '4m'];

/** What fault-vs-convert shows first under v2: its store, or its attribute where an audit comes between. */
const CONVERTED = ['host-rmp-fault', 'attribute-mismatch'];

const documentOf = (stdout: string) => resultSchema.parse(JSON.parse(stdout));

/** A model whose violation lies deeper than the calls that the controlled engine makes. */
const deep = `import { defineModel } from 'faultline';

export default defineModel({
  name: 'deep',
  source: import.meta.url,
  parameters: { most: 2000 },
  repeatable: true,
  build(m, p) {
    const count = m.cell('count');
    const gate = m.mutex('gate');
    function* bump() {
      yield* gate.lock();
      yield* count.add(1);
      yield* gate.unlock();
    }
    m.actors('bumper', 2, () => bump);
    m.always('bounded', [count], (n) => n < p.most || 'the count runs over');
  },
});
`;

describe('a scheme that breaks', () => {
  it('R4: from the first violation to a reproducer that replays', async () => {
    const cwd = scratch();
    const words = ['stress', 'fault-vs-punch', '--scheme', 'bitmap-nolock', '--vcpus', '2', '--quiet', ...ENOUGH];
    const { status, stdout, stderr } = await faultline(words, { cwd });
    expect(stderr).toBe('');
    expect(status).toBe(1);
    const order = [
      /^fault-vs-punch under bitmap-nolock \(snp\): 2 vCPUs, 1 host\sactor, \d+\sthreads?,\sperturb\s0\.05,\sseed\s1$/m,
      /^Ran [\d.]+ s: \d+ threads?, \d+ worlds?, \d+ audits? at quiescent points\.$/m,
      /^Throughput +total +per s$/m,
      /^ {2}faults +[\d,]+ +[\d,]+$/m,
      /^ {2}invalidations +[\d,]+ +[\d,]+$/m,
      /^Calls +completed +faults\b/m,
      /^Latency +timed +p50 /m,
      /^Locks +acquired +contended/m,
      /^Actors +thread +calls +faults +retries +lock wait$/m,
      /^BUG: faultline: host-rmp-fault in kvm_gmem_prepare_folio \/ \w+$/m,
      /^Seen live in world \d+, after [\d,]+ faults?\sand\s[\d.]+\ss:\svCPU\d\sin\s"(read|write)\sgfn\s\*"\son\s0,\sat\s/m,
      /^Reproduced, in [\d,]+ schedules of \d+ scenarios? around it, by \d+\ssteps\swith\s/m,
      /^vCPU\d \(.*\) +puncher \(/m,
      /\*\*\* host-rmp-fault \*\*\*$/m,
      /^Locks held:/m,
      /^Kept in faultline-findings\/[0-9a-f]{8}\.json$/m,
      /^Replay: \S+ replay faultline-findings\/[0-9a-f]{8}\.json$/m,
      /^Not covered: a live run samples/m,
    ].map((part) => stdout.search(part));
    expect(order, stdout).not.toContain(-1);
    expect(order).toEqual([...order].sort((one, other) => one - other));
    const file = /^Kept in (.*)$/m.exec(stdout)![1];
    const again = await faultline(['replay', file], { cwd });
    expect(again.stdout).toContain('*** host-rmp-fault ***');
    expect(again.status).toBe(1);
  });

  it('--json is one document, with the file, the size of the reproducer and when it was seen', async () => {
    const cwd = scratch();
    const words = ['stress', 'fault-vs-convert', '--json', '--quiet', '--out', 'kept', '--seed', '7', ...ENOUGH];
    const { status, stdout } = await faultline(words, { cwd });
    expect(status).toBe(1);
    const { findings, stats, ...rest } = documentOf(stdout);
    expect(rest).toMatchObject({
      ...{ verb: 'stress', scenario: 'fault-vs-convert', scheme: 'v2-hook-every-fault', arch: 'snp', seed: 7 },
      verdict: 'violation',
    });
    expect(findings).toHaveLength(1);
    const [{ id, kind, file, steps, minimal, live, search }] = findings;
    expect(CONVERTED).toContain(kind);
    expect({ file, minimal }).toEqual({ file: `kept/${id}.json`, minimal: true });
    expect(steps).toBeGreaterThan(5);
    expect(live).toMatchObject({ count: 1, epoch: expect.any(Number) });
    expect(live!.faults).toBeLessThanOrEqual(Number(stats!.faults));
    expect(search!.schedules).toBeGreaterThan(0);
    const schema = liveFindingFileSchema(findingFileSchema);
    const content = schema.parse(JSON.parse(readFileSync(join(cwd, file!), 'utf8')));
    expect(content.found.finding.history.length).toBeGreaterThan(0);
    expect(content.reproducer).not.toBeNull();
  });

  it('--keep-going runs the whole budget and counts what it sees again', async () => {
    const cwd = scratch();
    const words = ['stress', 'fault-vs-punch', '--scheme', 'v2-hook-every-fault+unlock-before-hook'];
    const { status, stdout } = await faultline([...words, '--keep-going', '--budget', '2s', '--json', '--quiet'], {
      cwd,
    });
    expect(status).toBe(1);
    const { findings, stats } = documentOf(stdout);
    expect(stats!.seconds).toBeGreaterThanOrEqual(2);
    expect(new Set(findings.map(({ signature }) => signature)).size).toBe(findings.length);
    expect(stats!.sightings).toBe(findings.reduce((sum, { live }) => sum + Number(live!.count), 0));
    // Every one broke an epoch off.
    expect(stats!.epochs).toBeGreaterThanOrEqual(Number(stats!.sightings));
    expect(readdirSync(join(cwd, 'faultline-findings')).sort()).toEqual(findings.map(({ id }) => `${id}.json`).sort());
  });

  it('a folder that cannot be written is one sentence; the finding and its columns are printed', async () => {
    const cwd = scratch();
    writeFileSync(join(cwd, 'taken'), '');
    const words = ['stress', 'fault-vs-convert', '--out', 'taken/here', '--quiet', ...ENOUGH];
    const { status, stdout, stderr } = await faultline(words, { cwd });
    expect(stderr).toBe('faultline: no finding can be written to taken/here (ENOTDIR); they are printed only.\n');
    expect(CONVERTED).toContain(/\*\*\* (\S+) \*\*\*$/m.exec(stdout)?.[1]);
    expect(status).toBe(1);
  });
});

describe('a scheme that holds', () => {
  it('is clean within the budget: how much ran, how fairly, what that does not cover, status 0', async () => {
    const words = ['stress', 'fault-vs-convert', '--scheme', 'v3-inplace', '--vcpus', '4', '--threads', '2'];
    const { status, stdout, stderr } = await faultline([...words, '--set', 'gfns=16', '--budget', '2s']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^fault-vs-convert under v3-inplace \(snp, gfns=16\): 4 vCPUs, 1 host actor, 2\sthreads,\s/);
    for (const vcpu of [0, 1, 2, 3]) expect(stdout).toMatch(new RegExp(`^ {2}vCPU${vcpu} +[01] +[\\d,]+ `, 'm'));
    expect(stdout).toMatch(/^Fairness, vCPU0 to vCPU3: vCPU\d made [\d.]+ of the calls of vCPU\d; Jain's/m);
    expect(stdout).toMatch(/^Clean in [\d,]+ faults in [\d.]+ s\.$/m);
    expect(stdout).toContain('\nNot covered: ');
    const rates = '[\\d.]+[kM]? faults/s, [\\d.]+[kM]? retries/s, [\\d.]+[kM]? invalidations/s';
    expect(stderr).toMatch(
      new RegExp(`^(faultline: fault-vs-convert: [\\d.]+ s: ${rates}, lock wait [<\\d. ]+ %, 0 findings\n)+$`),
    );
  });

  it('failures are drawn where the scenario lets them, and never at rate 0', async () => {
    const words = [
      'stress',
      'hook-fails',
      '--scheme',
      'v3-inplace',
      '--threads',
      '1',
      '--budget',
      '2s',
      '--json',
      '--quiet',
    ];
    const failed = async (rate: string) => {
      const { status, stdout } = await faultline([...words, '--failures', rate]);
      expect(status).toBe(0);
      const { byCall } = documentOf(stdout).stats as { byCall?: { results: { value: number; count: number }[] }[] };
      return byCall!.flatMap(({ results }) => results).filter(({ value }) => value < 0).length;
    };
    expect(await failed('0.5')).toBeGreaterThan(0);
    expect(await failed('0')).toBe(0);
  });
});

describe("a model of the user's own", () => {
  it('with checks of finished runs is run to its end, over and over', async () => {
    const cwd = scratch();
    writeFileSync(join(cwd, 'account.ts'), models.account);
    const { status, stdout } = await faultline(['stress', 'account.ts', '--quiet', ...ENOUGH], { cwd });
    expect(stdout).toMatch(/^account: 2 actors, \d threads?, /);
    expect(stdout).toMatch(/^Reproduced, in [\d,]+ schedules of the model, by 4\ssteps\swith\s2\s/m);
    expect(stdout).toContain('When this happens, a deposit was lost.');
    expect(status).toBe(1);
    const locked = await faultline(['stress', 'account.ts', '--set', 'locked=true', '--budget', '1s', '--quiet'], {
      cwd,
    });
    expect(locked.stdout).toMatch(/^Clean in [\d,]+ worlds? in [\d.]+ s\.$/m);
    expect(locked.status).toBe(0);
  });

  it('what the search does not reach keeps its live history, and says how far the search went', async () => {
    const cwd = scratch();
    writeFileSync(join(cwd, 'deep.ts'), deep);
    const { status, stdout } = await faultline(['stress', 'deep.ts', '--quiet', ...ENOUGH], { cwd });
    expect(stdout).toMatch(/^UNCONFIRMED: faultline: assertion in bump$/m);
    expect(stdout).toMatch(/^None of [\d,]+ schedules of the model shows it\./m);
    expect(stdout.replaceAll('\n', ' ')).toContain('unless it takes more calls than the scripts of the model have');
    expect(stdout).toMatch(/^Last on count, actor by actor, /m);
    expect(stdout).toMatch(/^ {2,}(bumper[01] +)?bump: count\+\+ -> 1999$/m);
    expect(stdout).toMatch(/^ +(bumper[01] +)?bump: count\+\+ \*\*\* assertion \*\*\*$/m);
    expect(stdout).toMatch(/^ {2}bumper[01]: in "bump", at bump: count\+\+; holds gate \(write\)$/m);
    expect(stdout).toMatch(/^Kept in faultline-findings\/[0-9a-f]{8}\.json$/m);
    expect(stdout).not.toContain('Replay:');
    expect(status).toBe(1);
  });
});

describe('Ctrl-C', () => {
  /** Interrupts when the live line says so. */
  const interruptWhen = (line: RegExp, signal: NodeJS.Signals) => (child: ChildProcess) => {
    let said = '';
    const hear = (text: string) => {
      said += text;
      if (!line.test(said)) return;
      // A second one would end the program at once.
      child.stderr?.off('data', hear);
      child.kill(signal);
    };
    child.stderr?.on('data', hear);
  };

  it('without a finding there is a report and no answer: status 130', async () => {
    const words = ['stress', 'fault-vs-punch', '--scheme', 'v3-inplace', '--budget', '1h', '--json'];
    const { status, stdout } = await alone(words, { started: interruptWhen(/0 findings\n/, 'SIGINT') });
    const { verdict, stats } = documentOf(stdout);
    expect(verdict).toBe('inconclusive');
    expect(stats).toMatchObject({ interrupted: true });
    expect(stats!.faults).toBeGreaterThan(0);
    expect(status).toBe(130);
  });

  it('what was found is kept and told, with its live history', async () => {
    const cwd = scratch();
    const words = ['stress', 'fault-vs-convert', '--keep-going', '--budget', '1h'];
    const started = interruptWhen(/[1-9]\d* findings?\n/, 'SIGTERM');
    const { status, stdout, stderr } = await alone(words, { cwd, started });
    expect(stderr).toContain('faultline: interrupted; finishing what is under way');
    expect(CONVERTED).toContain(/^BUG: faultline: (\S+) in /m.exec(stdout)?.[1]);
    expect(stdout).toContain('\nNo reproducer was searched for: the run was interrupted.\n');
    expect(stdout).toMatch(/^Last on folio\[\d\], in the order of its events:$/m);
    const [file] = readdirSync(join(cwd, 'faultline-findings'));
    expect(stdout).toContain(`\nKept in faultline-findings/${file}\n`);
    expect(status).toBe(130);
  });
});

it.each([
  [['--vcpus', '257'], '--vcpus: vcpus is "257"; allowed: a whole number from 1 to 256.'],
  [['--vcpus', '256'], '--vcpus 256: vcpus is 256; allowed: a whole number from 1 to 255 in fault-vs-punch.'],
  [['--perturb', '1.5'], '--perturb: perturb is "1.5"; allowed: a number from 0 to 1, such as 0.05.'],
  [['--failures', 'often'], '--failures: failures is "often"; allowed: a number from 0 to 1, such as 0.05.'],
  [['--threads', '0'], '--threads: threads is "0"; allowed: a whole number from 1 to 256.'],
])('wrong input is one sentence: %s', async (words, sentence) => {
  const { status, stdout, stderr } = await faultline(['stress', 'fault-vs-punch', ...words]);
  expect(stderr).toBe(`faultline: ${sentence}\n`);
  expect(stdout).toBe('');
  expect(status).toBe(2);
});
