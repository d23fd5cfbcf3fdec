/** The host's direct mapping of a block: split before the first 4K RMPUPDATE, and what a store would do if it were not. */
import { describe, expect, it } from 'vitest';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { play } from '../stage.js';

const V2 = 'v2-hook-every-fault+clear-whole-folio';
const LARGE = { gfns: 2, maxOrder: 1 };
const write: CallSpec = { call: 'write', gfn: 0, as: 'private' };
const populate = (gfn: number, count = 1): CallSpec => ({ call: 'populate', gfn, count });

describe('the direct mapping', () => {
  it('stays one entry for a 2M RMPUPDATE', async () => {
    const after = await play(V2, [write], LARGE);
    expect(after.cell('direct_map_4k')).toBe(0);
    expect(after.times('adjust_direct_map($i)')).toBe(0);
  });

  it('is split before a page gets an entry of its own, and stays split', async () => {
    const after = await play(V2, [populate(0), { call: 'punch-hole', gfn: 0, count: 2 }, write], LARGE);
    expect(after.missing('adjust_direct_map($i)', 'rmp_make_private($i)')).toBeUndefined();
    expect(after.violation).toBeUndefined();
    expect(after.cell('direct_map_4k')).toBe(1);
  });

  it('is of one block: another one keeps its own', async () => {
    const after = await play(V2, [populate(2)], { gfns: 4, frames: 4, maxOrder: 1 });
    expect([after.cell('direct_map_4k', 0), after.cell('direct_map_4k', 1)]).toEqual([1, 0]);
  });

  it('is not modelled without 2M entries', async () => {
    const after = await play('v2-hook-every-fault', [populate(0)]);
    expect(after.times('adjust_direct_map($i)')).toBe(0);
  });
});

describe('a store of the host', () => {
  it('to a page beside an assigned one is fine once the mapping is split', async () => {
    const after = await play(V2, [populate(0, 2)], LARGE);
    expect(after.returned).toEqual([2]);
    expect(after.violation).toBeUndefined();
  });

  it('faults through one entry, although its own page is unassigned (R34)', async () => {
    const after = await play(`${V2}+direct-map-not-split`, [populate(0, 2)], LARGE);
    expect(after.violation).toBe('host-rmp-fault');
    expect([after.folio(0).rmp, after.folio(1).rmp]).toEqual(['assigned', 'unassigned']);
    expect(after.folio(1).contents).toBe('residue');
  });

  it('is fine through one entry as long as none of its pages is assigned', async () => {
    const after = await play(`${V2}+direct-map-not-split`, [populate(0)], LARGE);
    expect(after.returned).toEqual([1]);
  });

  it('by the next owner of a frame is asked as well, beside a page that is assigned', async () => {
    const world = { ...LARGE, frames: 2, attributes: ['private', 'shared'] } as const;
    const next = [write, { call: 'reuse-frame', gfn: 1 }] as const;
    expect((await play('v3d-hugetlb+split-before-insert', next, world)).returned).toEqual([0, 0]);
    const unsplit = await play('v3d-hugetlb+split-before-insert+direct-map-not-split', next, world);
    expect(unsplit.violation).toBe('host-rmp-fault');
    expect([unsplit.folio(0).rmp, unsplit.folio(1).rmp]).toEqual(['assigned', 'unassigned']);
  });
});
