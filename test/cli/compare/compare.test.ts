/** `faultline compare`: the table, its cells as JSON, and what differs from what was expected. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resultSchema } from '../../../src/report/result-schema.js';
import * as models from '../models.js';
import { quietly } from '../one-process.js';
import { scratch } from '../run-cli.js';

const quick = ['--engine', 'explore', '--schedules', '512'];

it('a row a scenario, a column a scheme, a legend; status 0 although cells break', async () => {
  const words = [
    'compare',
    '--schemes',
    'v2-hook-every-fault,v3-inplace',
    '--scenarios',
    'neighbours,fault-vs-convert',
  ];
  const { status, stdout } = await quietly(words);
  expect(stdout).toMatch(/^ +v2-hook-every-fault +v3-inplace\n/);
  expect(stdout).toMatch(/^neighbours +verified +verified$/m);
  expect(stdout).toMatch(/^fault-vs-convert +host-rmp-fault +verified$/m);
  expect(stdout).toMatch(/^v3-inplace: v2-hook-every-fault under /m);
  expect(stdout).toMatch(/^4 cells in [\d.]+ s: 3 verified, 1 broken; [\d,]+ states\.$/m);
  expect(stdout.replaceAll('\n', ' ')).toContain(
    'A cell that breaks names the most urgent kind that any interleaving shows. Verified means that no interleaving',
  );
  expect(stdout).not.toMatch(/clean means/i);
  expect(stdout).toMatch(/^Bound: sequentially consistent memory, and the VMs, folios, /m);
  expect(stdout).toMatch(/^Not modelled: weak memory, /m);
  expect(status).toBe(0);
});

it('a scheme in a file stands under its own name and title; a copy under that of its file, and under what it is based on', async () => {
  const cwd = scratch();
  const made = (name: string, more = '') =>
    `import { defineScheme, v3Inplace } from 'faultline';\nexport default defineScheme(v3Inplace, { name: '${name}'${more} });\n`;
  writeFileSync(join(cwd, 'a.mjs'), made('renamed'));
  writeFileSync(join(cwd, 'b.mjs'), made('titled', ", title: 'a patch of mine'"));
  writeFileSync(join(cwd, 'copy.mjs'), made('v3-inplace'));
  const schemes = './a.mjs,./b.mjs,./copy.mjs,./a.mjs+no-seq-check,v3-inplace';
  const { stdout } = await quietly(['compare', '--schemes', schemes, '--scenarios', 'fault-fault'], { cwd });
  expect(stdout).toMatch(/^ +renamed +titled +copy +/m);
  expect(stdout).toMatch(/^renamed: \.\/a\.mjs, based on v3-inplace$/m);
  expect(stdout).toMatch(/^titled: \.\/b\.mjs, a patch of mine$/m);
  expect(stdout).toMatch(/^copy: \.\/copy\.mjs, based on v3-inplace$/m);
  expect(stdout.replace(/\n {2}/g, ' ')).toMatch(
    /^renamed\+no-seq-check: \.\/a\.mjs\+no-seq-check, renamed; the retry checks forget /m,
  );
});

it('--engine explore says in how many schedules a cell is clean, and claims no more', async () => {
  const words = ['compare', '--schemes', 'v3-inplace', '--scenarios', 'neighbours', ...quick];
  const { status, stdout } = await quietly(words);
  expect(stdout).toMatch(/^neighbours +clean in 512 schedules$/m);
  expect(stdout).toMatch(/^1 cell in [\d.]+ s: 1 clean; 512 schedules of 1 cell \(mixed, seed 1\)\.$/m);
  expect(stdout).not.toMatch(/verified|^Bound|A cell that breaks/im);
  expect(stdout).toMatch(/^Clean means that none of the schedules that were run broke anything;\s+others\s+may\.$/m);
  expect(stdout).toMatch(/^Not modelled: weak memory, /m);
  expect(status).toBe(0);
});

it('a cell with more states than --max-states is explored, and keeps what verify found in it', async () => {
  const schemes = [
    'compare',
    '--schemes',
    'v3-inplace,v2-hook-every-fault+inverted-test',
    '--scenarios',
    'fault-fault',
  ];
  const few = [...schemes, '--max-states', '100', '--schedules', '256'];
  const { status, stdout } = await quietly(few);
  expect(stdout).toMatch(/^fault-fault +clean in 256 schedules +leak$/m);
  expect(stdout).toMatch(/: 1 broken, 1 clean; [\d,]+ states, 512\s+schedules\s+of\s+2\s+cells\s+\(mixed/m);
  expect(status).toBe(0);
  const document = resultSchema.parse(JSON.parse((await quietly([...few, '--json'])).stdout));
  expect(document.cells?.map(({ verdict }) => verdict)).toEqual(['clean', 'violation']);
  const only = await quietly([...schemes, '--max-states', '100', '--engine', 'verify']);
  expect(only.stdout).toMatch(/^fault-fault +no answer +leak$/m);
  expect(only.stdout).toMatch(/^No answer: 1 cell was stopped by the bound of 100 states\.$/m);
  expect(only.stdout).toMatch(/^A cell that breaks names the most urgent kind that was found\.$/m);
  expect(only.stdout).toMatch(/^Not modelled: /m);
  expect(only.status).toBe(3);
  const answers = JSON.parse(
    (await quietly([...schemes, '--max-states', '100', '--engine', 'verify', '--json'])).stdout,
  );
  expect(resultSchema.parse(answers).cells?.[0].stoppedBy).toBe('the bound of 100 states');
});

it('a budget that is too short leaves cells without an answer, and says so', async () => {
  const words = ['compare', '--engine', 'verify', '--budget', '1ms', '--schemes', 'v1-uptodate-prepared,v3-inplace'];
  const { status, stdout } = await quietly(words);
  expect(stdout).toMatch(/^22 cells in [\d.]+ s: (?:\d+ verified, )?(?:\d+ broken, )?\d+ without an answer; /m);
  expect(stdout).toMatch(/^No answer: \d+ cells were stopped by the budget\.$/m);
  expect(stdout).not.toContain('Interrupted');
  expect(status).toBe(3);
});

it.each([
  ['verified', []],
  ['clean', quick],
])('--json: a cell for each, in their order, whatever the number of workers: %s', async (verdict, engine) => {
  const words = [
    ...['compare', '--scenarios', 'fault-vs-convert@conversion=vm-attributes,fault-fault'],
    ...['--schemes', 'v1-uptodate-prepared,v2-hook-every-fault,v3-inplace'],
    ...engine,
    '--json',
  ];
  const [one, two] = await Promise.all(['1', '2'].map((workers) => quietly([...words, '--workers', workers])));
  const document = resultSchema.parse(JSON.parse(one.stdout));
  expect(document.cells).toHaveLength(6);
  expect(document.cells?.[1]).toEqual({
    scheme: 'v2-hook-every-fault',
    scenario: 'fault-vs-convert@conversion=vm-attributes',
    verdict,
  });
  expect(resultSchema.parse(JSON.parse(two.stdout)).cells).toEqual(document.cells);
});

it('takes files and mutants, under labels that tell them apart, and --set for all rows', async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'mine.ts'), models.forgetful);
  writeFileSync(join(cwd, 'hole.yaml'), models.scenario);
  const schemes = 'v2-hook-every-fault,./mine.ts,v2-hook-every-fault+unlock-before-hook';
  const words = [
    'compare',
    '--schemes',
    schemes,
    '--scenarios',
    'fault-fault,hole.yaml',
    '--set',
    'frames=4',
    ...quick,
  ];
  const { status, stdout, stderr } = await quietly(words, { cwd });
  expect(stderr).toMatch(
    /^faultline: forgetful is made of v2-hook-every-fault and does not keep .*trait uptodate: unused.*\n$/,
  );
  expect(stdout).toMatch(/^ +v2-hook-every-fault +forgetful +v2-hook-every-fault\+unlock-\n +before-hook$/m);
  expect(stdout).toMatch(/^fault-fault/m);
  expect(stdout).toMatch(/^ {2}frames=4/m);
  expect(stdout).toMatch(/^hole/m);
  expect(stdout).toMatch(/^forgetful: \.\/mine\.ts, V2 that clears on every fault$/m);
  expect(status).toBe(0);
});

it('the table of everything is at most 80 columns wide where it goes to no terminal', async () => {
  const { stdout } = await quietly(['compare', '--engine', 'explore', '--schedules', '1']);
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(stdout).toMatch(
    /^88 cells in [^.]*\.\d s: [^.]*; 88\s+schedules\s+of\s+88\s+cells\s+\(mixed,\s+seed\s+1\)\.$/m,
  );
});

it('--expect alone runs the cells of the file; status 0 when all are as expected', async () => {
  const cwd = scratch();
  writeFileSync(
    join(cwd, 'expected.yaml'),
    `cells:
  - { scenario: fault-vs-convert, scheme: v2-hook-every-fault, expect: host-rmp-fault, reason: the last race }
  - { scenario: fault-vs-convert, scheme: v2-hook-every-fault, set: { conversion: vm-attributes }, expect: clean, reason: other pages }
  - { scenario: fault-fault, scheme: seqcount-retry, expect: broken, reason: nothing orders the hooks }
`,
  );
  const { status, stdout } = await quietly(['compare', '--expect', 'expected.yaml'], { cwd });
  expect(stdout).toMatch(/^3 cells in [\d.]+ s: 1 verified, 2 broken; /m);
  expect(stdout).toContain('\n3 of 3 cells that are in expected.yaml are as expected.\n');
  expect(status).toBe(0);
});

it('a cell that differs is named with its reason, and the status is 1', async () => {
  const cwd = scratch();
  const cell = '{ scenario: fault-vs-convert, scheme: v2-hook-every-fault, expect: clean, reason: a guess }';
  writeFileSync(join(cwd, 'expected.yaml'), `cells: [${cell}]\n`);
  const words = ['compare', '--expect', 'expected.yaml'];
  const { status, stdout } = await quietly(words, { cwd });
  expect(stdout).toContain(
    '\nDIFFERS: v2-hook-every-fault in fault-vs-convert: expected clean (reason: a guess), found host-rmp-fault\n',
  );
  expect(stdout).toContain('\n0 of 1 cell that is in expected.yaml is as expected.\n');
  expect(status).toBe(1);
  const document = JSON.parse((await quietly([...words, '--json'], { cwd })).stdout);
  expect(resultSchema.parse(document).stats?.differences).toHaveLength(1);
});

it('a cell that was cut short does not differ from what is expected: it has no answer, and the status is 3', async () => {
  const cwd = scratch();
  const cells = [
    '{ scenario: fault-vs-punch, scheme: v3-inplace, expect: clean, reason: a guess }',
    '{ scenario: fault-vs-punch, scheme: v2-hook-every-fault, expect: leak, reason: a guess }',
  ];
  writeFileSync(join(cwd, 'expected.yaml'), `cells: [${cells.join(', ')}]\n`);
  const words = ['compare', '--expect', 'expected.yaml', '--engine', 'verify', '--max-states', '100'];
  const { status, stdout } = await quietly(words, { cwd });
  expect(stdout).not.toContain('DIFFERS');
  expect(stdout).toContain('\n0 of 2 cells that are in expected.yaml are as expected; 2 have no answer.\n');
  expect(status).toBe(3);
});

it('--expect with cells of which the file says nothing is refused', async () => {
  const cwd = scratch();
  const cell = '{ scenario: fault-fault, scheme: v3-inplace, expect: clean, reason: a guess }';
  writeFileSync(join(cwd, 'expected.yaml'), `cells: [${cell}]\n`);
  const words = ['compare', '--expect', 'expected.yaml', '--schemes', 'v3-inplace', '--scenarios', 'fault-vs-punch'];
  const { status, stdout, stderr } = await quietly(words, { cwd });
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/^faultline: --expect: expected\.yaml expects nothing of the cells of [^\n]*\.\n$/);
});

const broken = ['compare', '--schemes', 'v2-hook-every-fault', '--scenarios', 'fault-vs-convert'];

it('--out with a folder that cannot be written is told of before anything runs', async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'taken'), '');
  const clean = ['compare', '--schemes', 'v3-inplace', '--scenarios', 'fault-fault'];
  for (const folder of ['taken/here', 'taken']) {
    const { status, stderr } = await quietly([...clean, '--out', folder], { cwd });
    expect(stderr).toMatch(/^faultline: no finding can be written to taken[^\n]*; they are printed only\.\n$/);
    // Nothing was found, so nothing could not be kept.
    expect(status).toBe(0);
  }
});

it('findings that cannot be written are not counted as kept, but printed with what replays them', async () => {
  const cwd = scratch();
  const { findings } = resultSchema.parse(JSON.parse((await quietly([...broken, '--json'], { cwd })).stdout));
  // Where its file would be, a folder is.
  for (const { id } of findings) mkdirSync(join(cwd, 'kept', `${id}.json`), { recursive: true });
  const { status, stdout, stderr } = await quietly([...broken, '--out', 'kept'], { cwd });
  expect(stderr).toMatch(/^faultline: no finding can be written to kept \(\w+\); they are printed only\.\n$/);
  expect(stdout).toContain(`\nFindings kept in kept: 0 of ${findings.length}\n`);
  const lines = stdout.split('\n');
  for (const { title, token } of findings) {
    expect(lines).toContain(title);
    expect(lines[lines.indexOf(title) + 1]).toMatch(new RegExp(`^Replay: \\S+ replay ${token}$`));
  }
  expect(status).toBe(1);
});

it('--json has the findings, small and with their tokens, also when no files are asked for', async () => {
  const cwd = scratch();
  const { stdout } = await quietly([...broken, '--json'], { cwd });
  const { verdict, findings } = resultSchema.parse(JSON.parse(stdout));
  expect(verdict).toBe('violation');
  expect(findings.map(({ kind }) => kind)).toContain('host-rmp-fault');
  expect(findings.every(({ token, minimal, file }) => token?.startsWith('fl1:') && minimal && !file)).toBe(true);
  writeFileSync(join(cwd, 'mine.ts'), models.forgetful);
  const own = await quietly(['compare', '--schemes', './mine.ts', '--scenarios', 'fault-fault', '--json'], { cwd });
  expect(resultSchema.parse(JSON.parse(own.stdout)).findings.length).toBeGreaterThan(0);
  expect(readdirSync(cwd)).toEqual(['mine.ts']);
});

it("a model of the user's own is refused, and not offered", async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'account.ts'), models.account);
  const own = await quietly(['compare', '--scenarios', 'account.ts'], { cwd });
  expect(own.stderr).toBe(
    'faultline: compare: account.ts is a model of its own, which has no schemes to compare; verify or explore it.\n',
  );
  expect(own.status).toBe(2);
  const unknown = await quietly(['compare', '--scenarios', 'acount'], { cwd });
  expect(unknown.stderr).toMatch(/, or the path of a scenario \(\.yaml\) or a recorded log\.\n$/);
});

it.each([
  ['verify', []],
  ['explore', quick],
])('--out keeps the findings of all cells, made small: %s', async (_, engine) => {
  const cwd = scratch();
  const words = [
    'compare',
    '--schemes',
    'v2-hook-every-fault,v3-inplace',
    '--scenarios',
    'fault-vs-convert,fault-fault',
  ];
  const { status, stdout } = await quietly([...words, ...engine, '--out', 'kept', '--json'], { cwd });
  const { findings } = resultSchema.parse(JSON.parse(stdout));
  expect(findings.map(({ kind }) => kind)).toContain('host-rmp-fault');
  expect(findings.every(({ minimal }) => minimal)).toBe(true);
  expect(readdirSync(join(cwd, 'kept')).sort()).toEqual(findings.map(({ id }) => `${id}.json`).sort());
  expect(status).toBe(0);
});

it('a wrong file of expectations is one sentence with its line', async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'expected.yaml'), 'cells:\n  - { scenario: x, scheme: y, expect: leek, reason: r }\n');
  const { status, stderr } = await quietly(['compare', '--expect', 'expected.yaml'], { cwd });
  expect(stderr).toMatch(/^faultline: expected\.yaml:2:\d+: unknown expectation "leek"; .*did you mean "leak"\?\n$/);
  expect(status).toBe(2);
});

it.each([
  [['--engine', 'verfy'], '--engine: unknown engine "verfy"; allowed: auto, verify, explore; did you mean "verify"?'],
  [['--engine', 'verify', '--strategy', 'pos'], '--strategy: only explore takes it, and --engine is verify.'],
  [['--schedules', '9', '--engine', 'verify'], '--schedules: only explore takes it, and --engine is verify.'],
  [['--engine', 'explore', '--max-states', '9'], '--max-states: only verify takes it, and --engine is explore.'],
  [['--max-states', '0'], '--max-states: max-states is "0"; allowed: a whole number from 1 to 2147483646.'],
])('%j is refused in one sentence', async (words, sentence) => {
  const { status, stderr, stdout } = await quietly(['compare', ...words]);
  expect({ stderr, stdout, status }).toEqual({ stderr: `faultline: ${sentence}\n`, stdout: '', status: 2 });
});

it.each([[[]], [quick]])(
  "a method that a scheme of the user's misspells is named by file and line: %j",
  async (engine) => {
    const cwd = scratch();
    const broken = models.forgetful.replace('yield* g.clearHighpage(folio)', 'yield* g.clearHighpages(folio)');
    writeFileSync(join(cwd, 'mine.ts'), broken);
    const words = ['compare', '--schemes', './mine.ts', '--scenarios', 'fault-fault', ...engine];
    const { status, stderr } = await quietly([...words, '--workers', '2'], { cwd });
    expect(stderr).toMatch(/^faultline: .* yields\* what is no op and no routine \(mine\.ts:7\): .*\n$/);
    expect(status).toBe(2);
  },
);
