import { expect, test } from 'vitest';
import { shortHash } from '../../src/core/short-hash.js';

test('is eight hex digits, the same every time', () => {
  // First 32 bits of SHA-256 over '["a"]', by sha256sum.
  expect(shortHash('a')).toBe('0eb5b8d6');
});

test('tells apart where one part ends and the next begins', () => {
  expect(shortHash('ab', 'c')).not.toBe(shortHash('a', 'bc'));
});
