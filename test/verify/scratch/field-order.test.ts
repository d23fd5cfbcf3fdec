/** The fields of a state that vary least come first in a sorted run. */
import { expect, it } from 'vitest';
import { Packing } from '../../../src/space/pack.js';
import { StateTable } from '../../../src/space/state-table.js';
import { fieldOrder } from '../../../src/verify/scratch/field-order.js';

it('a field that never changes, one that does once, one of two values, one of eight', () => {
  const packing = new Packing(Int32Array.from([0, 0, 0, 0]));
  const rowOf = (i: number) => Int32Array.from([i % 8, i === 5 ? 1 : 0, 0, i % 2]);
  for (let i = 0; i < 64; i++) for (const [field, value] of rowOf(i).entries()) packing.learn(field, value);
  packing.relayout();
  const table = new StateTable(packing.places.width);
  const packed = new Int32Array(table.width);
  for (let i = 0; i < 64; i++) {
    packing.pack(rowOf(i), packed, 0);
    table.add(packed, 0, -1);
  }
  expect([...fieldOrder(table, packing)]).toEqual([2, 1, 3, 0]);
});
