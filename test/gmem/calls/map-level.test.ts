/** The level of a guest's mapping: what a fault may map of a folio, and what a zap takes. */
import { describe, expect, it } from 'vitest';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { play } from '../stage.js';

const V2 = 'v2-hook-every-fault+clear-whole-folio';
const LARGE = { gfns: 2, maxOrder: 1 };
const read = (gfn = 0, as: 'private' | 'shared' = 'private'): CallSpec => ({ call: 'read', gfn, as });
const validate: CallSpec = { call: 'validate', gfn: 0 };

describe('a fault', () => {
  it.each(['snp', 'none'] as const)('maps all of a folio that nothing speaks against: %s', async (arch) => {
    const after = await play(V2, [read(1)], { ...LARGE, arch });
    expect([after.cell('private_spte', 0), after.cell('private_spte', 1)]).toEqual([0, 0]);
    expect(after.cell('private_leaf_order')).toBe(1);
    expect([after.folio(0).guest, after.folio(1).guest]).toEqual(['private', 'private']);
  });

  it('leaves nothing to map for the next one', async () => {
    const after = await play(V2, [read(1), read(0)], LARGE);
    expect(after.times('kvm_tdp_mmu_map($i, 2 pages)')).toBe(1);
  });

  it('maps one page where the RMP has 4K entries, even of a folio that is all private', async () => {
    const after = await play(V2, [read(), validate], LARGE);
    expect([after.cell('private_spte', 0), after.cell('private_spte', 1)]).toEqual([0, undefined]);
    expect(after.cell('private_leaf_order')).toBe(0);
  });

  it('maps shared memory as large as the folio, whatever the RMP says', async () => {
    const world = { ...LARGE, attribute: 'shared' as const, attributes: ['shared', 'shared'] as const };
    const after = await play('v3-inplace+clear-whole-folio', [read(1, 'shared')], world);
    expect(after.cell('shared_leaf_order')).toBe(1);
    expect([after.folio(0).guest, after.folio(1).guest]).toEqual(['shared', 'shared']);
  });
});

describe('a zap', () => {
  it('of one page takes the whole of a large leaf', async () => {
    const after = await play(V2, [read(), { call: 'punch-hole', gfn: 1, count: 1 }], LARGE);
    expect([after.cell('private_spte', 0), after.cell('private_spte', 1)]).toEqual([undefined, undefined]);
    expect(after.cell('private_leaf_order')).toBe(0);
    expect([after.folio(0).guest, after.folio(1).guest]).toEqual(['unmapped', 'unmapped']);
  });

  it('of one page takes one page where leaves are small', async () => {
    const calls: CallSpec[] = [read(), validate, read(1), { call: 'punch-hole', gfn: 1, count: 1 }];
    const after = await play(V2, calls, LARGE);
    expect([after.cell('private_spte', 0), after.cell('private_spte', 1)]).toEqual([0, undefined]);
  });
});
