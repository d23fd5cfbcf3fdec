import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fairnessOf } from '../../src/report/fairness.js';

it('is 1 when all did the same, and 1/n when one did everything', () => {
  expect(fairnessOf([5, 5, 5])).toEqual({ slowestToFastest: 1, jain: 1 });
  expect(fairnessOf([0, 8, 0, 0])).toEqual({ slowestToFastest: 0, jain: 0.25 });
});

it('follows the formula in between: 1, 2, 3 and 4 give 10^2 / (4 * 30)', () => {
  expect(fairnessOf([1, 2, 3, 4])).toEqual({ slowestToFastest: 0.25, jain: 100 / 120 });
});

it('there is none for fewer than two, or when nobody did anything', () => {
  expect(fairnessOf([])).toBeUndefined();
  expect(fairnessOf([7])).toBeUndefined();
  expect(fairnessOf([0, 0])).toBeUndefined();
});

it("Jain's index lies between 1/n and 1, whatever the unit", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(1e9), { minLength: 2, maxLength: 30 }),
      fc.integer({ min: 2, max: 1000 }),
      (all, unit) => {
        const fairness = fairnessOf(all);
        fc.pre(fairness !== undefined);
        expect(fairness!.jain).toBeGreaterThanOrEqual(1 / all.length - 1e-9);
        expect(fairness!.jain).toBeLessThanOrEqual(1 + 1e-9);
        expect(fairnessOf(all.map((amount) => amount * unit))!.jain).toBeCloseTo(fairness!.jain, 9);
      },
    ),
  );
});
