/** Many models, each verified by one thread. Worker threads run what was built: scripts/setup comes before the tests. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { builtinScenario, defineModel, gmem, loadModel } from '../../src/index.js';
import { type VerifyAnswer, verifyEach } from '../../src/verify/verify-each.js';
import { selfRunningModel } from '../threads/self-running-model.js';

const lostUpdate = await loadModel(fileURLToPath(new URL('../explore/fixtures/lost-update.mjs', import.meta.url)));
const large = gmem(builtinScenario('fault-vs-punch'), 'v2-hook-every-fault');

/** A model that names no source, so that no other thread can load it. */
const homeless = defineModel({
  name: 'homeless',
  build(m) {
    const x = m.cell('x');
    m.actor('one', function* one() {
      yield* x.write(1);
    });
    m.finally('written', [x], (value) => value === 1);
  },
});

describe('verifyEach', () => {
  it('answers in the order of the models, the same for any number of threads', async () => {
    const models = [large, gmem(builtinScenario('fault-vs-convert'), 'v2-hook-every-fault'), lostUpdate, large];
    const one = await verifyEach(models, { all: true });
    const two = await verifyEach(models, { all: true, workers: 2 });
    expect(one.map((answer) => answer?.verdict)).toEqual(['verified', 'violation', 'violation', 'verified']);
    // How much a table holds in reserve depends on how its states came in, and that on slices, which go by the clock.
    const timeless = (answers: typeof one) => answers.map((answer) => ({ ...answer, bytesPerState: 0 }));
    expect(timeless(two)).toEqual(timeless(one));
  });

  it('bounds each model by itself', async () => {
    const answers = await verifyEach([large, lostUpdate], { maxStates: 1_000, workers: 2 });
    expect(answers.map((answer) => answer?.stoppedBy)).toEqual(['the bound of 1000 states', undefined]);
  });

  it('searches what has no source in this thread', async () => {
    const answers = await verifyEach([homeless, lostUpdate], { workers: 2 });
    expect(answers.map((answer) => answer?.verdict)).toEqual(['verified', 'violation']);
  });

  it.each([1, 2])(
    'leaves a model that is refused without an answer where that is wanted, with %i threads',
    async (workers) => {
      const refusing = gmem(builtinScenario('memory-failure-alone'), 'v2-hook-every-fault+clear-each-page');
      const told: [number, string][] = [];
      const onRefused = (place: number, { message }: Error) => told.push([place, message]);
      const answers = await verifyEach([refusing, lostUpdate], { workers, onRefused });
      expect(answers.map((answer) => answer?.verdict)).toEqual([undefined, 'violation']);
      expect(told).toEqual([[0, expect.stringContaining('cannot have clear-each-page')]]);
      await expect(verifyEach([refusing], { workers })).rejects.toThrow('guest_memfd: v2-hook-every-fault cannot have');
    },
  );

  it('tells of each model when it is done with', async () => {
    const told: [number, string | undefined, number][] = [];
    const onAnswer = (place: number, answer: VerifyAnswer | undefined, answered: number) =>
      told.push([place, answer?.verdict, answered]);
    await verifyEach([lostUpdate, homeless], { onAnswer });
    expect(told).toEqual([
      [0, 'violation', 1],
      [1, 'verified', 2],
    ]);
  });

  it.each([1, 2])('a signal leaves what is not yet answered without an answer, with %i threads', async (workers) => {
    const controller = new AbortController();
    const answers = await verifyEach([homeless, large, large, large], {
      ...{ workers, signal: controller.signal },
      onAnswer: () => controller.abort(),
    });
    expect(answers[0]?.verdict).toBe('verified');
    expect(answers[1]).toBeUndefined();
    expect(answers[3]).toBeUndefined();
  });

  it.each([1, 2])('an error names the model, with %i threads', async (workers) => {
    const broken = gmem(builtinScenario('fault-fault'), 'v9-of-the-future');
    const run = verifyEach([lostUpdate, broken], { workers, nameOf: (place) => `cell ${place}` });
    await expect(run).rejects.toThrow(/^faultline: cell 1: .*v9-of-the-future/);
  });

  it('a model file that verifies as it is loaded is told to stand alone, and starts no workers of workers', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'faultline-each-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'verifies-itself.mjs');
    writeFileSync(path, selfRunningModel('verify', 'verify(model)'));
    const model = await loadModel(path);
    await expect(verifyEach([model, model], { workers: 2 })).rejects.toThrow(
      /verifies-itself\.mjs verifies while a worker thread loads its model; keep the model in a file of its own/,
    );
  });
});
