/** Interchangeable actors that deal in identities: folding them changes neither findings nor final states. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileModel } from '../../src/index.js';
import { Canonical } from '../../src/space/canonical.js';
import { Groundwork } from '../../src/space/groundwork.js';
import { Met, Surprise } from '../../src/space/met.js';
import { type Plan, planOf, type ReductionsUsed } from '../../src/space/plan.js';
import { Walks } from '../../src/space/walks.js';
import { Search } from '../../src/verify/search.js';
import { verify } from '../../src/verify/verify.js';
import { randomSymmetricModel } from './random-symmetric-model.js';
import { spaceOf } from './reference.js';

const MOST = 1500;
const SMALL = 'the space is so small that it is searched as it is';

it('finds the same violations and final states, in fewer states', async () => {
  const met = { models: 0, folded: 0, broken: 0 };
  await fc.assert(
    fc.asyncProperty(randomSymmetricModel, async (model) => {
      const space = spaceOf(await compileModel(model), MOST);
      if (space === undefined) return;
      met.models++;
      for (const por of [false, true]) {
        const result = await verify(model, { all: true, por, liveness: false, lockOrder: false, coverage: false });
        expect(result.findings.map(({ signature }) => signature).sort()).toEqual(space.signatures);
        expect(result.finalStates).toBe(space.finalStates.length);
        // Whose automata are much larger than its space is searched as it is; nothing else keeps a model from being folded.
        expect(folds(result.reductions)).toBe(true);
        if (result.states < space.states * 0.7) met.folded++;
      }
      if (space.signatures.length > 0) met.broken++;
    }),
    { numRuns: 200 },
  );
  expect(Math.min(...Object.values(met)), JSON.stringify(met)).toBeGreaterThan(5);
}, 600_000);

it('keeps one state of each orbit, no more', async () => {
  await fc.assert(
    fc.asyncProperty(randomSymmetricModel, async (model) => {
      const program = await compileModel(model);
      if (spaceOf(program, MOST) === undefined) return;
      const met = new Met(program.automaton);
      new Walks(program, met).fromStart();
      const { plan, search } = searched((wanted) => planOf(new Groundwork(program, met), wanted), met);
      const canonical = new Canonical(plan.system, plan.canonical?.groups ?? []);
      const orbits = new Set<string>();
      for (let number = 0; number < search.table.size; number++) {
        search.load(number);
        const orbit = canonical.orbit(search.stepper.state) ?? [];
        orbits.add(orbit.map((state) => state.join()).sort()[0]);
        // Whichever of them comes, the canonical form is the same.
        const forms = new Set(orbit.map((state) => (canonical.of(state) ?? state).join()));
        expect(forms.size).toBe(1);
      }
      const folded = await verify(model, { all: true, por: false, liveness: false, lockOrder: false, coverage: false });
      if (!folded.reductions.symmetry.used) expect(folds(folded.reductions)).toBe(true);
      else expect(folded.states).toBe(orbits.size);
    }),
    { numRuns: 100 },
  );
}, 600_000);

/** Whether a search was folded, or was so small that it did not have to be. */
const folds = ({ symmetry }: ReductionsUsed) => symmetry.used || symmetry.reasons.includes(SMALL);

/** A search with merging alone, over a plan that knows the groups. */
function searched(plan: (wanted: Parameters<typeof planOf>[1]) => Plan, met: Met): { plan: Plan; search: Search } {
  for (;;) {
    const made = plan({ merge: true, symmetry: true, por: false });
    const search = new Search(made.system, { order: 'breadth-first', all: true }, met);
    try {
      while (!search.over) search.run(10_000);
      return { plan: made, search };
    } catch (surprise) {
      if (!(surprise instanceof Surprise)) throw surprise;
      met.learn(surprise.fact);
    }
  }
}
