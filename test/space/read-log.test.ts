/** What a step reads is all that decides it: no other field, whatever it holds, makes a difference to what it does. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Program } from '../../src/core/program/program.js';
import { Random } from '../../src/core/random.js';
import { builtinScenario, compileModel, gmem } from '../../src/index.js';
import { Groundwork } from '../../src/space/groundwork.js';
import { Met } from '../../src/space/met.js';
import { planOf } from '../../src/space/plan.js';
import { StepOutcome, Stepper } from '../../src/space/stepper.js';
import { Search } from '../../src/verify/search.js';
import { broadModel, broadSpec } from '../verify/broad-model.js';

const STATES = 1_500;
/** States of a space that are looked at, and what is put into the fields that a step from them does not read. */
const LOOKED_AT = 40;
const CHANGES = 4;

/** Changes what the steps of a program do not read; how many steps it looked at. */
function lookAt(program: Program): number {
  const met = new Met(program.automaton);
  const { system } = planOf(new Groundwork(program, met), { merge: false, symmetry: false, por: false }, 'as it is');
  const search = new Search(system, { order: 'breadth-first', all: true, remembersNothing: true }, met);
  try {
    while (!search.over && search.table.size < STATES) search.run(100);
  } catch {
    // What the model refuses is refused in the midst of a space.
  }
  const { packing, table } = search;
  const random = new Random(7n);
  const stepper = new Stepper(system, met);
  const { state, reads } = stepper;
  let steps = 0;
  const load = (fields: Int32Array): void => {
    state.set(fields);
    system.placeRegisters(state);
  };
  for (let look = 0; look < LOOKED_AT; look++) {
    const from = system.initial.slice(0, system.fields);
    packing.unpack(table.keys, random.below(table.size) * table.width, from);
    for (let actor = 0; actor < system.actors; actor++) {
      load(from);
      const script = system.scripts[actor];
      if (script.states[from[system.localBase + actor]].gated) continue;
      const choice = random.below(stepper.outcomesOf(actor));
      let flags: number;
      try {
        flags = stepper.trace(actor, choice);
      } catch {
        continue;
      }
      const to = state.slice(0, system.fields);
      const read = new Set(reads.fields.subarray(0, reads.length));
      const stored = new Set(reads.stores.subarray(0, reads.stored));
      if (flags !== StepOutcome.Blocked) stepper.undo();
      if (script.done(from[system.localBase + actor]) || (flags & StepOutcome.Violation) !== 0) continue;
      if (!reads.isWhole) expect.fail('a register was read that did not matter');
      steps++;
      for (let change = 0; change < CHANGES; change++) {
        const other = from.map((value, field) => {
          const values = packing.valuesOf(field);
          const isOwn = field === system.localBase + actor;
          return read.has(field) || isOwn ? value : values[random.below(values.length)];
        });
        load(other);
        const again = stepper.step(actor, choice);
        const expected = other.map((value, field) =>
          stored.has(field) || to[field] !== from[field] ? to[field] : value,
        );
        const differing = [...expected.keys()].filter((field) => state[field] !== expected[field]);
        if (again !== flags || differing.length > 0)
          expect({ again, differing }).toEqual({ again: flags, differing: [] });
        if (again !== StepOutcome.Blocked) stepper.undo();
      }
    }
  }
  return steps;
}

it('in models over every kind of op', async () => {
  let steps = 0;
  await fc.assert(
    fc.asyncProperty(broadSpec, async (spec) => {
      let program: Program;
      try {
        program = await compileModel(broadModel(spec));
      } catch {
        return;
      }
      steps += lookAt(program);
    }),
    { numRuns: 60, seed: 11, endOnFailure: true },
  );
  expect(steps).toBeGreaterThan(1_000);
});

it.each([
  ['fault-vs-punch', 'bitmap-nolock'],
  ['fault-vs-convert', 'v3-inplace'],
  ['user-fault-vs-convert', 'cmpxchg-tristate'],
  ['neighbours', 'bitmap-nolock+plain-bitmap-word'],
] as const)('in %s under %s', async (scenario, scheme) => {
  const program = await compileModel(gmem(builtinScenario(scenario), scheme));
  expect(lookAt(program)).toBeGreaterThan(50);
});
