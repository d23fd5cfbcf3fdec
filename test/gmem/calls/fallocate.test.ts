import { describe, expect, it } from 'vitest';
import { ENOMEM } from '../../../src/gmem/errno.js';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { play } from '../stage.js';

const versions = ['v1-uptodate-prepared', 'v2-hook-every-fault', 'v3-inplace'];
const punch = (gfn = 0, count = 1): CallSpec => ({ call: 'punch-hole', gfn, count });
const allocate = (gfn = 0, count = 1): CallSpec => ({ call: 'allocate', gfn, count });
const write = (gfn = 0): CallSpec => ({ call: 'write', gfn, as: 'private' });
const read = (gfn = 0): CallSpec => ({ call: 'read', gfn, as: 'private' });

describe.each(versions)('punch hole under %s', (scheme) => {
  it('zaps, unassigns and frees the folio, and ends its invalidation', async () => {
    const after = await play(scheme, [write(), punch()]);
    expect(after.returned).toEqual([0, 0]);
    expect(after.folio(0)).toMatchObject({
      contents: 'residue',
      uptodate: 'clear',
      presence: 'free',
      guest: 'unmapped',
      rmp: 'unassigned',
    });
    expect(after.cell('i_pages')).toBeUndefined();
    expect(after.cell('private_spte')).toBeUndefined();
    expect(after.cell('folio->_refcount')).toBe(0);
    expect(after.cell('mmu_invalidate_in_progress')).toBe(0);
    expect(after.locksHeld).toEqual([]);
  });

  it('zaps before it truncates, and unassigns at the removal, before the last reference', async () => {
    const after = await play(scheme, [write(), punch()]);
    const inOrder = after.missing(
      'down_write(invalidate_lock)',
      'write_lock(mmu_lock)',
      'mmu_invalidate_in_progress++',
      'kvm_mmu_invalidate_range_add($2)',
      'kvm_tdp_mmu_unmap_gfn_range($i), kvm_flush_remote_tlbs()',
      'write_unlock(mmu_lock)',
      'find_lock_entries($i)',
      'delete_from_page_cache_batch()',
      'rmp_make_shared($i)',
      'folio_unlock($i)',
      'free_unref_folio($i)',
      'write_lock(mmu_lock)',
      'mmu_invalidate_seq++',
      'mmu_invalidate_in_progress--',
      'up_write(invalidate_lock)',
    );
    expect(inOrder).toBeUndefined();
  });

  it('of nothing changes nothing but the sequence', async () => {
    const after = await play(scheme, [punch()]);
    expect(after.returned).toEqual([0]);
    expect(after.times('mmu_invalidate_seq++')).toBe(1);
    expect(after.times('filemap_remove_folio($i)')).toBe(0);
  });

  it('lets the frame be used again, with what its last owner left there', async () => {
    const after = await play(scheme, [write(), punch(), allocate()]);
    expect(after.cell('i_pages')).toBe(0);
    expect(after.folio(0)).toMatchObject({ contents: 'residue', presence: 'cached', uptodate: 'clear' });
  });

  it('makes the next access clear and prepare once more', async () => {
    const after = await play(scheme, [write(), punch(), read()]);
    expect(after.returned).toEqual([0, 0, 0]);
    expect(after.folio(0)).toMatchObject({ contents: 'zero', guest: 'private', rmp: 'assigned' });
    expect(after.times('clear_highpage($i)')).toBe(2);
    expect(after.times('rmp_make_private($i)')).toBe(2);
  });

  it('of a range truncates every page in one invalidation', async () => {
    const after = await play(scheme, [write(0), write(2), punch(0, 3)], { gfns: 3 });
    expect(after.returned).toEqual([0, 0, 0]);
    expect([0, 1, 2].map((gfn) => after.cell('i_pages', gfn))).toEqual([undefined, undefined, undefined]);
    expect(after.times('mmu_invalidate_in_progress++')).toBe(1);
    expect(after.cell('mmu_invalidate_range_start')).toBe(0);
    expect(after.cell('mmu_invalidate_range_end')).toBe(3);
  });

  it('takes long ranges', async () => {
    const after = await play(scheme, [allocate(0, 12), punch(0, 12)], { gfns: 12 });
    expect(after.returned).toEqual([0, 0]);
  });
});

describe.each(versions)('allocate under %s', (scheme) => {
  it('fills the page cache, clears nothing and calls no hook', async () => {
    const after = await play(scheme, [allocate(0, 2)], { gfns: 2 });
    expect(after.returned).toEqual([0]);
    for (const frame of [0, 1]) {
      expect(after.folio(frame)).toMatchObject({ contents: 'residue', uptodate: 'clear', presence: 'cached' });
      expect(after.folio(frame).rmp).toBe('unassigned');
      expect(after.cell('folio->_refcount', frame)).toBe(1);
    }
    expect(
      after.missing('down_read(invalidate_lock)', 'filemap_add_folio()', 'up_read(invalidate_lock)'),
    ).toBeUndefined();
    expect(after.locksHeld).toEqual([]);
  });

  it('leaves a page that is there alone', async () => {
    const after = await play(scheme, [write(), allocate(), read()]);
    expect(after.returned).toEqual([0, 0, 0]);
    expect(after.folio(0)).toMatchObject({ contents: 'guest', guest: 'private' });
    expect(after.times('filemap_alloc_folio()')).toBe(1);
  });

  it('stops at the page that cannot be allocated', async () => {
    const after = await play(scheme, [allocate(0, 2)], { gfns: 2, allocationFails: true, choices: [0, 1] });
    expect(after.returned).toEqual([-ENOMEM]);
    expect([after.cell('i_pages', 0), after.cell('i_pages', 1)]).toEqual([0, undefined]);
    expect(after.locksHeld).toEqual([]);
  });
});
