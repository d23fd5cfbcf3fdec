import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moveState, Packing } from '../../src/space/pack.js';

const value = fc.oneof(fc.integer({ min: -3, max: 6 }), fc.integer(), fc.constantFrom(-0x80000000, 0x7fffffff, 70_000));
const rows = fc
  .integer({ min: 1, max: 12 })
  .chain((fields) =>
    fc.array(fc.array(value, { minLength: fields, maxLength: fields }), { minLength: 1, maxLength: 60 }),
  )
  .map((found) => found.map((row) => Int32Array.from(row)));

/** Packs a row, learning what is new; `onMove` moves what was packed before. */
function packed(packing: Packing, row: Int32Array, onMove: (before: Packing['places']) => void): Int32Array {
  const overflows = Array.from(row, (field, i) => packing.learn(i, field)).some((overflow) => overflow);
  if (overflows) onMove(packing.relayout());
  const out = new Int32Array(packing.places.width);
  expect(packing.pack(row, out, 0)).toBe(true);
  return out;
}

describe('packing', () => {
  it('gives back every state, and different words to different states, whatever came in between', () => {
    fc.assert(
      fc.property(rows, (found) => {
        const packing = new Packing(found[0]);
        let kept: Int32Array[] = [];
        for (const row of found) {
          const out = packed(packing, row, (before) => {
            const moves = packing.movesFrom(before);
            kept = kept.map((old) => {
              const moved = new Int32Array(packing.places.width);
              moveState(moves, old, 0, moved, 0);
              return moved;
            });
          });
          kept.push(out);
        }
        const state = new Int32Array(found[0].length);
        found.forEach((row, i) => {
          state.set(found[0]);
          packing.unpack(kept[i], 0, state);
          expect([...state]).toEqual([...row]);
        });
        expect(new Set(kept.map((out) => out.join())).size).toBe(new Set(found.map((row) => row.join())).size);
      }),
    );
  });

  it('replaces one field and leaves the others', () => {
    fc.assert(
      fc.property(rows, fc.nat(), (found, pick) => {
        const packing = new Packing(found[0]);
        for (const row of found) packed(packing, row, () => {});
        const from = found[pick % found.length];
        const field = pick % from.length;
        const out = new Int32Array(packing.places.width);
        packing.pack(found[0], out, 0);
        expect(packing.set(out, 0, field, from[field])).toBe(true);
        const state = found[0].slice();
        packing.unpack(out, 0, state);
        expect([...state]).toEqual(Array.from(found[0], (old, i) => (i === field ? from[field] : old)));
      }),
    );
  });

  it('spends no bits on fields that never change, and on the others one more than they need once they have grown', () => {
    const packing = new Packing(Int32Array.of(5, 5, 5));
    for (const last of [-1, 0, 1, 2]) if (packing.learn(2, last)) packing.relayout();
    packing.learn(1, 6);
    packing.relayout();
    expect(packing.bits).toBe(2 + 3);
    expect(packing.places.width).toBe(1);
  });

  it('gives a field as many bits as its kin where a state takes no more words for that', () => {
    const values = Array.from({ length: 100 }, (_, value) => value);
    const bitsOf = (fields: number): number => {
      const kin = Array.from({ length: fields }, (_, field) => field);
      const packing = new Packing(new Int32Array(fields), [kin]);
      for (const value of values) packing.learn(0, value);
      packing.relayout();
      expect(packing.places.width).toBe(1);
      return Math.log2(packing.places.mask[fields - 1] + 1);
    };
    expect(bitsOf(4)).toBe(7);
    expect(bitsOf(5)).toBe(4);
  });

  it('leaves in their places the fields that have not grown, where a state takes no more words for that', () => {
    const packing = new Packing(Int32Array.of(0, 0, 0));
    for (const field of [0, 1]) for (const value of [1, 2, 3]) packing.learn(field, value);
    packing.relayout();
    const before = packing.places;
    for (const value of [4, 5, 6, 7, 8]) packing.learn(1, value);
    packing.learn(2, 1);
    packing.relayout();
    const { word, shift, width } = packing.places;
    expect([word[0], shift[0], width]).toEqual([before.word[0], before.shift[0], 1]);
    expect(packing.movesFrom(before).list.length).toBeLessThanOrEqual(2 * 4);
  });

  it('says that a value is new instead of packing it', () => {
    const packing = new Packing(Int32Array.of(0));
    expect(packing.set(new Int32Array(1), 0, 0, 1)).toBe(false);
    expect(packing.codeOf(0, 1)).toBe(-1);
  });

  it('in an order of fields, is sorted by their codes, and stays so when fields get more bits', () => {
    const numberOf = (state: Int32Array): bigint =>
      state.reduceRight((sum, each) => (sum << 32n) | BigInt(each >>> 0), 0n);
    fc.assert(
      fc.property(rows, fc.nat(), (found, turn) => {
        const fields = found[0].length;
        const order = Int32Array.from({ length: fields }, (_, i) => (i * 5 + turn) % fields);
        fc.pre(new Set(order).size === fields);
        const packing = new Packing(found[0], [], order);
        let kept: Int32Array[] = [];
        for (const row of found) {
          const out = packed(packing, row, (before) => {
            const moves = packing.movesFrom(before);
            const by = kept.map(numberOf);
            kept = kept.map((old) => {
              const moved = new Int32Array(packing.places.width);
              moveState(moves, old, 0, moved, 0);
              return moved;
            });
            const after = kept.map(numberOf);
            for (let i = 1; i < by.length; i++) expect(after[i - 1] < after[i]).toBe(by[i - 1] < by[i]);
          });
          kept.push(out);
        }
        expect(packing.places.width % 2).toBe(0);
        const codes = found.map((row) => Array.from(order, (field) => packing.codeOf(field, row[field])));
        const numbers = kept.map(numberOf);
        for (let i = 1; i < found.length; i++) {
          const place = codes[i].findIndex((code, at) => code !== codes[i - 1][at]);
          const isBefore = place >= 0 && codes[i - 1][place] < codes[i][place];
          expect(numbers[i - 1] < numbers[i]).toBe(isBefore);
        }
      }),
      { numRuns: 300, seed: 5 },
    );
  });
});
