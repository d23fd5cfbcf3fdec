import { describe, expect, it } from 'vitest';
import { compileModel } from '../../src/index.js';
import { acquaint } from '../../src/space/acquaint.js';
import { Groundwork } from '../../src/space/groundwork.js';
import { Met } from '../../src/space/met.js';
import { Packing } from '../../src/space/pack.js';
import { planOf } from '../../src/space/plan.js';
import { Walks } from '../../src/space/walks.js';
import { Search } from '../../src/verify/search.js';
import { preparednessSymmetric } from '../oracles/preparedness-symmetric.js';

const REDUCTIONS = { merge: true, symmetry: true, por: false };

async function planned(faults: number) {
  const program = await compileModel(preparednessSymmetric.with({ faults }));
  const met = new Met(program.automaton);
  new Walks(program, met).fromStart();
  return { met, ...planOf(new Groundwork(program, met), REDUCTIONS) };
}

describe('a packing that is shown what runs meet', () => {
  it('knows nearly all that a search will meet, and nothing else', async () => {
    const { system, canonical, met } = await planned(4);
    const packing = new Packing(system.initial.subarray(0, system.fields));
    acquaint(packing, system, met, undefined);
    const search = new Search(system, { order: 'breadth-first', all: true }, met);
    while (!search.over) search.run(10_000);
    const known = packing.learned().length;
    const there = search.packing.learned().length;
    expect(canonical).toBeDefined();
    expect(known).toBeLessThanOrEqual(there);
    expect(known).toBeGreaterThan(0.9 * there);
  });

  it('is laid out the same each time', async () => {
    const [left, right] = await Promise.all(
      [planned(3), planned(3)].map(async (plan) => {
        const { system, canonical, met } = await plan;
        const packing = new Packing(system.initial.subarray(0, system.fields));
        acquaint(packing, system, met, canonical);
        return packing.learned();
      }),
    );
    expect(left).toEqual(right);
  });

  it('holds the initial state as zeros, as searches reckon with', async () => {
    const { system, canonical, met } = await planned(3);
    const packing = new Packing(system.initial.subarray(0, system.fields));
    acquaint(packing, system, met, canonical);
    const packed = new Int32Array(packing.places.width).fill(-1);
    expect(packing.pack(system.initial, packed, 0)).toBe(true);
    expect([...packed]).toEqual([...packed].map(() => 0));
  });
});
