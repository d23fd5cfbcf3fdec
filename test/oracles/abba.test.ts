/** ABBA: 6 maximal interleavings, 4 complete and 2 deadlocked (design/oracles.md, second row). */
import { expect, it } from 'vitest';
import { enumerateSchedules } from '../../src/explore/enumerate.js';
import { compileModel, defineModel } from '../../src/index.js';

const abba = defineModel({
  name: 'abba',
  registers: 0,
  build(m) {
    const a = m.mutex('a');
    const b = m.mutex('b');
    for (const [first, second] of [
      [a, b],
      [b, a],
    ] as const) {
      m.actor(first === a ? 'ab' : 'ba', function* path() {
        yield* first.lock();
        yield* second.lock();
        yield* second.unlock();
        yield* first.unlock();
      });
    }
  },
});

it('ABBA has 6 maximal interleavings: 4 complete, 2 deadlocked', async () => {
  const { maximal, completed, deadlocked } = enumerateSchedules(await compileModel(abba));
  expect({ maximal, completed, deadlocked }).toEqual({ maximal: 6, completed: 4, deadlocked: 2 });
});
