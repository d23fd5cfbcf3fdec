import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countText, plural, rateText, secondsText, shareText, timeText } from '../../src/report/quantities.js';

it.each([
  [0, '0 ns'],
  [681, '681 ns'],
  [999, '999 ns'],
  [1000, '1.00 us'],
  [4099, '4.10 us'],
  [99_949, '99.9 us'],
  [153_343, '153 us'],
  [999_499, '999 us'],
  [999_500, '1.00 ms'],
  [2_822_143, '2.82 ms'],
  [1.2e9, '1.20 s'],
  [7.2e12, '7200 s'],
])('a time of %d ns is %s', (nanoseconds, text) => {
  expect(timeText(nanoseconds)).toBe(text);
});

it.each([
  [0, 10, '0 %'],
  [3, 0, '0 %'],
  [1, 1_000_000, '< 0.01 %'],
  [28, 10_000, '0.28 %'],
  [1, 8, '12.5 %'],
  [1, 1, '100 %'],
])('%d of %d is %s', (part, whole, text) => {
  expect(shareText(part, whole)).toBe(text);
});

it.each([
  [0, '0'],
  [7, '7'],
  [9.87, '9.9'],
  [850.4, '850'],
  [999.6, '1.0k'],
  [12_480, '12.5k'],
  [176_200, '176k'],
  [3_400_000, '3.4M'],
])('a rate of %d is %s', (perSecond, text) => {
  expect(rateText(perSecond)).toBe(text);
});

it.each([
  [0.254, '0.25 s'],
  [9.84, '9.8 s'],
  [600.2, '600 s'],
])('%d seconds are %s', (seconds, text) => {
  expect(secondsText(seconds)).toBe(text);
});

it('counts have commas', () => {
  expect(countText(1_234_567)).toBe('1,234,567');
});

it('a time loses no more than half a percent and never takes more than seven characters', () => {
  const factors: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 999_000_000_000 }), (nanoseconds) => {
      const text = timeText(nanoseconds);
      const [value, unit] = text.split(' ');
      expect(Math.abs(Number(value) * factors[unit] - nanoseconds)).toBeLessThanOrEqual(0.0051 * nanoseconds);
      expect(text.length).toBeLessThanOrEqual(7);
    }),
  );
});

it.each([
  [0, 'step', '0 steps'],
  [1, 'step', '1 step'],
  [1_234, 'context switch', '1,234 context switches'],
  [2, 'epoch', '2 epochs'],
  [3, 'retry', '3 retries'],
  [2, 'day', '2 days'],
  [2, 'class', '2 classes'],
  [1, 'epoch', '1 epoch'],
])('%d of %s is %s', (number, noun, text) => {
  expect(plural(number, noun)).toBe(text);
});

it('a count has its digits in groups of three, as English writes them', () => {
  fc.assert(
    fc.property(fc.oneof(fc.maxSafeNat(), fc.nat(10_000_000), fc.double({ min: 0.5, noNaN: true })), (count) => {
      expect(countText(count)).toBe(Math.round(count).toLocaleString('en'));
    }),
  );
});
