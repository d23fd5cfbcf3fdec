/** Values that are written as text. */
import { expect, it } from 'vitest';
import { wholeParser } from '../../../src/gmem/scenarios/input-value.js';

it('a whole number lies within its bounds', () => {
  const parse = wholeParser('--depth', 1, 100);
  expect([parse('1'), parse('100')]).toEqual([1, 100]);
  for (const text of ['0', '101', '1.0', '', '+1', '1_0']) expect(() => parse(text)).toThrow(/--depth: depth is/);
});
