import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Packing } from '../../src/space/pack.js';
import { StateTable } from '../../src/space/state-table.js';

const width = fc.integer({ min: 1, max: 4 });

describe('state table', () => {
  it('numbers states in the order of their first coming and keeps the parent of that', () => {
    fc.assert(
      fc.property(
        width.chain((words) =>
          fc.array(fc.array(fc.integer({ min: -2, max: 2 }), { minLength: words, maxLength: words }), {
            maxLength: 300,
          }),
        ),
        fc.integer({ min: 1, max: 40 }),
        (states, batch) => {
          const words = states[0]?.length ?? 1;
          const table = new StateTable(words);
          const numbers = new Map<string, number>();
          const parents: number[] = [];
          for (let at = 0; at < states.length; at += batch) {
            const part = states.slice(at, at + batch);
            const found = new Int32Array(part.length);
            table.addBatch(
              Int32Array.from(part.flat()),
              part.length,
              Int32Array.from(part, (_, i) => at + i),
              found,
            );
            part.forEach((state, i) => {
              const key = state.join();
              if (!numbers.has(key)) {
                numbers.set(key, numbers.size);
                parents.push(at + i);
              }
              expect(found[i]).toBe(numbers.get(key));
            });
          }
          expect(table.size).toBe(numbers.size);
          expect([...table.parents.subarray(0, table.size)]).toEqual(parents);
          for (const state of states) expect(table.find(Int32Array.from(state), 0)).toBe(numbers.get(state.join()));
          expect(
            table.find(
              Int32Array.from({ length: words }, () => 99),
              0,
            ),
          ).toBe(-1);
        },
      ),
    );
  });

  it('keeps every state when a hundred thousand come and the packing is laid out anew', () => {
    const packing = new Packing(Int32Array.of(0, 0));
    for (const [field, most] of [
      [0, 511],
      [1, 255],
    ]) {
      for (let value = 0; value <= most; value++) packing.learn(field, value);
    }
    packing.relayout();
    const table = new StateTable(packing.places.width);
    const word = new Int32Array(1);
    let misnumbered = 0;
    for (let number = 0; number < 0x20000; number++) {
      packing.pack(Int32Array.of(number & 511, number >> 9), word, 0);
      if (table.add(word, 0, number - 1) !== number) misnumbered++;
    }
    expect(misnumbered).toBe(0);
    packing.learn(1, 256);
    table.relayout(packing, packing.relayout());
    for (let number = 0; number < 0x20000; number += 997) {
      packing.pack(Int32Array.of(number & 511, number >> 9), word, 0);
      expect(table.find(word, 0)).toBe(number);
    }
    expect(table.bytes / table.size).toBeLessThan(32);
  });
});
