/** Variants about large folios: what each clears, and when. The table "What a review asked" of docs/kernel.md has the counts. */
import { describe, expect, it } from 'vitest';
import { builtinScheme, mutate } from '../../../src/gmem/named-scheme.js';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { play } from '../stage.js';

const HUGE = { gfns: 4, frames: 8, maxOrder: 2 };
const read = (gfn: number): CallSpec => ({ call: 'read', gfn, as: 'private' });
const write = (gfn: number, as: 'private' | 'shared' = 'private'): CallSpec => ({ call: 'write', gfn, as });
const populate = (gfn: number): CallSpec => ({ call: 'populate', gfn, count: 1 });
const convert = (gfn: number, to: 'private' | 'shared'): CallSpec => ({ call: 'convert', gfn, count: 1, to });
const CLEAR = 'clear_highpage($i)';

/** Pages that are cleared when calls are made one after the other, each for itself. */
async function clears(scheme: string, calls: readonly CallSpec[], world = HUGE): Promise<readonly number[]> {
  const counts: number[] = [];
  for (let made = 1; made <= calls.length; made++) {
    const after = await play(scheme, calls.slice(0, made), world);
    counts.push(after.times(CLEAR) / 2);
  }
  return counts.map((count, call) => count - (counts[call - 1] ?? 0));
}

describe('the table of what is cleared', () => {
  it.each([
    ['v3-inplace+clear-whole-folio', [4, 0]],
    ['v3-inplace+clear-each-page', [4, 0]],
    ['v2-hook-every-fault+clear-at-allocation', [4, 0]],
    ['v2-hook-every-fault+arch-clears', [4, 0]],
  ])('is right of a first fault and a later one under %s', async (scheme, expected) => {
    expect(await clears(scheme, [read(1), read(3)])).toEqual(expected);
  });

  it('is right of the first page alone, which is wrong', async () => {
    expect(await clears('v2-hook-every-fault', [read(0)])).toEqual([1]);
    expect((await play('v2-hook-every-fault', [read(0)], HUGE)).violation).toBe('leak');
  });

  it.each([
    ['v3-inplace+clear-whole-folio+prepare-page', [4, 0]],
    ['v3-inplace+clear-each-page+prepare-page', [4, 0]],
    ['v2-hook-every-fault+clear-at-allocation+prepare-page', [4, 0]],
    ['v2-hook-every-fault+arch-clears+prepare-page', [0, 1]],
  ])('is right of populate and a fault on another page under %s', async (scheme, expected) => {
    expect(await clears(scheme, [populate(1), read(2)])).toEqual(expected);
  });

  it.each([
    ['v3-inplace+clear-whole-folio+prepare-page', [4, 0, 0, 0]],
    ['v3-inplace+clear-each-page+prepare-page', [4, 0, 0, 0]],
    ['v3-inplace+arch-clears+prepare-page', [4, 0, 0, 1]],
  ])('is right of a page that is shared and private again under %s', async (scheme, expected) => {
    const calls = [write(1), convert(1, 'shared'), convert(1, 'private'), read(1)];
    expect(await clears(scheme, calls)).toEqual(expected);
  });
});

describe('clear-each-page', () => {
  const scheme = 'v3-inplace+clear-each-page';

  it('remembers a page as long as it is in the page cache', async () => {
    const after = await play(scheme, [read(1)], HUGE);
    expect([0, 1, 2, 3].map((page) => after.cell('page_cleared', page))).toEqual([1, 1, 1, 1]);
    const punched = await play(scheme, [read(1), { call: 'punch-hole', gfn: 0, count: 4 }], HUGE);
    expect([0, 1, 2, 3].map((page) => punched.cell('page_cleared', page))).toEqual([0, 0, 0, 0]);
  });

  it('forgets nothing of a folio that reaches out of the hole', async () => {
    const after = await play(scheme, [write(1), { call: 'punch-hole', gfn: 1, count: 1 }, read(1)], HUGE);
    expect(after.violation).toBeUndefined();
    expect(after.folio(1).contents).toBe('guest');
  });

  it('clears the next folio at an index again', async () => {
    expect(await clears(scheme, [read(1), { call: 'punch-hole', gfn: 0, count: 4 }, read(1)])).toEqual([4, 0, 4]);
  });

  it('is refused where faults do not hold the invalidate lock', () => {
    expect(() => mutate(builtinScheme('v2-hook-every-fault'), 'clear-each-page')).toThrow(
      'that needs faults that ask for uptodate, under the invalidate lock',
    );
  });
});

describe('arch-clears', () => {
  it('leaves shared memory to guest_memfd', async () => {
    const shared = { gfns: 1, attribute: 'shared' as const };
    const after = await play('v3-inplace+arch-clears', [{ call: 'host-read', gfn: 0 }], shared);
    expect(after.folio(0)).toMatchObject({ contents: 'zero', uptodate: 'set', rmp: 'unassigned' });
  });

  it('does not clear what populate has written', async () => {
    const after = await play('v2-hook-every-fault+arch-clears', [populate(0), read(0)], { gfns: 1 });
    expect(after.folio(0).contents).toBe('image');
    expect(after.times(CLEAR)).toBe(0);
  });
});

it('map-one-page maps the page of the fault alone', async () => {
  const world = { ...HUGE, arch: 'none' as const };
  const after = await play('v2-hook-every-fault+clear-whole-folio+map-one-page', [read(2)], world);
  expect([0, 1, 2, 3].map((gfn) => after.cell('private_spte', gfn))).toEqual([undefined, undefined, 0, undefined]);
  expect(after.cell('private_leaf_order')).toBe(0);
});

it('populate-unmarked leaves the flag to the next fault', async () => {
  const after = await play('v2-hook-every-fault+populate-unmarked', [populate(0)], { gfns: 1 });
  expect(after.folio(0)).toMatchObject({ contents: 'image', uptodate: 'clear' });
});

it('return-reference keeps the folio until the fault has mapped it', async () => {
  const [kept, dropped] = await Promise.all(
    ['v3-inplace+return-reference', 'v3-inplace'].map((scheme) => play(scheme, [read(0)], { gfns: 1 })),
  );
  for (const after of [kept, dropped]) expect(after.cell('folio->_refcount')).toBe(1);
  const order = ['read_lock(mmu_lock)', 'folio_put($i)'];
  expect(kept.missing(...order)).toBeUndefined();
  expect(dropped.missing(...order)).toBe('folio_put($i)');
});
