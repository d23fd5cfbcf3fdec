/** Memslots as numbers: which of them has a gfn, and which shows a page of the file. */
import { describe, expect, it } from 'vitest';
import { shiftOf, slotAt, slotShowing } from '../../../src/gmem/scenarios/slots.js';

const low = { gfn: 4, pages: 2, index: 1 };
const high = { gfn: 9, pages: 1, index: 0 };

describe('a memslot', () => {
  it.each([
    [3, undefined],
    [4, low],
    [5, low],
    [6, undefined],
    [9, high],
  ])('of gfn %i', (gfn, slot) => {
    expect(slotAt([low, high], gfn)).toBe(slot);
  });

  it.each([
    [0, high],
    [1, low],
    [2, low],
    [3, undefined],
  ])('that shows page %i', (page, slot) => {
    expect(slotShowing([low, high], page)).toBe(slot);
  });

  it('has its gfns as far from its pages, the first as the last', () => {
    expect([low, high].map(shiftOf)).toEqual([3, 9]);
  });
});
