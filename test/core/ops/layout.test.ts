/** The layout hands out words and keeps their names. */
import { describe, expect, it } from 'vitest';
import { Layout } from '../../../src/core/ops/layout.js';

describe('a layout', () => {
  it('gives every region words of its own, in the order of their declaration', () => {
    const layout = new Layout();
    const lock = layout.add('lock', 'latch', 2, 0, { width: 3 });
    const cell = layout.add('cell', 'cell', 1, 7);
    expect([lock.base, cell.base, layout.words]).toEqual([0, 6, 7]);
    expect([...layout.initial()]).toEqual([0, 0, 0, 0, 0, 0, 7]);
  });

  it('names its words as traces print them', () => {
    const layout = new Layout();
    layout.add('invalidate_lock', 'latch', 1, 0, { width: 3 });
    layout.add('i_pages', 'cell', 2, 0);
    layout.add('single', 'cell', 1, 0, { indexed: true });
    const names = Array.from({ length: 7 }, (_, word) => layout.nameOf(word));
    expect(names).toEqual([
      ...['invalidate_lock', 'invalidate_lock', 'invalidate_lock', 'i_pages[0]', 'i_pages[1]', 'single[0]', 'word 6'],
    ]);
  });

  it('refuses two regions of one name', () => {
    const layout = new Layout();
    layout.add('cell', 'cell', 1, 0);
    expect(() => layout.add('cell', 'ghost', 1, 0)).toThrow('two cells are named "cell"; names must differ');
  });

  it.each([0, -1, 1.5])('refuses a region of %d cells', (count) => {
    expect(() => new Layout().add('cell', 'cell', count, 0)).toThrow(`"cell" needs at least one cell, not ${count}`);
  });

  it('refuses more words than a state may hold, before it makes room for them', () => {
    expect(() => new Layout().add('cell', 'cell', 10 ** 8, 0)).toThrow(
      'with the 100000000 cells of "cell" the model has 100000000 words of 4 bytes, and every state holds them all; ' +
        'at most 262144 are allowed: model the few that make a difference',
    );
  });

  it('counts the words of all regions together', () => {
    const layout = new Layout();
    layout.add('many', 'cell', 2 ** 18 - 1, 0);
    layout.add('last', 'cell', 1, 0);
    expect(() => layout.add('one more', 'ghost', 1, 0)).toThrow('with "one more" the model has 262145 words');
  });
});

describe('a layout that is put in order', () => {
  it('has what is named first, and all else behind as it stood; cells keep what they start with', () => {
    const layout = new Layout();
    const [lock, pair, last] = [
      layout.add('lock', 'latch', 2, 1, { width: 3 }),
      layout.add('pair', 'cell', 2, 7),
      layout.add('last', 'cell', 1, 9),
    ];
    layout.setInitial(pair.base + 1, 8);
    layout.arrange(['last', 'no such cell', 'pair']);
    expect(layout.regions).toEqual([last, pair, lock]);
    expect([last.base, pair.base, lock.base, layout.words]).toEqual([0, 1, 3, 9]);
    expect([...layout.initial()]).toEqual([9, 7, 8, 1, 1, 1, 1, 1, 1]);
    layout.setInitial(pair.base, 6);
    expect(layout.add('more', 'cell', 1, 0).base).toBe(9);
    expect([...layout.initial()]).toEqual([9, 6, 8, 1, 1, 1, 1, 1, 1, 0]);
    expect(layout.nameOf(2)).toBe('pair[1]');
  });
});
