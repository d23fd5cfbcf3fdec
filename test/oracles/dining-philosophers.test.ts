/**
 * N dining philosophers, one meal: 6 / 168 / 98184 maximal interleavings for N = 2, 3, 4, of which 2 / 6 / 24 deadlock;
 * with ordered forks 2 / 142 / 64000 and no deadlock (design/oracles.md, third and fourth row).
 */
import { describe, expect, it } from 'vitest';
import { enumerateSchedules } from '../../src/explore/enumerate.js';
import { compileModel, defineModel } from '../../src/index.js';

const philosophers = defineModel({
  name: 'philosophers',
  parameters: { count: 2, ordered: false },
  registers: 0,
  build(m, p) {
    const forks = m.mutex('fork', { count: p.count });
    m.actors('philosopher', p.count, (left) => {
      const right = (left + 1) % p.count;
      const [first, second] = p.ordered && right < left ? [right, left] : [left, right];
      return function* dine() {
        yield* forks.at(first).lock();
        yield* forks.at(second).lock();
        yield* forks.at(second).unlock();
        yield* forks.at(first).unlock();
      };
    });
  },
});

describe('dining philosophers', () => {
  it.each([
    { count: 2, maximal: 6, deadlocked: 2 },
    { count: 3, maximal: 168, deadlocked: 6 },
    { count: 4, maximal: 98_184, deadlocked: 24 },
  ])('left fork first, N = $count: $maximal interleavings, $deadlocked deadlock', async ({ count, ...expected }) => {
    const found = enumerateSchedules(await compileModel(philosophers.with({ count })));
    expect({ maximal: found.maximal, deadlocked: found.deadlocked }).toEqual(expected);
  });

  it.each([
    { count: 2, maximal: 2 },
    { count: 3, maximal: 142 },
    { count: 4, maximal: 64_000 },
  ])('ordered forks, N = $count: $maximal interleavings, none deadlocks', async ({ count, maximal }) => {
    const found = enumerateSchedules(await compileModel(philosophers.with({ count, ordered: true })));
    expect({ maximal: found.maximal, deadlocked: found.deadlocked }).toEqual({ maximal, deadlocked: 0 });
  });
});
