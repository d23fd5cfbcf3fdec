/** Private memory of a TD: what the guest accepts, at which level, and what its accesses come to. */
import { describe, expect, it } from 'vitest';
import { EIO, ENOMEM } from '../../../src/gmem/errno.js';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { play } from '../stage.js';

const V3d = 'v3d-hugetlb+store-inside';
const SMALL = { arch: 'tdx', gfns: 1 } as const;
const LARGE = { arch: 'tdx', gfns: 2, maxOrder: 1 } as const;
const accept = (gfn: number, level: '4K' | '2M'): CallSpec => ({ call: 'accept', gfn, level });
const write = (gfn: number): CallSpec => ({ call: 'write', gfn, as: 'private' });
const share = (gfn: number): CallSpec => ({ call: 'convert', gfn, count: 1, to: 'shared' });
const unshare = (gfn: number): CallSpec => ({ call: 'convert', gfn, count: 1, to: 'private' });

describe('an access', () => {
  it('to a page that was not accepted is an exit, and no finding', async () => {
    const after = await play('v3-inplace', [write(0)], SMALL);
    expect(after.returned).toEqual([-EIO]);
    expect(after.violation).toBeUndefined();
    expect(after.folio(0)).toMatchObject({ guest: 'private', tdPage: 'td', contents: 'zero' });
  });

  it('goes through once the page is accepted', async () => {
    const after = await play('v3-inplace', [accept(0, '4K'), write(0)], SMALL);
    expect(after.returned).toEqual([0, 0]);
    expect(after.folio(0).contents).toBe('guest');
  });

  it('to a page that was shared and is private again needs accepting again', async () => {
    const after = await play('v3-inplace', [accept(0, '4K'), write(0), share(0), unshare(0), write(0)], SMALL);
    expect(after.returned).toEqual([0, 0, 0, 0, -EIO]);
    expect(after.violation).toBeUndefined();
  });
});

describe('ACCEPT', () => {
  it('at 2M is of the whole leaf', async () => {
    const after = await play(V3d, [accept(1, '2M'), write(0)], LARGE);
    expect(after.returned).toEqual([0, 0]);
    expect(after.cell('private_leaf_order')).toBe(1);
  });

  it('at 4K has a leaf split that is larger, and leaves the neighbour to be accepted', async () => {
    const after = await play(V3d, [write(0), accept(0, '4K'), write(0), write(1)], LARGE);
    expect(after.returned).toEqual([-EIO, 0, 0, -EIO]);
    expect(after.cell('private_leaf_order')).toBe(0);
    expect(after.times('TDH.MEM.PAGE.DEMOTE($i)')).toBe(1);
  });

  it('at 2M goes on with pages of 4K where the leaves are smaller', async () => {
    const after = await play(`${V3d}+map-one-page`, [accept(0, '2M'), write(1)], LARGE);
    expect(after.returned).toEqual([0, 0]);
    expect(after.times('TDG.MEM.PAGE.ACCEPT($i, 4K)')).toBeGreaterThan(0);
  });

  it('is an error of KVM_RUN where there is no memory for the split', async () => {
    const world = { ...LARGE, septSplitFails: true, choices: [1] } as const;
    expect((await play(V3d, [write(0), accept(0, '4K')], world)).returned).toEqual([-EIO, -ENOMEM]);
  });

  it('at 4K leaves a mark, and no large leaf is mapped there any more', async () => {
    const after = await play(V3d, [accept(0, '4K'), { call: 'punch-hole', gfn: 0, count: 2 }, accept(1, '2M')], LARGE);
    expect(after.returned).toEqual([0, 0, 0]);
    expect([after.cell('lpage_guest_inhibit'), after.cell('private_leaf_order')]).toEqual([1, 0]);
  });

  it('of SNP is a PVALIDATE of the entry that is there', async () => {
    const scheme = `${V3d}+clear-whole-folio`;
    const whole = await play(scheme, [accept(0, '2M')], { ...LARGE, arch: 'snp' });
    expect([whole.cell('rmp_2m'), ...whole.returned]).toEqual([1, 0]);
    const page = await play(scheme, [accept(0, '4K')], { ...LARGE, arch: 'snp' });
    expect([page.cell('rmp_2m'), ...page.returned]).toEqual([0, 0]);
  });
});
