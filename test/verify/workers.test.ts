/** Worker threads run what was built: scripts/setup brings dist up to date before the tests. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  type BuiltinScenarioName,
  builtinScenario,
  defineModel,
  gmem,
  loadModel,
  type Model,
} from '../../src/index.js';
import { Surprise } from '../../src/space/met.js';
import { ParallelSearch } from '../../src/verify/parallel.js';
import { type VerifyResult, verify } from '../../src/verify/verify.js';
import { inOrder } from '../oracles/classic/abba.js';

/** What must not depend on the number of threads. */
function comparable(result: VerifyResult): object {
  const { program: _, workersUsed: __, bytesPerState: ___, ...same } = result;
  return same;
}

// Not the oracles themselves: a thread would transpile them and, behind them, the whole library.
const ticketLock = await fixture('./fixtures/ticket-lock.mjs');
const lateValues = await fixture('./fixtures/late-values.mjs');
const preparedness = await fixture('../live/fixtures/preparedness.mjs');

function fixture(path: string): Promise<Model> {
  return loadModel(fileURLToPath(new URL(path, import.meta.url)));
}

/**
 * What guest_memfd has besides faults alone, under a scheme that is right there and under one that breaks. To start two
 * threads takes longer than any of these searches, so there is one for each combination of reductions.
 */
const BUILT_IN: [BuiltinScenarioName, string][] = [
  ['neighbours', 'v3-inplace'],
  ['fault-vs-punch', 'bitmap-nolock+unlock-before-hook'],
  ['hook-fails', 'v3-inplace'],
  ['populate-vs-fault', 'v3-inplace'],
  ['fault-vs-convert', 'v2-hook-every-fault'],
  ['convert-there-and-back', 'v3-inplace'],
  ['populate-vs-user-fault', 'bitmap-shared-lock'],
  ['user-fault-vs-convert', 'v3-inplace'],
];

/** Each with another combination of reductions, so that all eight are searched by threads. */
const COMBINED = BUILT_IN.map(([scenario, scheme], place) => {
  return [scenario, scheme, { merge: (place & 1) !== 0, symmetry: (place & 2) !== 0, por: (place & 4) !== 0 }] as const;
});

describe('several threads', () => {
  it.each<[string, Model, object]>([
    ['a space without findings', preparedness.with({ faults: 4 }), { symmetry: false, por: false }],
    ['interchangeable actors', ticketLock.with({ actors: 6, broken: true }), { por: false }],
    ['several findings', ticketLock.with({ actors: 4, broken: true }), { symmetry: false }],
    [
      'a bound on states, with findings before it',
      ticketLock.with({ actors: 4, broken: true }),
      { symmetry: false, maxStates: 9_000 },
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

  // At the first state and at 2,000 they do above.
  it('say the same when they take over at 100 states', async () => {
    const options = { all: true, lockOrder: false, liveness: false, symmetry: false };
    const model = ticketLock.with({ actors: 4, broken: true });
    const one = await verify(model, { ...options, workers: 1 });
    const two = await verify(model, { ...options, workers: 2, aloneUntil: 100 });
    expect(comparable(two)).toEqual(comparable(one));
    expect(two.workersUsed).toBe(2);
  });

  it('say the same when they meet what nobody had met before', async () => {
    const search = vi.spyOn(ParallelSearch.prototype, 'run');
    onTestFinished(() => search.mockRestore());
    const options = { all: true, lockOrder: false, liveness: false };
    const one = await verify(lateValues, { ...options, workers: 1 });
    const two = await verify(lateValues, { ...options, workers: 2, aloneUntil: 100 });
    expect(comparable(two)).toEqual(comparable(one));
    expect([one.findings.length, two.workersUsed]).toEqual([1, 2]);
    const searches = await Promise.allSettled(search.mock.results.map(({ value }) => value));
    expect(searches.filter((each) => each.status === 'rejected' && each.reason instanceof Surprise)).not.toEqual([]);
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

  it.each([false, true])('come to the same with kernels and without, order reduction: %s', async (por) => {
    const model = gmem(builtinScenario('fault-vs-punch'), 'v3-inplace');
    const options = { ...{ workers: 2, aloneUntil: 500, symmetry: false, por }, all: true } as const;
    const kernels = await verify(model, options);
    const none = await verify(model, { ...options, kernel: false });
    expect([kernels.workersUsed, none.workersUsed]).toEqual([2, 2]);
    expect(comparable(kernels)).toEqual(comparable(none));
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
