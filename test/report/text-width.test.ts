import { expect, it } from 'vitest';
import { fitting, padded, widthOf } from '../../src/report/text-width.js';

it.each([
  ['', 0],
  ['abc', 3],
  ['\u9501', 2],
  ['e\u0301', 1],
  ['\u{1f512}', 2],
  ['\u{1f469}\u200d\u{1f4bb}', 2],
])('%j takes its places', (text, width) => {
  expect(widthOf(text)).toBe(width);
});

it('is padded to places, not to characters', () => {
  expect(padded('\u9501', 4)).toBe('\u9501  ');
  expect(padded('abcde', 4)).toBe('abcde');
});

it.each([
  ['abc', 2, 2],
  ['abc', 9, 3],
  ['\u9501\u5b9a', 3, 1],
  ['\u9501\u5b9a', 1, 1],
  ['e\u0301x', 1, 2],
  ['\u{1f469}\u200d\u{1f4bb}x', 2, 5],
])('of %j in %d places %d units fit', (text, width, units) => {
  expect(fitting(text, width)).toBe(units);
});
