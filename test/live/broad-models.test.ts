/**
 * Models over every kind of op: what the live engine reaches and finds is what brute force reaches and finds. A few by
 * default, in this thread; LIVE_MODELS asks for more, and scripts/soundness runs some on threads.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileModel } from '../../src/index.js';
import { broadModel, broadSpec } from '../verify/broad-model.js';
import { spaceOfModel } from '../verify/reference.js';
import { worldsAlone } from './worlds-alone.js';

const MODELS = Number(process.env.LIVE_MODELS ?? 150);
const SEED = Number(process.env.LIVE_SEED ?? 3);
const WORLDS = 60;
const MOST_STATES = 1_200;

it('worlds of models over every kind of op end and break as brute force says', async () => {
  const met = { models: 0, refused: 0, large: 0, broken: 0, whole: 0, several: 0, reached: 0, possible: 0 };
  await fc.assert(
    fc.asyncProperty(broadSpec, async (spec) => {
      const model = broadModel(spec);
      const known = await spaceOfModel(model, MOST_STATES);
      if (known === undefined) {
        met.refused++;
        return;
      }
      const { space } = known;
      if (space === undefined) {
        met.large++;
        return;
      }
      met.models++;
      const { finals, broken } = worldsAlone(await compileModel(model), WORLDS);
      const possible = new Set(space.finalStates);
      expect([...finals].filter((text) => !possible.has(text))).toEqual([]);
      expect([...broken.keys()].filter((signature) => !space.signatures.includes(signature))).toEqual([]);
      if (broken.size > 0) met.broken++;
      if (finals.size > 0) met.whole++;
      if (finals.size > 1) met.several++;
      met.reached += finals.size;
      met.possible += possible.size;
    }),
    { numRuns: MODELS, seed: SEED },
  );
  if (process.env.LIVE_MODELS !== undefined) process.stderr.write(`seed ${SEED}: ${JSON.stringify(met)}\n`);
  expect(Math.min(met.models, met.broken, met.whole, met.several), JSON.stringify(met)).toBeGreaterThan(5);
}, 3_600_000);
