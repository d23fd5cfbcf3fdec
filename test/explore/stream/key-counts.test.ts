/** Counting by keys of two words is counting by their text. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KeyCounts } from '../../../src/explore/stream/key-counts.js';

it('counts each key by itself, many of them', () => {
  const half = fc.oneof(fc.integer(), fc.nat(9));
  fc.assert(
    fc.property(fc.array(fc.tuple(half, half), { maxLength: 500 }), (keys) => {
      const counts = new KeyCounts();
      const expected = new Map<string, number>();
      for (const [first, second] of keys) {
        const before = expected.get(`${first} ${second}`) ?? 0;
        expect(counts.of(first, second)).toBe(before);
        expect(counts.add(first, second)).toBe(before);
        expected.set(`${first} ${second}`, before + 1);
      }
      for (const [first, second] of keys) {
        expect(counts.of(first, second)).toBe(expected.get(`${first} ${second}`));
      }
    }),
  );
});
