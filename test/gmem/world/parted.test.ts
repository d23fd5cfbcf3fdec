/** Parted arrays: a cell a page, reached by the block that a ref names and the place that it says. */
import { describe, expect, it } from 'vitest';
import { folioMachine } from '../../../machines/folio.js';
import { PartRef, Ref } from '../../../src/core/ops/ref.js';
import { PageArrays, regionsOf } from '../../../src/gmem/world/parted.js';
import { ModelBuilder } from '../../../src/model/model-builder.js';

const LABELS = { lock: 'lock', trylock: 'trylock', unlock: 'unlock' };

function made(order: number) {
  const m = new ModelBuilder('parted', 8);
  const pages = 8;
  const blocks = m.domain('block', pages / 2 ** order);
  const arrays = new PageArrays(m, order);
  const cells = arrays.cells('cells', pages);
  const refs = arrays.refs('refs', pages, blocks);
  const objects = arrays.objects('folio', folioMachine, pages, {});
  const locks = arrays.mutex('locks', pages, LABELS);
  const bitmap = arrays.bitmap('bits', pages);
  const tokens = arrays.token('tokens', pages);
  return { bitmap, tokens, m, arrays, blocks, cells, refs, objects, locks };
}

/** The word that an op on a page is about, when it is reached by its number. */
function wordOf({ region, index }: { region: { base: number }; index: unknown }): number {
  return region.base + (index as number);
}

describe.each([0, 1, 2])('arrays in blocks of order %i', (order) => {
  const { arrays, bitmap, blocks, cells, refs, objects, locks, m, tokens } = made(order);
  const inBlock = 2 ** order;

  it('have a region for each place in a block, with a cell a block', () => {
    expect(arrays.inBlock).toBe(inBlock);
    for (const array of [cells, refs, objects]) {
      const regions = regionsOf(array);
      expect(regions.map(({ count }) => count)).toEqual(Array.from({ length: inBlock }, () => 8 / inBlock));
    }
  });

  it('have a word of its own for each page, whatever they hold', () => {
    const pages = Array.from({ length: 8 }, (_, page) => page);
    const objectAt = (page: number) => {
      const { objects: array, index } = objects.at(page);
      return { region: array.region, index };
    };
    const words = pages.flatMap((page) => [cells.at(page), refs.at(page), objectAt(page)].map(wordOf));
    expect(new Set(words).size).toBe(3 * 8);
    const ofLocks = pages.map((page) => locks.at(page).lock().spec);
    expect(new Set(ofLocks.map(({ region, index }) => `${region?.base} ${index}`)).size).toBe(8);
  });

  it('have a bit and a token of its own for each page', () => {
    const pages = Array.from({ length: 8 }, (_, page) => blocks.id(Math.floor(page / inBlock)));
    const inPlace = (page: number) =>
      new PartRef(new Ref(0, blocks), { name: 'page', place: page % inBlock, of: inBlock });
    const bits = pages.map((block, page) => `${bitmap.test(inPlace(page)).spec.region?.base} ${block.index}`);
    const tokensOfPages = pages.map((block, page) => `${tokens.at(inPlace(page)).latch.region.base} ${block.index}`);
    expect(new Set(bits).size).toBe(8);
    expect(new Set(tokensOfPages).size).toBe(8);
  });

  it('are named as one array, whose cells are numbered by their pages', () => {
    for (const page of [0, 3, 7]) expect(m.layout.nameOf(wordOf(cells.at(page)))).toBe(`cells[${page}]`);
  });
});

describe('a ref', () => {
  const { cells, objects, blocks } = made(1);
  const block = new Ref(0, blocks);
  const part = (place: number) => new PartRef(block, { name: 'page', place, of: 2 });

  it('that says its part reaches the page at that place of its block', () => {
    const [first, second] = regionsOf(cells);
    expect(cells.at(part(0)).region).toBe(first);
    expect(cells.at(part(1)).region).toBe(second);
    expect(objects.at(part(1)).objects.region).toBe(regionsOf(objects)[1]);
  });

  it('that does not say it is refused, by the name of what it refers to', () => {
    expect(() => cells.at(block)).toThrow('a ref to a block does not say which of its 2 pages is meant');
  });

  it('to nothing in particular stands for any page, as when ops are compared', () => {
    expect(cells.at(new Ref(0, undefined)).region).toBe(regionsOf(cells)[0]);
  });

  it('claims no frame of its own: blocks are claimed', () => {
    expect(() => objects.claim('free', 'ALLOCATE')).toThrow('frames are claimed by their blocks');
  });
});
