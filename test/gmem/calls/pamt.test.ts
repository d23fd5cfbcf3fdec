/** The dynamic PAMT: which pages count for a region, and when its PAMT comes and goes. */
import { describe, expect, it } from 'vitest';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { play } from '../stage.js';

const SMALL = { arch: 'tdx', gfns: 2, frames: 4, dynamicPamt: true } as const;
const LARGE = { ...SMALL, maxOrder: 1 } as const;
const ADD = 'TDH.PHYMEM.PAMT.ADD()';
const accept = (gfn: number, level: '4K' | '2M' = '4K'): CallSpec => ({ call: 'accept', gfn, level });
const punch = (gfn: number, count = 1): CallSpec => ({ call: 'punch-hole', gfn, count });
const other: CallSpec = { call: 'other-td', gfn: 0 };

describe('the count of a region', () => {
  it('is how many of its pages TDs have, and one PAMT is for all', async () => {
    const after = await play('v3-inplace', [accept(0), accept(1)], SMALL);
    expect([after.cell('pamt_refcount'), after.cell('pamt_pages')]).toEqual([2, 2]);
    expect(after.times(ADD)).toBe(1);
  });

  it.each(['v3-inplace', 'v3-inplace+pamt-put-outside'])('is none again behind its last page (%s)', async (scheme) => {
    const after = await play(scheme, [accept(0), accept(1), punch(0, 2), other, accept(1)], SMALL);
    expect(after.returned).toEqual([0, 0, 0, 0, 0]);
    expect(after.cell('pamt_refcount')).toBe(1);
    expect(after.times(ADD)).toBe(3);
  });

  it('is one again where its PAMT was not removed', async () => {
    const after = await play('v3-inplace', [accept(0), punch(0)], { ...SMALL, pamtRemoveFails: true, choices: [1] });
    expect([after.cell('pamt_refcount'), after.cell('pamt_pages')]).toEqual([1, 0]);
  });

  it('is that of a page of the launch, too, and of none that was there already', async () => {
    const populate: CallSpec = { call: 'populate', gfn: 0, count: 1 };
    const after = await play('v3-inplace', [populate, populate], SMALL);
    expect(after.cell('pamt_refcount')).toBe(1);
  });

  it('is nothing for a large leaf, and all of its pages once it is split', async () => {
    const whole = await play('v3-inplace', [accept(0, '2M')], LARGE);
    expect([whole.cell('pamt_refcount'), whole.times(ADD)]).toEqual([0, 0]);
    const split = await play('v3-inplace+range-rounded', [accept(0, '2M'), punch(0)], LARGE);
    expect([split.cell('pamt_refcount'), split.cell('pamt_pages')]).toEqual([1, 1]);
  });
});

describe('a split by a task of the host', () => {
  it('fills the cache of the VM and takes its page', async () => {
    const after = await play('v3-inplace', [accept(0, '2M'), punch(0)], LARGE);
    expect(after.times('topup_external_split_cache()')).toBe(1);
    expect(after.cell('split_cache')).toBe(0);
  });

  it('of VM attributes keeps what the guest has accepted beside', async () => {
    const share: CallSpec = { call: 'convert', gfn: 1, count: 1, to: 'shared' };
    const write: CallSpec = { call: 'write', gfn: 0, as: 'private' };
    const world = { ...LARGE, conversion: 'vm-attributes' } as const;
    const after = await play('v3-inplace', [accept(0, '2M'), share, write], world);
    expect(after.returned).toEqual([0, 0, 0]);
  });
});
