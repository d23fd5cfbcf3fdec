/**
 * A search on disk comes to the states, steps, ends and signatures of the same search in memory, whatever its sizes are; here
 * they are so small that every level is many batches, runs and merges.
 */
import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtinScenario, defineModel, gmem, type Model, usualScenarioNames } from '../../../src/index.js';
import { preparedness } from '../../oracles/preparedness.js';
import { preparednessSymmetric } from '../../oracles/preparedness-symmetric.js';
import { randomModel } from '../random-model.js';
import { randomSymmetricModel } from '../random-symmetric-model.js';
import {
  cameTo,
  folderForTest,
  type Searching,
  SMALL,
  searchBoth,
  statesInMemory,
  statesOnDisk,
  TINY,
} from './on-disk.js';

const REDUCTIONS = {
  none: { symmetry: false, por: false },
  all: { symmetry: true, por: true },
};

/** Searches both ways; how many layouts the states on disk were packed in. */
async function expectTheSame(model: Model, searching: Searching): Promise<number> {
  const folder = folderForTest();
  const { memory, disk } = await searchBoth(model, folder, searching);
  expect(cameTo(disk.search, disk.states)).toEqual(cameTo(memory, memory.table.size));
  const { states, layouts } = statesOnDisk(folder, memory);
  expect(states).toEqual(statesInMemory(memory));
  return layouts;
}

describe.each(Object.entries(REDUCTIONS))('the same states and counts, reductions: %s', (_, reductions) => {
  it.each(usualScenarioNames)('%s', async (name) => {
    const model = gmem(builtinScenario(name), reductions.por ? 'v3-inplace' : 'bitmap-nolock');
    await expectTheSame(model, { options: reductions, sizes: SMALL });
  });

  it.each([2, 3, 4])('preparedness with %i faults', async (faults) => {
    const sizes = faults < 4 ? TINY : SMALL;
    await expectTheSame(preparedness.with({ faults }), { options: reductions, sizes });
    await expectTheSame(preparednessSymmetric.with({ faults }), { options: reductions, sizes });
  });

  it.each([
    ['random models', randomModel],
    ['random symmetric models', randomSymmetricModel],
  ])('%s', async (_, models) => {
    const property = fc.asyncProperty(models, async (model) => {
      await expectTheSame(model, { options: reductions, sizes: SMALL });
    });
    await fc.assert(property, { numRuns: 12, seed: 11 });
  });
});

it('without the kernel of the search, too', async () => {
  await expectTheSame(preparedness.with({ faults: 3 }), { options: { ...REDUCTIONS.none, kernel: false } });
});

/** Counts beyond what any run ahead of a search shows, so that fields outgrow their bits while runs lie in files. */
const counting = defineModel({
  name: 'counting',
  build(m) {
    const cell = m.cell('cell');
    m.actor('counts', function* counts() {
      for (let round = 0; round < 600; round++) yield* cell.add(1);
    });
    m.actor('looks', function* looks() {
      yield* cell.read();
    });
  },
});

it('fields that outgrow their bits are packed anew, and nothing is lost', async () => {
  expect(await expectTheSame(counting, { options: REDUCTIONS.none })).toBeGreaterThan(1);
});

it('leaves the manifest, the levels, what is known and the final states, and nothing else', async () => {
  const folder = folderForTest();
  await searchBoth(preparedness.with({ faults: 3 }), folder);
  expect(readdirSync(folder).filter((name) => !/^(?:level|known|final)-|^scratch\.json$/.test(name))).toEqual([]);
  expect(readdirSync(folder)).toContain('scratch.json');
});
