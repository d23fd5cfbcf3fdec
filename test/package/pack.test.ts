/**
 * The package that `npm pack` makes: installed elsewhere, its command line, its types and its library work.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root, run } from '../cli/run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'faultline-pack-'));
const consumer = join(folder, 'consumer');

/** What a user writes: a model, and a program that searches it with worker threads. */
const model = `import { defineModel, type Model } from 'faultline';

export const account: Model<{ tellers: number }> = defineModel({
  name: 'account',
  source: import.meta.url,
  parameters: { tellers: 2 },
  build(m, p) {
    const balance = m.cell('balance', { initial: 0 });
    const lock = m.rwsem('lock');
    function* deposit() {
      yield* lock.downRead();
      const seen: number = yield* balance.read();
      yield* balance.write(seen + 1);
      yield* lock.upRead();
    }
    m.actors('teller', p.tellers, () => deposit, { symmetric: true });
    m.finally('all counted', [balance], (b) => b === p.tellers || 'a deposit was lost');
  },
});
export default account;
`;
const program = `import { defineModel, defineScheme, explore, gmem, loadScenario, v2HookEveryFault, verify, verifyEach } from 'faultline';
import type { ExploreResult, FindingKind, Scheme, VerifyResult } from 'faultline';
import account from './account.js';

export const scheme: Scheme = defineScheme(v2HookEveryFault, {
  name: 'no-clear',
  *prepareFolio(g, folio) {
    return yield* g.arch.prepare(g, folio);
  },
});

// @ts-expect-error: a cell holds numbers
export const wrong = () => defineModel({ name: 'x', build: (m) => void m.cell('x').write('1') });

const options = { schedules: 2_000, workers: 2, seed: 7n, strategy: 'pos' } as const;
const kindsOf = ({ findings }: ExploreResult): FindingKind[] => findings.map(({ kind }) => kind);
console.log(kindsOf(await explore(account.with({ tellers: 3 }), options)).join());
console.log(kindsOf(await explore(gmem(loadScenario('fault-vs-convert'), 'v2-hook-every-fault'), options)).includes('host-rmp-fault'));
const all: VerifyResult = await verify(account, { count: true, all: true });
console.log(all.verdict, all.findings[0]?.kind, all.interleavings);
const models = [gmem(loadScenario('fault-vs-convert'), 'v3-inplace'), account];
console.log((await verifyEach(models, { workers: 2 })).map((answer) => answer?.verdict).join());
`;

const compilerOptions = {
  ...{ target: 'ES2022', module: 'NodeNext', strict: true, exactOptionalPropertyTypes: true, skipLibCheck: true },
  ...{ lib: ['ES2023', 'DOM'], types: [], rootDir: '.', outDir: 'built' },
};

beforeAll(async () => {
  const packed = await run('npm', ['pack', root, '--pack-destination', folder], { cwd: folder });
  expect(packed.status, packed.stderr).toBe(0);
  const [archive] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  mkdirSync(consumer);
  writeFileSync(join(consumer, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const words = ['install', join(folder, archive), '--prefer-offline', '--no-audit', '--no-fund'];
  const installed = await run('npm', words, { cwd: consumer });
  expect(installed.status, installed.stderr).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('holds what it needs and none of our tests', () => {
  const installed = readdirSync(join(consumer, 'node_modules', 'faultline')).sort();
  const texts = ['CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'SECURITY.md'];
  expect(installed).toEqual([
    ...texts,
    'dist',
    'docs',
    'examples',
    'machines',
    'man',
    'package.json',
    'src',
    'workers',
  ]);
});

it.each([
  ['publint', ['publint', '--strict']],
  ['attw', ['attw', '--profile', 'esm-only']],
])('%s has nothing to say of it', async (_, [program, ...words]) => {
  const [archive] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  const { status, stdout, stderr } = await run(join(root, 'node_modules/.bin', program), [archive, ...words], {
    cwd: folder,
  });
  expect(status, stdout + stderr).toBe(0);
});

it('has entries of its own for guest_memfd, for test runners and for schemas', async () => {
  const text = `import { gmem, builtinScenario } from 'faultline/gmem';
import { verified } from 'faultline/assert';
import schema from 'faultline/schema/result.json' with { type: 'json' };
import * as all from 'faultline';
await verified(gmem(builtinScenario('fault-fault'), 'v3-inplace'));
console.log(schema.properties.schema.const, all.gmem === gmem);
`;
  writeFileSync(join(consumer, 'entries.mjs'), text);
  const { stdout, stderr } = await run(process.execPath, ['entries.mjs'], { cwd: consumer });
  expect(stdout, stderr).toBe('faultline.result/1 true\n');
});

it('the command, by npx too, lists, explores with worker threads, and shows schemes', async () => {
  const npx = (...words: string[]) => run('npx', ['--no-install', 'faultline', ...words], { cwd: consumer });
  // What npx starts; it takes as long again to do so.
  const faultline = (...words: string[]) =>
    run(join(consumer, 'node_modules/.bin/faultline'), words, { cwd: consumer });
  const list = await faultline('list', 'schemes');
  expect(list.stdout).toMatch(/^v1-uptodate-prepared {2}/);
  expect(list.status).toBe(0);
  const explored = await npx('explore', 'fault-vs-convert', '--workers', '2', '--quiet');
  expect(explored.stdout).toMatch(/^BUG: faultline: host-rmp-fault in /m);
  expect(explored.status).toBe(1);
  const [, token] = /^Replay: npx faultline replay (fl1:\S+)$/m.exec(explored.stdout) ?? [];
  expect((await faultline('replay', token)).status).toBe(1);
  writeFileSync(join(consumer, 'mine.ts'), (await faultline('show', 'scheme', 'v3-inplace')).stdout);
  const own = await faultline('explore', 'hook-fails', '--scheme', './mine.ts', '--schedules', '500', '--quiet');
  expect(own.stdout).toContain('Clean in 500 schedules.');
  expect(own.status).toBe(0);
});

it('a TypeScript program compiles against its types and runs', async () => {
  writeFileSync(join(consumer, 'account.ts'), model);
  writeFileSync(join(consumer, 'program.ts'), program);
  writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  const compiled = await run(join(root, 'node_modules', '.bin', 'tsc'), ['-p', '.'], { cwd: consumer });
  expect(compiled.stdout).toBe('');
  expect(compiled.status).toBe(0);
  const ran = await run(process.execPath, [join('built', 'program.js')], { cwd: consumer });
  expect(ran.stderr).toBe('');
  expect(ran.stdout).toBe('assertion\ntrue\nviolation assertion 70n\nverified,violation\n');
});
