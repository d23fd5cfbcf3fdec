/** Values of options. */
import { describe, expect, it } from 'vitest';
import { collectSetting, parseBudget, parseNames, parseSeed, splitAt } from '../../../src/cli/options/option-values.js';
import { InputError } from '../../../src/core/errors.js';

describe('parseSeed', () => {
  it.each([
    ['0', 0n],
    ['18446744073709551615', 2n ** 64n - 1n],
    ['0xFfffffffffffffff', 2n ** 64n - 1n],
    ['0x1f', 31n],
  ])('%s', (text, seed) => {
    expect(parseSeed(text)).toBe(seed);
  });

  it.each(['', '-1', '1.5', '1e3', '18446744073709551616', '0x', '0x10000000000000000', 'seed'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseSeed(text)).toThrow(InputError);
    },
  );
});

describe('parseBudget', () => {
  it.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['2m', 120_000],
    ['1.5h', 5_400_000],
    ['168h', 604_800_000],
  ])('%s', (text, budgetMs) => {
    expect(parseBudget(text)).toBe(budgetMs);
  });

  it.each(['', '10', '0s', '0.0001ms', '169h', '-3s', '10 s', '10 parsecs', '1e3s'])('refuses "%s"', (text) => {
    expect(() => parseBudget(text)).toThrow(/a time from 1ms to 168h/);
  });
});

it('the last setting of a name counts, and a value may hold "="', () => {
  const first = collectSetting('a=1', {});
  expect(collectSetting('a=b=c', first)).toEqual({ a: 'b=c' });
  expect(collectSetting('b=', first)).toEqual({ a: '1', b: '' });
  for (const text of ['a', '=1', '']) expect(() => collectSetting(text, {})).toThrow(/name=value/);
});

it('names stand between commas', () => {
  expect(parseNames('--schemes')('a, b,c')).toEqual(['a', 'b', 'c']);
  for (const text of ['', 'a,', ',a', 'a,,b']) expect(() => parseNames('--schemes')(text)).toThrow(InputError);
});

it('splits at the first separator', () => {
  expect(splitAt('a=b=c', '=')).toEqual(['a', 'b=c']);
  expect(splitAt('a', '=')).toEqual(['a', undefined]);
});
