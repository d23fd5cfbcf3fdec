/** Whatever the model and the reductions, verify says what a search by brute force says. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileModel } from '../../src/index.js';
import { verify } from '../../src/verify/verify.js';
import { randomModel } from './random-model.js';
import { pathsOf, roundsOf, spaceOf } from './reference.js';

const COMBINATIONS = Array.from({ length: 8 }, (_, bits) => ({
  merge: (bits & 1) !== 0,
  symmetry: (bits & 2) !== 0,
  por: (bits & 4) !== 0,
}));
/** The count goes on after what broke, perhaps to 2^32; the spaces themselves are far smaller. */
const MOST_COUNTED = 3_000;
/** Kinds that come from the graph of states and not from a step. */
const ROUNDS = ['livelock', 'starvation', 'lock-order'];

it.each([5])(
  'finds the same with every combination of reductions (models of seed %i)',
  async (seed) => {
    const met = { models: 0, broken: 0, looping: 0, folded: 0, reduced: 0, livelocks: 0, counted: 0 };
    await fc.assert(
      fc.asyncProperty(randomModel, async (model) => {
        const program = await compileModel(model);
        const space = spaceOf(program, 1500);
        if (space === undefined) return;
        met.models++;
        const paths = pathsOf(space.graph);
        const rounds = space.states < 400 ? roundsOf(space.graph, program.actors.length) : undefined;
        for (const wanted of COMBINATIONS) {
          const bounds = { maxStates: MOST_COUNTED };
          const result = await verify(model, { ...wanted, ...bounds, all: true, coverage: false, count: true });
          const steps = result.findings.filter(({ kind }) => !ROUNDS.includes(kind));
          expect(steps.map(({ signature }) => signature).sort()).toEqual(space.signatures);
          expect(result.finalStates).toBe(space.finalStates.length);
          expect(result.stoppedBy).toBeUndefined();
          if (rounds !== undefined) {
            const kinds = new Set(result.findings.map(({ kind }) => kind));
            expect(kinds.has('livelock')).toBe(rounds.livelock);
            if (!rounds.livelock) expect(kinds.has('starvation')).toBe(rounds.starvation);
            if (rounds.livelock) met.livelocks++;
          }
          if (paths === undefined) expect(result.interleavings).toBe('unbounded');
          else if (space.signatures.length === 0) expect(result.interleavings).toBe(paths);
          else if (result.interleavings === undefined) expect(result.bound.notChecked.join()).toMatch(/bound of 3000/);
          if (!wanted.merge && !wanted.symmetry && !wanted.por) {
            expect(result.states).toBe(space.states);
            expect(result.transitions).toBe(space.transitions);
            expect(result.depth).toBe(space.depth);
          }
          // Breadth first and with every order, what is found is the shortest run to it.
          if (!wanted.por)
            for (const { signature, steps: size } of steps) expect(size).toBe(space.shortest.get(signature));
          if (result.states < space.states && !wanted.merge && !wanted.por) met.folded++;
          if (result.states < space.states && !wanted.merge && !wanted.symmetry) met.reduced++;
          if (paths !== undefined) met.counted++;
          if (paths === undefined) met.looping++;
          if (space.signatures.length > 0) met.broken++;
        }
      }),
      // Fixed seeds, because the counts below are about the models that they give.
      { numRuns: 40, seed },
    );
    // The models were worth it.
    for (const [what, count] of Object.entries(met)) expect(count, what).toBeGreaterThan(10);
  },
  600_000,
);
