/** Worker threads run what was built: scripts/setup brings dist up to date before the tests. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { withVcpus } from '../../src/gmem/scenarios/with-vcpus.js';
import {
  type BuiltinScenarioName,
  builtinScenario,
  builtinScenarioNames,
  defineModel,
  gmem,
  loadModel,
  type Model,
} from '../../src/index.js';
import { type VerifyResult, verify } from '../../src/verify/verify.js';
import { inOrder } from '../oracles/classic/abba.js';

/** What must not depend on the number of threads. */
function comparable(result: VerifyResult): object {
  const { program: _, workersUsed: __, bytesPerState: ___, ...same } = result;
  return same;
}

// Not the oracles themselves: a thread would transpile them and, behind them, the whole library.
const ticketLock = await fixture('./fixtures/ticket-lock.mjs');
const preparedness = await fixture('../live/fixtures/preparedness.mjs');

function fixture(path: string): Promise<Model> {
  return loadModel(fileURLToPath(new URL(path, import.meta.url)));
}

/** A model whose late values no walk meets: threads are surprised by them when the search is far. */
const gmemOfThree = (scheme: string): Model => {
  return gmem(withVcpus(builtinScenario('fault-vs-convert'), 3), scheme);
};

/** Each scenario under a scheme that is right in it, and some under one that breaks. */
const BUILT_IN: [BuiltinScenarioName, string][] = [
  ...builtinScenarioNames.map((scenario): [BuiltinScenarioName, string] => [scenario, 'v3-inplace']),
  ['fault-vs-punch', 'bitmap-nolock+unlock-before-hook'],
  ['fault-vs-convert', 'v2-hook-every-fault'],
  ['populate-vs-user-fault', 'bitmap-shared-lock'],
];

/** Each with another combination of reductions, so that all eight are searched by threads. */
const COMBINED = BUILT_IN.map(([scenario, scheme], place) => {
  return [scenario, scheme, { merge: (place & 1) !== 0, symmetry: (place & 2) !== 0, por: (place & 4) !== 0 }] as const;
});

describe('several threads', () => {
  it.each<[string, Model, object]>([
    ['a space without findings', preparedness.with({ faults: 5 }), { symmetry: false, por: false }],
    ['interchangeable actors', ticketLock.with({ actors: 8, broken: true }), { por: false }],
    ['several findings', ticketLock.with({ actors: 5, broken: true }), { symmetry: false }],
    ['values that were not met before', gmemOfThree('v2-hook-every-fault'), { symmetry: false, all: false }],
    [
      'a bound on states, with findings before it',
      ticketLock.with({ actors: 5, broken: true }),
      { symmetry: false, maxStates: 120_000 },
    ],
  ])(
    'say what one says, run by run: %s',
    async (_, model, reductions) => {
      const options = { all: true, lockOrder: false, liveness: false, ...reductions };
      const one = await verify(model, { ...options, workers: 1 });
      const two = await verify(model, { ...options, workers: 2, aloneUntil: 2_000 });
      expect(comparable(two)).toEqual(comparable(one));
      expect(one.workersUsed).toBe(1);
      expect(two.workersUsed).toBe(2);
    },
    240_000,
  );

  it.each(COMBINED)('say what one says of %s under %s, %o', async (scenario, scheme, reductions) => {
    const options = { all: true, ...reductions };
    const model = gmem(builtinScenario(scenario), scheme);
    const one = await verify(model, options);
    const two = await verify(model, { ...options, workers: 2, aloneUntil: 1 });
    expect(comparable(two)).toEqual(comparable(one));
    expect(two.workersUsed).toBe(2);
  });

  it.each([1, 100, 1_000])('say the same wherever they take over (%i states)', async (aloneUntil) => {
    const options = { all: true, lockOrder: false, liveness: false, symmetry: false };
    const model = ticketLock.with({ actors: 4, broken: true });
    const one = await verify(model, { ...options, workers: 1 });
    const two = await verify(model, { ...options, workers: 2, aloneUntil });
    expect(comparable(two)).toEqual(comparable(one));
    expect(two.workersUsed).toBe(2);
  });

  it('stop at a bound', async () => {
    const { verdict, stoppedBy, states } = await verify(preparedness.with({ faults: 6 }), {
      ...{ all: true, symmetry: false, por: false, workers: 2, aloneUntil: 2_000 },
      ...{ maxStates: 200_000, coverage: false },
    });
    expect({ verdict, stoppedBy }).toEqual({ verdict: 'inconclusive', stoppedBy: 'the bound of 200000 states' });
    expect(states).toBeLessThan(1_000_000);
  }, 600_000);

  it('stop when they are told to', async () => {
    const controller = new AbortController();
    const { verdict, interrupted, workersUsed } = await verify(preparedness.with({ faults: 6 }), {
      ...{ all: true, symmetry: false, por: false, workers: 2, aloneUntil: 2_000 },
      ...{ coverage: false, signal: controller.signal },
      onProgress: ({ states }) => {
        if (states > 150_000) controller.abort();
      },
    });
    expect({ verdict, interrupted, workersUsed }).toEqual({
      verdict: 'inconclusive',
      interrupted: true,
      workersUsed: 2,
    });
  }, 600_000);

  it('look for the order of locks where one does, were they taken in no walk', async () => {
    const model = defineModel({
      name: 'rare-locks',
      source: import.meta.url,
      build(m) {
        const [a, b, seen] = [m.mutex('a'), m.mutex('b'), m.cell('seen')];
        m.actor('both', function* both() {
          // Each of twenty reads has to come between two of the other's writes.
          for (let i = 1; i <= 20; i++) if ((yield* seen.read()) !== i) return;
          yield* inOrder(a, b);
          yield* inOrder(b, a);
        });
        m.actor('other', function* other() {
          for (let i = 1; i <= 20; i++) yield* seen.write(i);
        });
      },
    });
    const [one, two] = [await verify(model), await verify(model, { workers: 2 })];
    expect(one.findings.map(({ kind }) => kind)).toEqual(['lock-order']);
    expect(comparable(two)).toEqual(comparable(one));
  });

  it('do not share levels of a state or two', async () => {
    const chain = defineModel({
      name: 'chain',
      source: import.meta.url,
      build(m) {
        const cell = m.cell('cell');
        m.actor('counts', function* counts() {
          for (let i = 0; i < 300; i++) yield* cell.write(i);
        });
      },
    });
    const { workersUsed, verdict, states } = await verify(chain, { workers: 2, aloneUntil: 200 });
    expect({ workersUsed, verdict, states }).toEqual({ workersUsed: 1, verdict: 'verified', states: 301 });
  });

  it('are not started for a small space', async () => {
    expect((await verify(preparedness, { workers: 2 })).workersUsed).toBe(1);
  });
});
