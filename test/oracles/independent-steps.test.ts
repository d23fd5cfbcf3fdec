/** Two actors with n and m independent steps: (n+m)! / (n! m!) interleavings (design/oracles.md, first row). */
import { describe, expect, it } from 'vitest';
import { enumerateSchedules } from '../../src/explore/enumerate.js';
import { compileModel, defineModel } from '../../src/index.js';

const independent = defineModel({
  name: 'independent',
  parameters: { n: 1, m: 1 },
  registers: 0,
  build(m, p) {
    const cells = [m.cell('left'), m.cell('right')] as const;
    for (const [side, steps] of [p.n, p.m].entries()) {
      m.actor(`actor${side}`, function* work() {
        for (let step = 0; step < steps; step++) yield* cells[side].write(step);
      });
    }
  },
});

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

describe('two actors with independent steps', () => {
  it.each([
    [1, 1],
    [3, 2],
    [5, 5],
    [1, 12],
    [10, 8],
  ])('interleave in (n+m)! / (n! m!) ways: n = %i, m = %i', async (n, m) => {
    const { maximal, completed, finalStates } = enumerateSchedules(await compileModel(independent.with({ n, m })));
    const expected = factorial(n + m) / (factorial(n) * factorial(m));
    expect({ maximal, completed, finalStates }).toEqual({ maximal: expected, completed: expected, finalStates: 1 });
  });
});
