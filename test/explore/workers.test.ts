/** Worker threads run what was built: scripts/setup brings dist up to date before the tests. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError, ModelError } from '../../src/core/errors.js';
import { type ExploreResult, explore } from '../../src/explore/explore.js';
import { Workers } from '../../src/explore/lanes.js';
import type { ExploreOptions } from '../../src/explore/options.js';
import { BLOCK } from '../../src/explore/shard.js';
import { strategyNames } from '../../src/explore/strategy.js';
import { gmem } from '../../src/gmem/model.js';
import { builtinScenario } from '../../src/gmem/scenarios/builtin-scenarios.js';
import { defineModel, loadModel, type Model } from '../../src/index.js';
import { selfRunningModel } from '../threads/self-running-model.js';

let lost: Model;
let workers: Workers;
let folder: string;

beforeAll(async () => {
  lost = await loadModel(fileURLToPath(new URL('./fixtures/lost-update.mjs', import.meta.url)));
  workers = new Workers(2);
  folder = mkdtempSync(join(tmpdir(), 'faultline-'));
});

afterAll(async () => {
  await workers.close();
  rmSync(folder, { recursive: true });
});

/** Everything but what time and threads decide. */
function timeless({ findings, stats }: ExploreResult): unknown {
  return { findings, stats: { ...stats, seconds: 0, secondsToFirst: 0 } };
}

async function expectTheSame(model: Model, options: ExploreOptions): Promise<void> {
  const alone = await explore(model, { ...options, workers: 1 });
  expect(timeless(await explore(model, { ...options, workers: 0 }))).toEqual(timeless(alone));
  const shared = await explore(model, { ...options, workers });
  expect(alone.workersUsed).toBe(1);
  expect(shared.workersUsed).toBe(2);
  expect(timeless(shared)).toEqual(timeless(alone));
}

describe('two workers', () => {
  it.each(strategyNames)('give what one gives, up to the first block with a violation: %s', async (strategy) => {
    await expectTheSame(lost, { strategy, schedules: 100 * BLOCK, clock: () => performance.now() });
  });

  it.each(strategyNames)('give what one gives when they go on after violations: %s', async (strategy) => {
    const model = lost.with({ tellers: 3 });
    await expectTheSame(model, { strategy, schedules: 30 * BLOCK + 11, keepGoing: true });
  });

  it.each(['random', 'pct', 'mixed'] as const)(
    'give what one gives once steps are remembered: %s',
    async (strategy) => {
      const model = gmem(builtinScenario('fault-vs-punch'), 'bitmap-nolock');
      await expectTheSame(model, { strategy, schedules: 24 * BLOCK, keepGoing: true, shrink: false });
    },
  );

  it('give what one gives where many final states and no violations are', async () => {
    // As a user would have it: with the library by its name.
    const original = fileURLToPath(new URL('../oracles/preparedness.ts', import.meta.url));
    const path = join(folder, 'preparedness.ts');
    writeFileSync(path, readFileSync(original, 'utf8').replace('../../src/index.js', 'faultline'));
    const model = (await loadModel(path)).with({ faults: 3 });
    await expectTheSame(model, { schedules: 20_000, clock: () => performance.now() });
  });

  it('give what one gives for guest_memfd, a finding and its coverage included', async () => {
    const model = gmem(builtinScenario('fault-vs-punch'), 'bitmap-nolock');
    await expectTheSame(model as Model, { schedules: 8_000 });
    await expectTheSame(model as Model, { schedules: 3_000, keepGoing: true });
  });

  it.each(['livelock', 'counter', 'ticker'])('give what one gives where runs go on for ever: %s', async (kind) => {
    const endless = await loadModel(fileURLToPath(new URL('./fixtures/endless.mjs', import.meta.url)));
    const model = endless.with({ kind });
    const options = { strategy: 'pct', stepBound: 3_000, clock: () => performance.now() } as const;
    await expectTheSame(model, { ...options, schedules: 5 * BLOCK + 3 });
    await expectTheSame(model, { ...options, schedules: 3 * BLOCK, keepGoing: true });
  });

  it('of their own end with the run', async () => {
    const { findings, workersUsed } = await explore(lost, { workers: 2 });
    expect(workersUsed).toBe(2);
    expect(findings).toHaveLength(1);
  });

  it('stop when the run is aborted, and what was found is kept', async () => {
    const controller = new AbortController();
    const { findings, stats } = await explore(lost, {
      strategy: 'random',
      workers,
      schedules: 1_000_000_000,
      keepGoing: true,
      signal: controller.signal,
      clock: () => performance.now(),
      onProgress: ({ schedules }) => {
        if (schedules > 10_000) controller.abort();
      },
    });
    expect(stats.interrupted).toBe(true);
    expect(findings).toHaveLength(1);
  });
});

describe('a model', () => {
  it('without a source is explored in this thread, and the result says so', async () => {
    const here = defineModel({
      name: 'here',
      build(m) {
        const x = m.cell('x');
        m.actor('one', function* one() {
          yield* x.add(1);
        });
      },
    });
    const { workersUsed, stats } = await explore(here, { strategy: 'random', workers });
    expect({ workersUsed, completed: stats.completed }).toEqual({ workersUsed: 1, completed: 10_000 });
  });

  it('in a TypeScript file outside the package is loaded by the workers', async () => {
    const path = join(folder, 'outside.ts');
    writeFileSync(
      path,
      `import { defineModel, sameRef } from 'faultline';
       const shared: { readonly name: string } = { name: 'outside' };
       export default defineModel({
         name: shared.name,
         source: import.meta.url,
         build(m) {
           const folios = m.domain('folio', 2);
           const page = m.cells('page', 1, { refTo: folios });
           const same = m.cell('same');
           m.actor('mapper', function* map() {
             yield* page.at(0).write(folios.id(1));
             const first = yield* page.at(0).read();
             const second = yield* page.at(0).read();
             if (yield* sameRef(first, second)) yield* same.add(1);
           });
           m.actor('unmapper', function* unmap() {
             yield* page.at(0).write(folios.id(0));
           });
           m.finally('same', [same], (value) => value === 1 || 'the page changed');
         },
       });\n`,
    );
    await expectTheSame(await loadModel(path), { schedules: 30 * BLOCK, keepGoing: true });
  });

  it('that breaks a rule of modelling in a worker says so as it would here', async () => {
    const path = join(folder, 'rule.mjs');
    writeFileSync(
      path,
      `import { defineModel } from 'faultline';
       export default defineModel({
         name: 'rule',
         source: import.meta.url,
         build(m) {
           const x = m.cell('x');
           m.actor('cheat', function* cheat() { yield* x.write(Number(process.hrtime.bigint() & 0x3fffffffn)); });
         },
       });\n`,
    );
    const model = defineModel({ name: 'rule', source: path, build: (m) => m.actor('one', emptyRoutine) });
    await expect(explore(model, { strategy: 'random', workers })).rejects.toThrow(ModelError);
    await expect(explore(model, { strategy: 'random', workers })).rejects.toThrow(/cheat is not deterministic/);
  });

  it('whose source exports another model says so', async () => {
    const wrong = defineModel({ name: 'wrong', source: lost.source!, build: (m) => m.actor('one', emptyRoutine) });
    await expect(explore(wrong, { strategy: 'random', workers })).rejects.toThrow(InputError);
    await expect(explore(wrong, { strategy: 'random', workers })).rejects.toThrow(
      /exports no model "wrong"; it exports lost-update-file/,
    );
  });
});

function* emptyRoutine() {}

it('a model file that explores as it is loaded is told to stand alone, and starts no workers of workers', async () => {
  const path = join(folder, 'explores-itself.mjs');
  writeFileSync(path, selfRunningModel('explore', 'explore(model, { schedules: 1 })'));
  const model = await loadModel(path);
  await expect(explore(model, { strategy: 'random', schedules: 512, workers })).rejects.toThrow(
    /explores-itself\.mjs explores while a worker thread loads its model; keep the model in a file of its own/,
  );
});
