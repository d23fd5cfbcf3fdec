/** Many models, each verified by one thread. Worker threads run what was built: scripts/setup comes before the tests. */
import { describe, expect, it } from 'vitest';
import { builtinScenario, defineModel, gmem, type Model } from '../../src/index.js';
import { type VerifyAnswer, verifyEach } from '../../src/verify/verify-each.js';
import { abba } from '../oracles/classic/abba.js';
import { lostUpdate } from '../oracles/classic/lost-update.js';
import { peterson } from '../oracles/classic/peterson.js';
import { preparedness } from '../oracles/preparedness.js';

const models: readonly Model[] = [
  lostUpdate.with({ broken: true }),
  peterson,
  gmem(builtinScenario('fault-vs-convert'), 'v2-hook-every-fault'),
  abba,
  gmem(builtinScenario('fault-fault'), 'v3-inplace'),
];

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
    const one = await verifyEach(models, { all: true });
    const two = await verifyEach(models, { all: true, workers: 2 });
    expect(one.map((answer) => answer?.verdict)).toEqual([
      'violation',
      'verified',
      'violation',
      'violation',
      'verified',
    ]);
    expect(two).toEqual(one);
  });

  it('bounds each model by itself', async () => {
    const answers = await verifyEach([preparedness.with({ faults: 4 }), abba], { maxStates: 1_000, workers: 2 });
    expect(answers.map((answer) => answer?.stoppedBy)).toEqual(['the bound of 1000 states', undefined]);
  });

  it('searches what has no source in this thread', async () => {
    const answers = await verifyEach([homeless, abba], { workers: 2 });
    expect(answers.map((answer) => answer?.verdict)).toEqual(['verified', 'violation']);
  });

  it('tells of each model when it is done with', async () => {
    const told: [number, string | undefined, number][] = [];
    const onAnswer = (place: number, answer: VerifyAnswer | undefined, answered: number) =>
      told.push([place, answer?.verdict, answered]);
    await verifyEach([lostUpdate, homeless], { onAnswer });
    expect(told).toEqual([
      [0, 'verified', 1],
      [1, 'verified', 2],
    ]);
  });

  it.each([1, 2])('a signal leaves what is not yet answered without an answer, with %i threads', async (workers) => {
    const controller = new AbortController();
    const answers = await verifyEach([homeless, preparedness.with({ faults: 6 }), abba, abba], {
      ...{ workers, signal: controller.signal, merge: false },
      onAnswer: () => controller.abort(),
    });
    expect(answers[0]?.verdict).toBe('verified');
    expect(answers[1]).toBeUndefined();
    expect(answers[3]).toBeUndefined();
  });

  it.each([1, 2])('an error names the model, with %i threads', async (workers) => {
    const broken = preparedness.with({ faults: -1, converter: false });
    const run = verifyEach([abba, broken], { workers, nameOf: (place) => `cell ${place}` });
    await expect(run).rejects.toThrow(/^faultline: cell 1: model \S+ has no actors/);
  });
});
