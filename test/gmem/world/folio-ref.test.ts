/** Folio refs: which pages and which gfns a folio has. */
import { describe, expect, it } from 'vitest';
import { PartRef, Ref } from '../../../src/core/ops/ref.js';
import {
  blockOf,
  FolioRef,
  fromGfnOn,
  gfnsOf,
  isSameGfn,
  orderOf,
  pageCountOf,
  pageOf,
  pagesOf,
  placeInBlock,
} from '../../../src/gmem/world/folio-ref.js';

const block = new Ref(3, { name: 'block', count: 2 });
const gfns = new Ref(1, { name: 'gfn', count: 2 });
const gfn = (place: number, of = 4) => new PartRef(gfns, { name: 'gfn', place, of });
const folio = (place: number, order: number) => new FolioRef(block, { name: 'folio', place, of: 4 }, order);

describe('a folio of one page in a world without large ones', () => {
  it('is a ref and nothing more', () => {
    expect(orderOf(block)).toBe(0);
    expect(pageCountOf(block)).toBe(1);
    expect(pagesOf(block)).toEqual([block]);
    expect(pageOf(block, gfns)).toBe(block);
    expect(blockOf(gfns)).toEqual([gfns]);
    expect(gfnsOf(block, gfns)).toEqual([gfns]);
    expect(fromGfnOn(gfns)).toEqual([gfns]);
    expect(placeInBlock(block)).toBe(0);
  });
});

describe('a large folio', () => {
  const large = folio(0, 2);

  it('has its frames as folios of one page each, from its first on', () => {
    expect(pageCountOf(large)).toBe(4);
    expect(pagesOf(large).map(placeInBlock)).toEqual([0, 1, 2, 3]);
    expect(pagesOf(large).map(orderOf)).toEqual([0, 0, 0, 0]);
    expect(pagesOf(folio(2, 1)).map(placeInBlock)).toEqual([2, 3]);
  });

  it('has at a gfn the page at the same place of the block', () => {
    expect(placeInBlock(pageOf(large, gfn(2)))).toBe(2);
    expect(orderOf(pageOf(large, gfn(2)))).toBe(0);
  });

  it('has every gfn of the block, whichever is asked with', () => {
    for (const place of [0, 3]) expect(gfnsOf(large, gfn(place)).map(placeInBlock)).toEqual([0, 1, 2, 3]);
    expect(gfnsOf(folio(1, 0), gfn(1)).map(placeInBlock)).toEqual([1]);
  });
});

describe('the gfns of a block', () => {
  it('from one of them on are that one and those behind it', () => {
    expect(fromGfnOn(gfn(1)).map(placeInBlock)).toEqual([1, 2, 3]);
    expect(fromGfnOn(gfn(3)).map(placeInBlock)).toEqual([3]);
  });

  it('are told apart by their places, although they share a register', () => {
    expect(isSameGfn(gfn(1), gfn(1))).toBe(true);
    expect(isSameGfn(gfn(1), gfn(2))).toBe(false);
    expect(isSameGfn(gfn(1), new PartRef(new Ref(2, gfns.domain), { name: 'gfn', place: 1, of: 4 }))).toBe(false);
  });
});
