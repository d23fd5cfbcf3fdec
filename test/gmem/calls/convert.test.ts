import { describe, expect, it } from 'vitest';
import { EAGAIN, ENOMEM } from '../../../src/gmem/errno.js';
import type { Access, CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { play } from '../stage.js';

const V1 = 'v1-uptodate-prepared';
const V2 = 'v2-hook-every-fault';
const V3b = 'v3-inplace';
const PRIVATE = 1;
const SHARED = 0;

const convert = (to: Access, count = 1): CallSpec => ({ call: 'convert', gfn: 0, count, to });
const write = (as: Access = 'private', gfn = 0): CallSpec => ({ call: 'write', gfn, as });
const read = (as: Access = 'private'): CallSpec => ({ call: 'read', gfn: 0, as });
const host = (call: 'host-write' | 'pin' | 'unpin'): CallSpec => ({ call, gfn: 0 });

describe.each([V1, V2, V3b])('in-place conversion under %s', (scheme) => {
  it('to what the range already is does nothing', async () => {
    const after = await play(scheme, [write(), convert('private')]);
    expect(after.returned).toEqual([0, 0]);
    expect(after.times('mmu_invalidate_in_progress++')).toBe(0);
    expect(after.cell('private_spte')).toBe(0);
    expect(after.locksHeld).toEqual([]);
  });

  it('to shared zaps, unassigns and stores; the folio stays, and stays uptodate', async () => {
    const after = await play(scheme, [write(), convert('shared')]);
    expect(after.returned).toEqual([0, 0]);
    expect(after.cell('attributes')).toBe(SHARED);
    expect(after.cell('private_spte')).toBeUndefined();
    expect(after.folio(0)).toMatchObject({
      contents: 'scrambled',
      uptodate: 'set',
      presence: 'cached',
      guest: 'unmapped',
      rmp: 'unassigned',
    });
    expect(after.cell('mmu_invalidate_in_progress')).toBe(0);
    expect(after.locksHeld).toEqual([]);
  });

  it('to shared takes its steps in the order of V3b', async () => {
    const after = await play(scheme, [write(), convert('shared')]);
    const inOrder = after.missing(
      'down_write(invalidate_lock)',
      'attributes[0] is private',
      'mmu_invalidate_in_progress++',
      'kvm_tdp_mmu_unmap_gfn_range($i), kvm_flush_remote_tlbs()',
      'write_unlock(mmu_lock)',
      'rmp_make_shared($i)',
      'attributes[0] = 0',
      'write_lock(mmu_lock)',
      'mmu_invalidate_seq++',
      'mmu_invalidate_in_progress--',
      'up_write(invalidate_lock)',
    );
    expect(inOrder).toBeUndefined();
  });

  it('to private unmaps the host first, and leaves the RMP to the next fault', async () => {
    const after = await play(scheme, [host('host-write'), convert('private')], { attribute: 'shared' });
    expect(after.returned).toEqual([0, 0]);
    expect(after.cell('attributes')).toBe(PRIVATE);
    expect(after.cell('user_pte')).toBeUndefined();
    expect(after.folio(0)).toMatchObject({ contents: 'host', mapping: 'unmapped', rmp: 'unassigned' });
    const inOrder = after.missing(
      'unmap_mapping_pages()',
      'folio_ref_count() as expected',
      'mmu_invalidate_in_progress++',
      'attributes[0] = 1',
    );
    expect(inOrder).toBeUndefined();
    expect(after.times('rmp_make_private($i)')).toBe(0);
  });

  it('of a pinned page fails with -EAGAIN and changes neither attribute nor RMP (I10), though the PTE is gone', async () => {
    const calls = [host('host-write'), host('pin'), convert('private'), host('unpin'), convert('private')];
    const after = await play(scheme, calls.slice(0, 3), { attribute: 'shared' });
    expect(after.violation).toBeUndefined();
    expect(after.returned).toEqual([0, 0, -EAGAIN]);
    expect(after.cell('attributes')).toBe(SHARED);
    expect(after.cell('user_pte')).toBeUndefined();
    expect(after.folio(0)).toMatchObject({ rmp: 'unassigned', pins: 'one', presence: 'cached' });
    // KVM's MMU notifier for the PTE has begun and ended an invalidation; the conversion has begun none.
    expect(after.times('mmu_invalidate_in_progress++')).toBe(1);
    expect(after.times('mmu_invalidate_in_progress--')).toBe(1);
    expect(after.locksHeld).toEqual([]);
    const retried = await play(scheme, calls, { attribute: 'shared' });
    expect(retried.returned.at(-1)).toBe(0);
    expect(retried.cell('attributes')).toBe(PRIVATE);
  });

  it('fails with -ENOMEM before it changes anything', async () => {
    const world = { attribute: 'shared', allocationFails: true, choices: [0, 1] } as const;
    const after = await play(scheme, [host('host-write'), convert('private')], world);
    expect(after.returned).toEqual([0, -ENOMEM]);
    expect(after.cell('attributes')).toBe(SHARED);
    expect(after.cell('user_pte')).toBe(0);
    expect(after.locksHeld).toEqual([]);
  });

  it('of a range converts every page in one invalidation', async () => {
    const after = await play(scheme, [write('private', 0), write('private', 2), convert('shared', 3)], { gfns: 3 });
    expect(after.returned).toEqual([0, 0, 0]);
    expect([0, 1, 2].map((gfn) => after.cell('attributes', gfn))).toEqual([SHARED, SHARED, SHARED]);
    expect([0, 1].map((frame) => after.folio(frame).rmp)).toEqual(['unassigned', 'unassigned']);
    expect(after.times('mmu_invalidate_seq++')).toBe(1);
  });
});

describe('in-place conversion and the mappings of the guest', () => {
  it('to private zaps the shared ones', async () => {
    const after = await play(V3b, [write('shared'), convert('private')], { attribute: 'shared' });
    expect(after.returned).toEqual([0, 0]);
    expect(after.cell('shared_spte')).toBeUndefined();
    expect(after.folio(0).guest).toBe('unmapped');
  });

  it('that fails with -EAGAIN leaves them in place', async () => {
    const calls = [write('shared'), host('host-write'), host('pin'), convert('private'), read('shared')];
    const after = await play(V3b, calls, { attribute: 'shared' });
    expect(after.returned).toEqual([0, 0, 0, -EAGAIN, 0]);
    expect(after.cell('shared_spte')).toBe(0);
  });
});

describe('a page that was converted there and back', () => {
  const thereAndBack = [write(), convert('shared'), convert('private'), read()];

  it.each([V2, V3b])('is prepared again under %s, and not cleared', async (scheme) => {
    const after = await play(scheme, thereAndBack);
    expect(after.violation).toBeUndefined();
    expect(after.returned).toEqual([0, 0, 0, 0]);
    expect(after.folio(0)).toMatchObject({ guest: 'private', rmp: 'assigned' });
    expect(after.times('clear_highpage($i)')).toBe(1);
    expect(after.times('rmp_make_private($i)')).toBe(2);
  });

  it('is mapped unprepared in V1, which takes uptodate for prepared', async () => {
    const after = await play(V1, thereAndBack);
    expect(after.violation).toBe('unprepared-map');
  });

  it.each(['bitmap-nolock', 'bitmap-shared-lock'])('is forgotten by the bitmap of %s', async (scheme) => {
    const after = await play(scheme, thereAndBack);
    expect(after.violation).toBeUndefined();
    expect(after.folio(0)).toMatchObject({ guest: 'private', rmp: 'assigned' });
  });
});

describe.each([V1, V2, V3b])('conversion by VM attributes under %s', (scheme) => {
  const world = { conversion: 'vm-attributes' } as const;

  it('stores the attribute and zaps; folio and RMP stay as they are', async () => {
    const after = await play(scheme, [write(), convert('shared')], world);
    expect(after.returned).toEqual([0, 0]);
    expect(after.cell('attributes')).toBe(SHARED);
    expect(after.cell('private_spte')).toBeUndefined();
    expect(after.folio(0)).toMatchObject({ contents: 'guest', rmp: 'assigned', presence: 'cached' });
    const inOrder = after.missing(
      'mutex_lock(slots_lock)',
      'mmu_invalidate_in_progress++',
      'kvm_tdp_mmu_unmap_gfn_range($i), kvm_flush_remote_tlbs()',
      'attributes[0] = 0',
      'mmu_invalidate_seq++',
      'mutex_unlock(slots_lock)',
    );
    expect(inOrder).toBeUndefined();
    expect(after.times('down_write(invalidate_lock)')).toBe(0);
    expect(after.locksHeld).toEqual([]);
  });

  it('finds the private page as the guest left it', async () => {
    const after = await play(scheme, [write(), convert('shared'), convert('private'), read()], world);
    expect(after.violation).toBeUndefined();
    expect(after.returned).toEqual([0, 0, 0, 0]);
    expect(after.folio(0)).toMatchObject({ contents: 'guest', guest: 'private' });
    expect(after.times('rmp_make_private($i)')).toBe(1);
  });

  it('to what the range already is does nothing', async () => {
    const after = await play(scheme, [convert('private')], world);
    expect(after.returned).toEqual([0]);
    expect(after.times('mmu_invalidate_in_progress++')).toBe(0);
    expect(after.locksHeld).toEqual([]);
  });

  it('fails with -ENOMEM before it changes anything', async () => {
    const after = await play(scheme, [convert('shared')], { ...world, allocationFails: true, choices: [1] });
    expect(after.returned).toEqual([-ENOMEM]);
    expect(after.cell('attributes')).toBe(PRIVATE);
    expect(after.locksHeld).toEqual([]);
  });
});

describe('an attribute that is stored after the end (I10)', () => {
  it('is found at the store', async () => {
    const after = await play('v3-inplace+end-before-store', [convert('shared')]);
    expect(after.violation).toBe('unbalanced-invalidate');
  });
});
