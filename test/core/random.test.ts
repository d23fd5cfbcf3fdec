/** Random numbers: the same everywhere, independent by stream, even within a bound. */
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/random.js';

function numbers(random: Random, count = 5): number[] {
  return Array.from({ length: count }, () => random.next());
}

describe('a stream', () => {
  it('depends on its seed and its number and on nothing else', () => {
    expect(numbers(new Random(7n, 3))).toEqual(numbers(new Random(7n, 3)));
    const others = [new Random(7n, 4), new Random(8n, 3), new Random(7n + (1n << 32n), 3)].map((other) =>
      numbers(other),
    );
    for (const other of others) expect(other).not.toEqual(numbers(new Random(7n, 3)));
  });

  it('is the same on every machine', () => {
    expect(numbers(new Random(1n, 0), 3)).toMatchInlineSnapshot(`
      [
        1111197049,
        1059671008,
        1969506852,
      ]
    `);
  });
});

describe('a bounded number', () => {
  // Small bounds are drawn in integers, large ones by way of doubles.
  it.each([1, 2, 3, 7, 30, 32, 33, 1000])('below %d lies below it and is even', (bound) => {
    const random = new Random(42n);
    const counts = new Map<number, number>();
    const draws = 20_000;
    for (let i = 0; i < draws; i++) {
      const drawn = random.below(bound);
      expect(Number.isInteger(drawn) && drawn >= 0 && drawn < bound).toBe(true);
      counts.set(drawn, (counts.get(drawn) ?? 0) + 1);
    }
    // Chi-squared with bound - 1 degrees of freedom: five standard deviations above its mean.
    const expected = draws / bound;
    let chi = 0;
    for (let value = 0; value < bound; value++) chi += ((counts.get(value) ?? 0) - expected) ** 2 / expected;
    expect(chi).toBeLessThanOrEqual(bound - 1 + 5 * Math.sqrt(2 * bound));
  });
});
