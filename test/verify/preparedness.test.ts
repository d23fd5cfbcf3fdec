/** The preparedness benchmark, number by number (design/oracles.md, second table). N = 6 is checked by `scripts/bench verify`. */
import { describe, expect, it } from 'vitest';
import { compileModel, type Model } from '../../src/index.js';
import { Groundwork } from '../../src/space/groundwork.js';
import { Met } from '../../src/space/met.js';
import { planOf } from '../../src/space/plan.js';
import { Walks } from '../../src/space/walks.js';
import { Search } from '../../src/verify/search.js';
import { verify } from '../../src/verify/verify.js';
import { preparedness } from '../oracles/preparedness.js';
import { preparednessSymmetric } from '../oracles/preparedness-symmetric.js';

const MERGED = { all: true, symmetry: false, por: false, coverage: false };
const ROWS = [
  { faults: 2, states: 489, transitions: 856, broken: 210, finalStates: 14 },
  { faults: 3, states: 5_927, transitions: 14_091, broken: 3_439, finalStates: 21 },
  { faults: 4, states: 65_429, transitions: 205_748, broken: 43_128, finalStates: 28 },
  { faults: 5, states: 684_119, transitions: 2_722_367, broken: 485_405, finalStates: 35 },
];
const WITHOUT = [
  { faults: 2, states: 133 },
  { faults: 3, states: 1_788 },
  { faults: 4, states: 21_299 },
  { faults: 5, states: 234_714 },
];

/** Searches a model with merging and counts the states in which V is set. */
async function statesWithV(model: Model): Promise<number> {
  const program = await compileModel(model);
  const met = new Met(program.automaton);
  new Walks(program, met).fromStart();
  const { system } = planOf(new Groundwork(program, met), { merge: true, symmetry: false, por: false });
  const search = new Search(system, { order: 'breadth-first', all: true }, met);
  while (!search.over) search.run(100_000);
  const v = program.layout.regions.find(({ name }) => name === 'V')!.base;
  let broken = 0;
  for (let number = 0; number < search.table.size; number++) {
    search.load(number);
    if (search.stepper.state[v] !== 0) broken++;
  }
  return broken;
}

describe.each([
  ['with constants', preparedness],
  ['with identities as refs', preparednessSymmetric],
])('preparedness %s', (_, model) => {
  it.each(ROWS)('has $states states and $transitions transitions for $faults faults', async (row) => {
    const { states, transitions, finalStates, verdict, bytesPerState } = await verify(
      model.with({ faults: row.faults }),
      MERGED,
    );
    expect({ states, transitions, finalStates }).toEqual({
      states: row.states,
      transitions: row.transitions,
      finalStates: row.finalStates,
    });
    expect(verdict).toBe('verified');
    if (states > 1000) expect(bytesPerState).toBeLessThanOrEqual(32);
  });

  it.each(WITHOUT)('has $states states for $faults faults without the converter', async ({ faults, states }) => {
    expect((await verify(model.with({ faults, converter: false }), MERGED)).states).toBe(states);
  });

  it.each([
    { converter: true, interleavings: 568_094n },
    { converter: false, interleavings: 11_802n },
  ])('has $interleavings interleavings (converter: $converter)', async ({ converter, interleavings }) => {
    const found = await verify(model.with({ converter }), { ...MERGED, count: true });
    expect(found.interleavings).toBe(interleavings);
  });
});

it.each(ROWS)('preparedness has $broken states with V set for $faults faults', async ({ faults, broken }) => {
  expect(await statesWithV(preparedness.with({ faults }))).toBe(broken);
});

it('preparedness without merging has more states and the same final states', async () => {
  const { states, finalStates } = await verify(preparedness.with({ faults: 4 }), { ...MERGED, merge: false });
  expect(states).toBeGreaterThan(65_429);
  expect(finalStates).toBe(28);
});

it.each(ROWS)('symmetry leaves the final states of $faults interchangeable faults as they are', async (row) => {
  const found = await verify(preparednessSymmetric.with({ faults: row.faults }), { all: true, coverage: false });
  expect(found.finalStates).toBe(row.finalStates);
  expect(found.states).toBeLessThan(row.states * 0.6);
  expect(found.reductions.symmetry.groups).toEqual([Array.from({ length: row.faults }, (_, i) => `fault${i}`)]);
});

it('symmetry is off where faults write their numbers, and says so', async () => {
  const { reductions } = await verify(preparedness.with({ faults: 2 }), { all: true });
  expect(reductions.symmetry).toEqual({
    used: false,
    reasons: ['no two actors run the same routines with the same arguments'],
    groups: [],
  });
});
