/**
 * A run ends where an op is refused, and what the others would have broken is not seen in it: so an op that may be refused
 * does not commute with theirs, though nobody else touches what it is on. Random models of ops that are refused, some of
 * them on what is an actor's own, against brute force.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { check, compileModel, defineModel, explore, type Model, verify } from '../../src/index.js';
import { spaceOf } from '../verify/reference.js';

const STEPS = ['own', 'shared', 'look', 'leak', 'throw', 'misuse'] as const;

const refusals: fc.Arbitrary<Model> = fc
  .array(fc.array(fc.constantFrom(...STEPS), { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 3 })
  .map((scripts) =>
    defineModel({
      name: 'refusals',
      build(m) {
        const shared = m.cell('shared');
        for (const [position, script] of scripts.entries()) {
          const own = m.cell(`own ${position}`);
          const lock = m.mutex(`lock ${position}`);
          m.actor(`actor ${position}`, function* routine() {
            for (const step of script) {
              if (step === 'own') yield* own.add(1);
              else if (step === 'shared') yield* shared.write(1);
              else if (step === 'look')
                yield* check((yield* shared.read()) === 0, 'somebody was here', { kind: 'lost-write' });
              else if (step === 'leak') yield* check(false, 'it never holds', { kind: 'leak' });
              else if (step === 'throw') throw new Error('it never gets here');
              else yield* lock.unlock();
            }
          });
        }
      },
    }),
  );

it('all kinds are found, whoever is refused at first', async () => {
  let several = 0;
  await fc.assert(
    fc.asyncProperty(refusals, async (model) => {
      const space = spaceOf(await compileModel(model), 5_000);
      const kinds = [...new Set(space?.signatures.map((text) => text.split(' ')[0]))].sort();
      if (kinds.length > 1) several++;
      for (const strategy of ['mixed', 'random', 'pct', 'pos', 'surw'] as const) {
        const { findings } = await explore(model, { strategy, schedules: 600, keepGoing: true, shrink: false });
        expect([...new Set(findings.map(({ kind }) => kind))].sort(), strategy).toEqual(kinds);
      }
      for (const por of [true, false]) {
        const { findings } = await verify(model, { all: true, por });
        expect([...new Set(findings.map(({ kind }) => kind))].sort(), `por ${por}`).toEqual(kinds);
      }
    }),
    { numRuns: 60, seed: 11 },
  );
  expect(several).toBeGreaterThan(20);
});
