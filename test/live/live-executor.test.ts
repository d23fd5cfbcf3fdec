import fc from 'fast-check';
import { expect, it } from 'vitest';
import { gmem } from '../../src/gmem/model.js';
import { loadScenario } from '../../src/gmem/scenarios/load-scenario.js';
import { Outcome } from '../../src/live/live-settings.js';
import { compileModel } from '../../src/model/model.js';
import { preparedness } from '../oracles/preparedness.js';
import { fixture } from './fixtures/index.js';
import { liveExecutorOf, sideBySide, vouched } from './side-by-side.js';

const seeds = fc.integer({ min: 0, max: 2 ** 30 });

it.each([
  ['every op', () => fixture('every-op'), 300],
  ['every op, on objects of a wide machine', async () => (await fixture('every-op')).with({ spare: 14 }), 300],
  ['every lock', () => fixture('every-lock'), 300],
  ['every lock, with queues', async () => vouched(await fixture('every-lock')), 300],
  ['locks misused', async () => (await fixture('every-lock')).with({ misuse: true }), 100],
  ['locks with queues misused', async () => vouched((await fixture('every-lock')).with({ misuse: true })), 100],
  ['the preparedness benchmark', async () => preparedness.with({ faults: 3 }), 200],
])('a schedule leaves the words, places and violations of the controlled engine: %s', async (_, model, numRuns) => {
  const run = await sideBySide(await model());
  fc.assert(
    fc.property(seeds, (seed) => {
      expect(run(seed).steps).toBeGreaterThan(2);
    }),
    { numRuns },
  );
});

it.each([
  ['fault-vs-punch', 'bitmap-nolock'],
  ['fault-vs-convert', 'v3-inplace'],
  ['fault-vs-convert', 'cmpxchg-tristate'],
  ['user-fault-vs-convert', 'v3-inplace'],
  ['populate-vs-user-fault', 'v2-hook-every-fault'],
  ['neighbours', 'bitmap-nolock+plain-bitmap-word'],
  ['hook-fails', 'v1-uptodate-prepared'],
  ['huge-punch-part', 'v1-uptodate-prepared'],
  ['huge-convert-back', 'v3d-hugetlb+prepare-first+clear-each-page+prepare-page'],
])(
  'a schedule leaves the words, places and violations of the controlled engine: %s under %s',
  async (scenario, scheme) => {
    const run = await sideBySide(gmem(loadScenario(scenario), scheme));
    fc.assert(
      fc.property(seeds, (seed) => {
        run(seed);
      }),
      { numRuns: 150 },
    );
  },
);

it('an event that changes an object takes the next version, and one that changes nothing takes none', async () => {
  const program = await compileModel((await fixture('switches')).with({ actors: 1, objects: 1, rounds: 7 }));
  const { executor, memory } = liveExecutorOf(program);
  expect(executor.run(0, 100)).toBe(Outcome.Done);
  const { base } = program.objects[0].region;
  const { bits } = program.machines[0];
  expect(memory.model[base] >>> bits).toBe(7);
  expect(memory.model[base] & (2 ** bits - 1)).toBe(program.machines[0].encode({ place: 'p2' }));
});

it('a version that does not fit any more starts from 0', async () => {
  const program = await compileModel((await fixture('switches')).with({ actors: 1, objects: 1, rounds: 1 }));
  const { executor, memory } = liveExecutorOf(program);
  const { base } = program.objects[0].region;
  const { bits, initial } = program.machines[0];
  memory.model[base] = (-1 << bits) | initial;
  expect(executor.run(0, 100)).toBe(Outcome.Done);
  expect(memory.model[base] >>> bits).toBe(0);
});

it('an op that would have to wait in the middle of an atomic section is refused by name', async () => {
  const program = await compileModel(await fixture('waits-in-section'));
  const { executor } = liveExecutorOf(program);
  expect(() => executor.run(0, 10)).toThrow(
    /actor0 cannot run .* in section now; an op that may wait must be the first/,
  );
});

it('more actors than the controlled engines allow can be run', async () => {
  const program = await compileModel((await fixture('counters')).with({ actors: 64, rounds: 1 }));
  const { executor, memory } = liveExecutorOf(program);
  for (let slot = 0; slot < 64; slot++) expect(executor.run(slot, 10)).toBe(Outcome.Done);
  expect(memory.model[0]).toBe(64);
});
