/** Worker threads run what was built: scripts/setup brings dist up to date before the tests. */
import { describe, expect, it } from 'vitest';
import type { Model } from '../../src/index.js';
import { type VerifyResult, verify } from '../../src/verify/verify.js';
import { ticketLock } from '../oracles/classic/ticket-lock.js';
import { preparedness } from '../oracles/preparedness.js';
import { preparednessSymmetric } from '../oracles/preparedness-symmetric.js';

/** What must not depend on the number of threads. */
function comparable({ findings, ...result }: VerifyResult): object {
  const { verdict, states, transitions, depth, completed, deadlocked, finalStates, coverage, reductions } = result;
  const found = findings.map(({ signature, steps, kind }) => ({ signature, steps, kind }));
  return {
    ...{ verdict, states, transitions, depth, completed, deadlocked, finalStates, coverage, reductions },
    found: found.sort((left, right) => (left.signature < right.signature ? -1 : 1)),
  };
}

describe('several threads', () => {
  it.each<[string, Model, object]>([
    ['a space without findings', preparedness.with({ faults: 5 }), { symmetry: false, por: false }],
    ['interchangeable actors', preparednessSymmetric.with({ faults: 7 }), {}],
    ['several findings', ticketLock.with({ actors: 5, broken: true }), { symmetry: false }],
    [
      'only what the first finding needs',
      ticketLock.with({ actors: 5, broken: true }),
      { symmetry: false, all: false },
    ],
  ])(
    'say what one says: %s',
    async (_, model, reductions) => {
      const options = { all: true, lockOrder: false, liveness: false, ...reductions };
      const one = await verify(model, { ...options, workers: 1 });
      const two = await verify(model, { ...options, workers: 2 });
      expect(comparable(two)).toEqual(comparable(one));
      expect(one.workersUsed).toBe(1);
      if (one.states > 100_000) expect(two.workersUsed).toBe(2);
    },
    240_000,
  );

  it('stop at a bound', async () => {
    const { verdict, stoppedBy, states } = await verify(preparedness.with({ faults: 6 }), {
      ...{ all: true, symmetry: false, por: false, workers: 2, maxStates: 200_000, coverage: false },
    });
    expect({ verdict, stoppedBy }).toEqual({ verdict: 'inconclusive', stoppedBy: 'the bound of 200000 states' });
    expect(states).toBeLessThan(1_000_000);
  }, 120_000);

  it('stop when they are told to', async () => {
    const controller = new AbortController();
    const { verdict, interrupted, workersUsed } = await verify(preparedness.with({ faults: 6 }), {
      ...{ all: true, symmetry: false, por: false, workers: 2, coverage: false, signal: controller.signal },
      onProgress: ({ states }) => {
        if (states > 150_000) controller.abort();
      },
    });
    expect({ verdict, interrupted, workersUsed }).toEqual({
      verdict: 'inconclusive',
      interrupted: true,
      workersUsed: 2,
    });
  }, 120_000);

  it('are not started for a small space', async () => {
    expect((await verify(preparedness, { workers: 2 })).workersUsed).toBe(1);
  });
});
