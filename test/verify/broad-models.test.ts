/**
 * Models over every kind of op: with combinations of reductions verify says what brute force says, and explore finds
 * nothing that brute force does not know. A few by default; `scripts/fuzz` runs as many as it is told to.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { explore, verify } from '../../src/index.js';
import { broadModel, broadSpec } from './broad-model.js';
import { roundsOf, spaceOfModel } from './reference.js';

/** Whether this is a sweep (scripts/fuzz). */
const SWEEPS = process.env.FUZZ_MODELS !== undefined;
const MODELS = Number(process.env.FUZZ_MODELS ?? 120);
const SEED = Number(process.env.FUZZ_SEED ?? 20);
const MOST_STATES = 1_200;
const ROUNDS = ['livelock', 'starvation', 'lock-order'];
const COMBINATIONS = Array.from({ length: 8 }, (_, bits) => ({
  merge: (bits & 1) === 0,
  symmetry: (bits & 2) === 0,
  por: (bits & 4) === 0,
}));

/** None and all of the reductions on each model, and one mixture by turns. */
function combinationsFor(model: number): typeof COMBINATIONS {
  return [COMBINATIONS[0], COMBINATIONS[7], COMBINATIONS[1 + (model % 6)]];
}

it('verify says what brute force says of models over every kind of op', async () => {
  const met = { models: 0, refused: 0, large: 0, broken: 0, verified: 0, folded: 0, rounds: 0 };
  await fc.assert(
    fc.asyncProperty(broadSpec, async (spec) => {
      const model = broadModel(spec);
      const known = await spaceOfModel(model, MOST_STATES);
      if (known === undefined) {
        met.refused++;
        return;
      }
      const { space, actors } = known;
      if (space === undefined) {
        met.large++;
        return;
      }
      met.models++;
      if (space.signatures.length > 0) met.broken++;
      const rounds = space.states < 200 ? roundsOf(space.graph, actors) : undefined;
      if (rounds?.livelock || rounds?.starvation) met.rounds++;
      if (SWEEPS && met.models % 250 === 0) process.stderr.write(`seed ${SEED}: ${JSON.stringify(met)} so far\n`);
      for (const wanted of combinationsFor(met.models)) {
        const result = await verify(model, { ...wanted, all: true, coverage: false, liveness: rounds !== undefined });
        const steps = result.findings.filter(({ kind }) => !ROUNDS.includes(kind));
        expect(steps.map(({ signature }) => signature).sort()).toEqual(space.signatures);
        if (!result.finalStatesFolded) expect(result.finalStates).toBe(space.finalStates.length);
        if (result.verdict === 'verified') met.verified++;
        if (result.reductions.symmetry.used) met.folded++;
        if (rounds === undefined) continue;
        const kinds = new Set(result.findings.map(({ kind }) => kind));
        expect(kinds.has('livelock')).toBe(rounds.livelock);
        if (!rounds.livelock) expect(kinds.has('starvation')).toBe(rounds.starvation);
      }
      const { findings } = await explore(model, { schedules: 20, stepBound: 500, keepGoing: true, shrink: false });
      for (const { kind, signature } of findings) {
        if (!ROUNDS.includes(kind)) expect(space.signatures).toContain(signature);
      }
    }),
    { numRuns: MODELS, seed: SEED },
  );
  // The models were worth it.
  if (SWEEPS) process.stderr.write(`seed ${SEED}: ${JSON.stringify(met)}\n`);
  expect(Math.min(met.models, met.broken, met.verified, met.folded), JSON.stringify(met)).toBeGreaterThan(5);
}, 3_600_000);
