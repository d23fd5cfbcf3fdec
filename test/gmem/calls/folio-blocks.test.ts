/** Folios in blocks: what is allocated where, and what goes back. */
import { describe, expect, it } from 'vitest';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { play } from '../stage.js';

const SCHEME = 'v3-inplace+clear-whole-folio';
const allocate = (gfn: number, count = 1): CallSpec => ({ call: 'allocate', gfn, count });
const read = (gfn: number): CallSpec => ({ call: 'read', gfn, as: 'private' });
const punch = (gfn: number, count: number): CallSpec => ({ call: 'punch-hole', gfn, count });
const LARGE = { gfns: 4, frames: 4, maxOrder: 1 };

describe('an allocation', () => {
  it('is of a whole block where nothing is in the range, with a reference for each page', async () => {
    const after = await play(SCHEME, [allocate(1)], LARGE);
    expect([after.cell('folio_order', 0), after.cell('folio->_refcount', 0)]).toEqual([1, 2]);
    expect([after.cell('i_pages', 0), after.cell('i_pages', 1)]).toEqual([0, 0]);
    expect([after.folio(0).presence, after.folio(1).presence]).toEqual(['cached', 'cached']);
  });

  it('finds the folio by either of its pages', async () => {
    const after = await play(SCHEME, [allocate(1), allocate(0)], LARGE);
    expect(after.times('filemap_alloc_folio()')).toBe(1);
  });

  it('of 2^2 pages takes four frames', async () => {
    const after = await play(SCHEME, [allocate(2)], { gfns: 4, frames: 4, maxOrder: 2 });
    expect([0, 1, 2, 3].map((gfn) => after.cell('i_pages', gfn))).toEqual([0, 0, 0, 0]);
    expect(after.cell('folio->_refcount', 0)).toBe(4);
  });
});

describe('a folio that leaves', () => {
  it('gives all of its frames back, with what its owner left there', async () => {
    const after = await play(SCHEME, [read(0), punch(0, 2)], LARGE);
    expect([after.folio(0), after.folio(1)].map(({ presence, contents }) => `${presence} ${contents}`)).toEqual([
      'free residue',
      'free residue',
    ]);
    expect(after.cell('folio_order', 0)).toBe(0);
    expect(after.cell('folio->_refcount', 0)).toBe(0);
  });

  it('makes room for the next block that is wanted', async () => {
    const after = await play(SCHEME, [read(0), read(2), punch(0, 2), allocate(0)], LARGE);
    expect(after.returned).toEqual([0, 0, 0, 0]);
    expect([after.cell('i_pages', 0), after.cell('i_pages', 2)]).toEqual([0, 1]);
  });

  it('stays as long as it reaches out of the hole', async () => {
    const after = await play(SCHEME, [read(0), punch(1, 1)], LARGE);
    expect([after.cell('i_pages', 0), after.cell('i_pages', 1)]).toEqual([0, 0]);
    expect([after.cell('private_spte', 0), after.cell('private_spte', 1)]).toEqual([undefined, undefined]);
  });
});

describe('without a block to spare', () => {
  it('a folio of V3d is not allocated at all', async () => {
    const world = { ...LARGE, frames: 4, gfns: 6 };
    const after = await play('v3d-hugetlb+clear-whole-folio', [read(0), read(2), read(4)], world);
    expect(after.returned.slice(0, 2)).toEqual([0, 0]);
    expect(after.returned[2]).toBeLessThan(0);
  });
});
