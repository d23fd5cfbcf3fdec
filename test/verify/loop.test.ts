/** Loops that carry values, against plain loops that do the same ops. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NODE_WORDS } from '../../src/core/automaton/automaton.js';
import { compileModel, enumerateSchedules, type Model, type VerifyOptions, verify } from '../../src/index.js';
import { twins } from '../core/ops/random-loop.js';

const PLAIN: VerifyOptions = { merge: false, por: false, symmetry: false };
const REDUCTIONS: VerifyOptions[] = [
  {},
  { merge: false },
  { por: false },
  { symmetry: false },
  PLAIN,
  { order: 'depth-first' },
];

async function answerOf(model: Model, options: VerifyOptions) {
  const result = await verify(model, { all: true, lockOrder: false, coverage: false, maxStates: 3_000, ...options });
  if (result.stoppedBy !== undefined) return undefined;
  return {
    verdict: result.verdict,
    kinds: [...new Set(result.findings.map(({ kind }) => kind))].sort(),
    finalStates: result.finalStatesFolded ? undefined : result.finalStates,
  };
}

describe('a loop that carries values is what a plain loop is', () => {
  it('in every schedule', async () => {
    const seen = { rounds: 0, refs: 0 };
    await fc.assert(
      fc.asyncProperty(twins(false), async ({ loops, plain }) => {
        const limits = { limit: 2_000, stepBound: 60 };
        const [left, right] = [await compileModel(loops), await compileModel(plain)];
        expect(enumerateSchedules(left, limits)).toEqual(enumerateSchedules(right, limits));
        const { automaton } = left;
        if (automaton.infos.some(({ entered }) => entered.length > 0)) seen.rounds++;
        if (automaton.infos.some((_, number) => automaton.keptAt(number * NODE_WORDS) !== undefined)) seen.refs++;
      }),
      { seed: 9, numRuns: 60 },
    );
    expect(seen.rounds).toBeGreaterThan(20);
    expect(seen.refs).toBeGreaterThan(0);
  });

  it('to verify, with every reduction and without', async () => {
    let compared = 0;
    let next = 0;
    await fc.assert(
      fc.asyncProperty(twins(true), async ({ loops, plain }) => {
        const expected = await answerOf(plain, PLAIN);
        fc.pre(expected !== undefined);
        for (const options of [REDUCTIONS[0], REDUCTIONS[++next % REDUCTIONS.length]]) {
          expect(await answerOf(loops, options)).toEqual(expected);
        }
        compared++;
      }),
      { seed: 9, numRuns: 10 },
    );
    expect(compared).toBeGreaterThan(6);
  });
});
