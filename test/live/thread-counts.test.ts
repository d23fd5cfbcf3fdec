import { expect, it } from 'vitest';
import { Outcome } from '../../src/live/live-settings.js';
import { takeCounts } from '../../src/live/thread-counts.js';
import { compileModel } from '../../src/model/model.js';
import { fixture } from './fixtures/index.js';
import { liveExecutorOf } from './side-by-side.js';

it('calls, results, functions, retries and locks are counted from ends and jumps alone', async () => {
  const { executor } = liveExecutorOf(await compileModel(await fixture('visits')));
  expect(executor.run(0, 1000)).toBe(Outcome.Done);
  expect(takeCounts(executor.nodes)).toEqual({
    calls: [
      {
        ...{ name: 'work', completed: 4, faults: 4 },
        results: [
          { value: 3, count: 1 },
          { value: 0, count: 3 },
        ],
      },
      { name: 'plain', completed: 2, faults: 0, results: [{ value: 0, count: 2 }] },
    ],
    // The first call went round the loop three times; the loop lies in `outer`, whose visits it does not add to.
    retries: [{ function: 'outer', retries: 3 }],
    locks: [{ name: 'mutex', acquisitions: 7, contended: 0, waitedMs: 0 }],
    functions: [
      { function: 'outer', visits: 4 },
      { function: 'inner', visits: 7 },
    ],
  });
  // What was taken is not counted again.
  expect(takeCounts(executor.nodes)).toEqual({ calls: [], retries: [], locks: [], functions: [] });
});
