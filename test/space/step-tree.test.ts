/**
 * A search that remembers its steps comes to what one that takes each with the interpreter comes to; and each of the steps
 * is audited.
 */
import { describe, expect, it } from 'vitest';
import { builtinScenario, compileModel, gmem } from '../../src/index.js';
import { Groundwork } from '../../src/space/groundwork.js';
import { Met, Surprise } from '../../src/space/met.js';
import { planOf } from '../../src/space/plan.js';
import { Walks } from '../../src/space/walks.js';
import { Search } from '../../src/verify/search.js';
import { preparednessSymmetric } from '../oracles/preparedness-symmetric.js';

const REDUCTIONS = Array.from({ length: 4 }, (_, bits) => ({
  merge: true,
  symmetry: (bits & 1) !== 0,
  por: (bits & 2) !== 0,
}));

/** A search whose remembered steps can be tampered with. */
class Tampered extends Search {
  /** Changes the lowest bit that each leaf of an actor that moves sets, in the first word. */
  tamper(): void {
    const { words } = this.steps;
    for (let actor = 0; actor < this.system.actors; actor++) {
      const root = this.steps.rootOf(this.table.keys, 0, actor);
      const leaf = this.steps.leafOf(this.table.keys, 0, root, 0);
      if (leaf > 0 && words[leaf] === 1) words[leaf + 2] ^= 1;
    }
  }
}

async function groundOf(model: Parameters<typeof compileModel>[0]): Promise<Groundwork> {
  const program = await compileModel(model);
  const met = new Met(program.automaton);
  new Walks(program, met).fromStart();
  return new Groundwork(program, met);
}

function spaceOf(ground: Groundwork, wanted: (typeof REDUCTIONS)[number], remembersNothing: boolean) {
  const { met } = ground;
  for (;;) {
    const { system, canonical, reduction } = planOf(ground, wanted);
    const settings = { order: 'breadth-first', all: true, canonical, reduction, remembersNothing } as const;
    const search = new Search(system, { ...settings, audits: 1 }, met);
    try {
      while (!search.over) search.run(1_000);
      const { table, transitions, depth, completed, deadlocked, loops, sightings, stepper } = search;
      return {
        ...{ states: table.size, transitions, depth, completed, deadlocked, loops },
        finalStates: sightings.finalStates.size,
        signatures: [...sightings.bySignature.keys()].sort(),
        executed: stepper.ops.coverage.bits,
      };
    } catch (surprise) {
      if (!(surprise instanceof Surprise)) throw surprise;
      met.learn(surprise.fact);
    }
  }
}

describe('remembered steps are those that are taken', () => {
  it.each([
    ['fault-vs-punch', 'bitmap-nolock'],
    ['fault-vs-convert', 'v3-inplace'],
    ['populate-vs-user-fault', 'bitmap-shared-lock'],
    ['hook-fails', 'cmpxchg-tristate'],
  ] as const)('in %s under %s, with every reduction', async (scenario, scheme) => {
    const ground = await groundOf(gmem(builtinScenario(scenario), scheme));
    for (const wanted of REDUCTIONS) {
      // The first learns what surprises it.
      spaceOf(ground, wanted, true);
      expect(spaceOf(ground, wanted, false)).toEqual(spaceOf(ground, wanted, true));
    }
  });
});

it('one that is wrong is noticed', async () => {
  const ground = await groundOf(preparednessSymmetric.with({ faults: 4 }));
  const { met } = ground;
  const { system } = planOf(ground, { merge: true, symmetry: false, por: false });
  const search = new Tampered(system, { order: 'breadth-first', all: true, audits: 1 }, met);
  search.run(1);
  search.tamper();
  const run = (): void => {
    while (!search.over) search.run(1_000);
  };
  expect(run).toThrow(/^a remembered step of \S+ is not what it does$/);
});

it('none is forgotten where fields come to lie elsewhere', async () => {
  const ground = await groundOf(gmem(builtinScenario('fault-vs-convert'), 'v3-inplace'));
  spaceOf(ground, REDUCTIONS[0], true);
  const { system } = planOf(ground, REDUCTIONS[0]);
  const search = new Search(system, { order: 'breadth-first', all: true }, ground.met);
  while (!search.over) search.run(1_000);
  const { steps, table, packing, successors } = search;
  const flagsOf = (): number[] =>
    Array.from({ length: table.size * system.actors }, (_, i) => {
      const base = Math.floor(i / system.actors) * table.width;
      const root = steps.rootOf(table.keys, base, i % system.actors);
      return root < 0 ? root : steps.words[steps.leafOf(table.keys, base, root, 0)];
    });
  const before = flagsOf();
  const { word, shift } = packing.places;
  // A field that had one value comes to have others, and is among the widest, which lie in front.
  const constant = packing.places.mask.indexOf(0);
  for (let value = 100; value < 600; value++) packing.learn(constant, value);
  table.relayout(packing, packing.relayout());
  steps.follow(successors.layouts + 1);
  expect([packing.places.word, packing.places.shift]).not.toEqual([word, shift]);
  expect(before.filter((flags) => flags !== 0).length).toBeGreaterThan(0.99 * before.length);
  expect(flagsOf()).toEqual(before);
});
