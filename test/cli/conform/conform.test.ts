/** conform as users run it: what it prints, what it exits with, and what it keeps. */
import type { ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { conformFindingSchema } from '../../../src/kept/conform-finding.js';
import { type ConformDocument, conformSchema } from '../../../src/report/conform-schema.js';
import { errorSchema } from '../../../src/report/error-schema.js';
import { faultline } from '../one-process.js';
import { faultline as faultlineAlone, main, run, scratch } from '../run-cli.js';
import { d2, FORGED_LINE, forged, i3, textOf } from './traces.js';

const conform = (...words: string[]) => faultline(['conform', ...words, '--quiet']);

const documentOf = (stdout: string): ConformDocument => conformSchema.parse(JSON.parse(stdout));

describe('a trace that is explained', () => {
  it('is told with what was looked at and what was not', async () => {
    const { status, stdout, stderr } = await conform(i3);
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(
      /^i3-icount-2vcpu-punch-d10: Linux 7\.2\.12\+deb13-amd64, 4 CPUs, x86-tsc, nothing\n {2}lost; /,
    );
    expect(stdout).toMatch(/^Explained: all 5,\d{3} kernel events under v2-hook-every-fault\.$/m);
    expect(stdout).toMatch(/^ {2}not looked at: 1,\d{3} lines \(up_read \d+; /m);
    expect(stdout).toMatch(/^ {2}states kept: [\d.]+ on average, \d+ at most; clock error 0$/m);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('has one document with --json, whose groups are all of its events', async () => {
    const { status, stdout } = await conform(d2, '--json');
    const { verdict, events, explained, groups, tasks, refusal, lost } = documentOf(stdout);
    expect({ status, verdict, refusal, lost, tasks }).toEqual({
      ...{ status: 0, verdict: 'explained', refusal: undefined, lost: 0 },
      tasks: ['vcpu1', 'vcpu0'],
    });
    expect(events).toBeGreaterThan(5000);
    expect(explained).toBe(events);
    expect(groups.reduce((sum, group) => sum + group.events, 0)).toBe(events);
  });

  // A model is built twice where files of somebody else were loaded; what is observed is the one that runs.
  it("is held against a scheme of one's own", async () => {
    const file = (name: string, lines: string): string => {
      const path = join(scratch(), `${name}.mjs`);
      const text = `import { defineScheme, loadScheme } from 'faultline';
        const base = await loadScheme('v2-hook-every-fault');
        export default defineScheme(base, { name: '${name}', ${lines} });`;
      writeFileSync(path, text);
      return path;
    };
    const held = async (scheme: string) => documentOf((await conform(i3, '--scheme', scheme, '--json')).stdout);
    const own = `*prepareFolio(g, gfn, folio) { return yield* base.prepareFolio(g, gfn, folio); }`;
    expect(await held(file('as-it-is', own))).toMatchObject({ verdict: 'explained', scheme: 'as-it-is' });
    const endsEarly = await held(file('ends-early', '*invalidateEnd(g) { yield* g.invalidateInProgress.add(-1); }'));
    expect(endsEarly.verdict).toBe('refused');
    expect(endsEarly.refusal?.reasons.map(({ words }) => words)).toEqual([expect.stringMatching(/^seq is \d+ in/)]);
  });

  it('may come through a pipe, packed or not', async () => {
    const held = `| ${process.execPath} ${main} conform - --quiet --json`;
    for (const command of [`cat ${d2}`, `zcat ${d2}`]) {
      const { status, stdout } = await run('bash', ['-c', `${command} ${held}`]);
      expect(status).toBe(0);
      expect(documentOf(stdout)).toMatchObject({ trace: '-', verdict: 'explained' });
    }
  });
});

describe('a forged event', () => {
  it('is refused where it stands, in columns and with what the model allows', async () => {
    const { status, stdout } = await conform(forged(scratch()));
    expect(status).toBe(1);
    expect(stdout.replace(/\s+/g, ' ')).toMatch(
      new RegExp(`Refused: no execution of v2-hook-every-fault explains event \\d+ of 5,\\d+, line ${FORGED_LINE} of`),
    );
    expect(stdout).toMatch(/^vcpu1 +puncher$/m);
    expect(stdout.match(/\*\*\* recorded \*\*\*/g)).toHaveLength(1);
    expect(stdout).toMatch(/^The model allows here: seq is 5 /m);
    expect(stdout).toMatch(new RegExp(`^> ${FORGED_LINE} {2}puncher-144`, 'm'));
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('is kept as a file that show draws, replay holds again, and findings lists', async () => {
    const folder = scratch();
    const out = join(folder, 'kept');
    const { stdout } = await conform(forged(folder), '--out', out);
    const [name] = readdirSync(out);
    const file = join(out, name);
    expect(stdout).toContain(`Kept in ${file}\n`);
    const { report } = conformFindingSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    expect(report.refusal?.event.line).toBe(FORGED_LINE);
    const drawn = stdout.slice(0, stdout.indexOf('Kept in'));
    expect((await faultline(['show', file])).stdout).toBe(drawn);
    expect(JSON.parse((await faultline(['show', file, '--format', 'json'])).stdout)).toMatchObject({ report });
    const again = await faultline(['replay', file, '--quiet']);
    expect(again).toMatchObject({ status: 1, stdout: drawn });
    expect((await faultline(['findings', out])).stdout).toMatch(
      /traced\s+REFUSED: faultline: inv_end_out of puncher, line 1426\s+of the trace/,
    );
  });

  it('is kept nowhere without --out', async () => {
    const folder = scratch();
    const path = forged(folder);
    await faultline(['conform', path, '--quiet'], { cwd: folder });
    expect(readdirSync(folder)).toEqual(['forged.trace.txt']);
  });
});

describe('a replay', () => {
  it('finds a trace beside its finding, and refuses one that is gone or another', async () => {
    const folder = scratch();
    const path = forged(folder);
    const { stdout } = await conform(path, '--out', folder);
    const file = /^Kept in (.+)$/m.exec(stdout)![1];
    const moved = join(folder, 'moved');
    mkdirSync(moved);
    const movedFile = join(moved, 'finding.json');
    writeFileSync(movedFile, readFileSync(file, 'utf8').replaceAll(path, '/gone/forged.trace.txt'));
    const gone = await faultline(['replay', movedFile, '--quiet']);
    expect(gone.status).toBe(2);
    expect(gone.stderr).toMatch(/there is no \/gone\/forged\.trace\.txt any more, here or beside the finding/);
    copyFileSync(path, join(moved, 'forged.trace.txt'));
    expect((await faultline(['replay', movedFile, '--quiet'])).status).toBe(1);
    writeFileSync(join(moved, 'forged.trace.txt'), textOf(i3));
    const other = await faultline(['replay', movedFile, '--quiet']);
    expect(other.status).toBe(2);
    expect(other.stderr).toMatch(/is not the file that was refused, for its hash is another; faultline show draws/);
  });
});

describe('a wrong scheme', () => {
  it.each(['v3-inplace', 'v2-hook-every-fault+no-seq-check'])('%s is refused by what a kernel did', async (scheme) => {
    const { status, stdout } = await conform(i3, '--scheme', scheme, '--json');
    expect(status).toBe(1);
    expect(documentOf(stdout)).toMatchObject({ verdict: 'refused', scheme });
  });
});

describe('no verdict', () => {
  it.each([
    [
      'lost events',
      (text: string) => text.replace('# overrun: overrun: 0', '# overrun: overrun: 3'),
      [],
      '3 events were lost',
    ],
    ['a bound', (text: string) => text, ['--max-states', '2'], 'more states'],
  ])('%s', async (_, change, words, because) => {
    const path = join(scratch(), 'trace.txt');
    writeFileSync(path, change(textOf(i3)));
    const { status, stdout } = await conform(path, '--json', ...words);
    expect(status).toBe(3);
    const document = documentOf(stdout);
    expect(document.verdict).toBe('undecided');
    expect(document.because).toContain(because);
  });

  it('when the budget is spent', async () => {
    const { status, stdout } = await conform(i3, '--json', '--budget', '1ms');
    expect(status).toBe(3);
    // A thread that has been loaded before may be so quick as to have begun.
    const said = JSON.parse(stdout);
    if (said.schema === 'faultline.error/1')
      expect(errorSchema.parse(said).message).toContain('the budget was spent before');
    else expect(documentOf(stdout).verdict).toBe('undecided');
  });

  it('when a search that does not come back is interrupted', async () => {
    const interrupted = (child: ChildProcess): void => {
      let isDone = false;
      child.stderr?.on('data', (text: string) => {
        // A second signal would end the process at once.
        if (isDone || !/ of 5,\d+ events/.test(text)) return;
        isDone = true;
        child.kill('SIGINT');
      });
    };
    const { status, stdout, stderr } = await faultlineAlone(
      ['conform', i3, '--clock-error', '1000000000', '--max-states', '100000000'],
      {
        started: interrupted,
      },
    );
    expect(status).toBe(130);
    expect(`${stdout}${stderr}`.replace(/\s+/g, ' ')).toMatch(/(?:no answer|Undecided): .*it was interrupted/);
  });
});

describe('wrong input', () => {
  const folder = scratchFiles();
  it.each([
    [['nothing.txt'], 'nothing.txt: cannot be read (ENOENT)'],
    [['/'], '/: cannot be read (EISDIR)'],
    [['empty.txt'], 'empty.txt: has no line of a trace; allowed: the text of tracefs, '],
    [['other.txt'], 'the trace has no fault on a page of guest_memfd; it needs kvm:kvm_page_fault'],
    [['cut.gz'], 'cut.gz: cannot be unpacked (Z_BUF_ERROR)'],
    [[i3, '--log', 'other.txt'], 'other.txt: has no accesses; allowed: a log with lines that begin with G or U'],
    [[i3, '--scheme', 'v9'], 'there is no scheme "v9"; there are v1-uptodate-prepared'],
    [[i3, '--clock-error', '-1'], '--clock-error: clock-error is "-1"; allowed: a whole number from 0 to '],
    [[i3, '--max-states', '0'], '--max-states: max-states is "0"; allowed: a whole number from 1 to '],
    [['-', '--log', '-'], '--log: standard input is the trace already; allowed: a file'],
    [[i3, '--probes'], '--probes takes no trace'],
    [[], 'conform: the trace is missing; allowed: a file, - for standard input, or --probes.'],
  ])('%j', async (words, sentence) => {
    const { status, stdout, stderr } = await faultline(['conform', ...words, '--quiet', '--json'], { cwd: folder() });
    expect(status).toBe(2);
    expect(stderr.replace(/^faultline: /, '')).toContain(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(errorSchema.parse(JSON.parse(stdout)).exitStatus).toBe(2);
  });
});

it('--probes prints the script alone', async () => {
  const { status, stdout } = await faultline(['conform', '--probes']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^#!\/bin\/sh\n# Records what faultline conform reads/);
});

/** Files that are no traces; made for the first test that wants them, in a folder of its own. */
function scratchFiles(): () => string {
  return () => {
    const made = scratch();
    writeFileSync(join(made, 'empty.txt'), 'nothing\n');
    writeFileSync(join(made, 'other.txt'), '  bash-1  [000] 12: sched_switch: prev_comm=a\n');
    writeFileSync(join(made, 'cut.gz'), readFileSync(i3).subarray(0, 2000));
    return made;
  };
}
