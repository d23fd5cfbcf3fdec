/** `faultline compare`: the table, its cells as JSON, and what differs from what was expected. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resultSchema } from '../../src/report/result-schema.js';
import * as models from './models.js';
import { quietly, scratch } from './run-cli.js';

const quick = ['--schedules', '512'];

it('a row a scenario, a column a scheme, a legend; status 0 although cells break', async () => {
  const words = [
    'compare',
    '--schemes',
    'v2-hook-every-fault,v3-inplace',
    '--scenarios',
    'neighbours,fault-vs-convert',
  ];
  const { status, stdout } = await quietly([...words, ...quick]);
  expect(stdout).toMatch(/^ +V2 +V3b\n/);
  expect(stdout).toMatch(/^neighbours +clean +clean$/m);
  expect(stdout).toMatch(/^fault-vs-convert +host-rmp-fault +clean$/m);
  expect(stdout).toMatch(/^V3b: v3-inplace, /m);
  expect(status).toBe(0);
});

it('--json: a cell for each, in their order, whatever the number of workers', async () => {
  const words = ['compare', '--scenarios', 'fault-vs-convert@conversion=vm-attributes,fault-fault', ...quick, '--json'];
  const [one, two] = await Promise.all(['1', '2'].map((workers) => quietly([...words, '--workers', workers])));
  const document = resultSchema.parse(JSON.parse(one.stdout));
  expect(document.cells).toHaveLength(16);
  expect(document.cells?.[1]).toEqual({
    scheme: 'v2-hook-every-fault',
    scenario: 'fault-vs-convert@conversion=vm-attributes',
    verdict: 'clean',
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
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^ +V2 +mine +V2\+unlock-before-hook$/m);
  expect(stdout).toMatch(/^fault-fault/m);
  expect(stdout).toMatch(/^ {2}frames=4/m);
  expect(stdout).toMatch(/^hole/m);
  expect(stdout).toMatch(/^mine: \.\/mine\.ts, V2 that clears on every fault$/m);
  expect(status).toBe(0);
});

it('the table of everything is at most 120 columns wide', async () => {
  const { stdout } = await quietly(['compare', '--schedules', '1']);
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
  expect(stdout).toMatch(/^88 cells, 88 schedules \(pct, depth 5, seed 1\) in /m);
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
  const { status, stdout } = await quietly(['compare', '--expect', 'expected.yaml', ...quick], { cwd });
  expect(stdout).toContain('\n3 cells, ');
  expect(stdout).toContain('\n3 of the 3 cells that are in expected.yaml are as expected.\n');
  expect(status).toBe(0);
});

it('a cell that differs is named with its reason, and the status is 1', async () => {
  const cwd = scratch();
  const cell = '{ scenario: fault-vs-convert, scheme: v2-hook-every-fault, expect: clean, reason: R0 }';
  writeFileSync(join(cwd, 'expected.yaml'), `cells: [${cell}]\n`);
  const words = ['compare', '--expect', 'expected.yaml', ...quick];
  const { status, stdout } = await quietly(words, { cwd });
  expect(stdout).toContain(
    '\nDIFFERS: v2-hook-every-fault in fault-vs-convert: expected clean, found host-rmp-fault (R0)\n',
  );
  expect(status).toBe(1);
  const document = JSON.parse((await quietly([...words, '--json'], { cwd })).stdout);
  expect(resultSchema.parse(document).stats?.differences).toHaveLength(1);
});

it('--out keeps the findings of all cells, made small', async () => {
  const cwd = scratch();
  const words = [
    'compare',
    '--schemes',
    'v2-hook-every-fault,v3-inplace',
    '--scenarios',
    'fault-vs-convert,fault-fault',
  ];
  const { status, stdout } = await quietly([...words, ...quick, '--out', 'kept', '--json'], { cwd });
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

it("a scheme of the user's that throws is named by file and line", async () => {
  const cwd = scratch();
  const broken = models.forgetful.replace('yield* g.clearHighpage(folio)', 'yield* g.clearHighpages(folio)');
  writeFileSync(join(cwd, 'mine.ts'), broken);
  const words = ['compare', '--schemes', './mine.ts', '--scenarios', 'fault-fault', ...quick];
  const { status, stderr } = await quietly([...words, '--workers', '2'], { cwd });
  expect(stderr).toMatch(/^faultline: \S*mine\.ts:7: .*\.\n$/);
  expect(status).toBe(2);
});
