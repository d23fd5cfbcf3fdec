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
});
