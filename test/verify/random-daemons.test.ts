/** Beside daemons that rest, poll or go round for ever, verify and explore ask at the end what a search by brute force does. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { explore } from '../../src/explore/explore.js';
import { compileModel } from '../../src/index.js';
import { verify } from '../../src/verify/verify.js';
import { randomDaemonModel } from './random-daemon-model.js';
import { spaceOf } from './reference.js';

const REDUCTIONS = [
  { merge: true, symmetry: true, por: true },
  { merge: false, symmetry: false, por: false },
];
/** Kinds that come from the graph of states and not from an end. */
const ROUNDS = ['livelock', 'starvation', 'lock-order'];

it('whatever the reductions, and in schedules as well', async () => {
  const met = { models: 0, goingRound: 0, resting: 0, broken: 0, brokenBeside: 0, clean: 0 };
  await fc.assert(
    fc.asyncProperty(randomDaemonModel, async (model) => {
      const space = spaceOf(await compileModel(model), 120);
      if (space === undefined) return;
      met.models++;
      let beside = 0;
      for (const wanted of REDUCTIONS) {
        const result = await verify(model, { ...wanted, all: true, coverage: false });
        const ends = result.findings.filter(({ kind }) => !ROUNDS.includes(kind));
        expect(ends.map(({ signature }) => signature).sort()).toEqual(space.signatures);
        expect(result.finalStates).toBe(space.finalStates.length);
        beside = result.endsBesideDaemons;
        if (result.completed > 0) met.resting++;
      }
      const { findings, stats } = await explore(model, { schedules: 256, keepGoing: true, shrink: false });
      const found = findings.filter(({ kind }) => !ROUNDS.includes(kind)).map(({ signature }) => signature);
      expect(space.signatures).toEqual(expect.arrayContaining(found));
      expect(found.length).toBe(space.signatures.length);
      expect(stats.bounded).toBe(0);
      if (beside > 0) met.goingRound++;
      if (space.signatures.length > 0) met.broken++;
      else met.clean++;
      if (space.signatures.length > 0 && beside > 0) met.brokenBeside++;
    }),
    // A fixed seed, because the counts below are about the models that it gives.
    { numRuns: 40, seed: 1 },
  );
  // The models were worth it.
  for (const [what, count] of Object.entries(met)) expect(count, what).toBeGreaterThan(5);
}, 120_000);
