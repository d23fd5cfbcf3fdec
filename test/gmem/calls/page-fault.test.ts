import { describe, expect, it } from 'vitest';
import { EFAULT, EINVAL, ENOMEM } from '../../../src/gmem/errno.js';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { play, stage } from '../stage.js';

const V1 = 'v1-uptodate-prepared';
const V2 = 'v2-hook-every-fault';
const V3b = 'v3-inplace';
const versions = [V1, V2, V3b];

const write = (as: 'private' | 'shared'): CallSpec => ({ call: 'write', gfn: 0, as });
const read = (as: 'private' | 'shared'): CallSpec => ({ call: 'read', gfn: 0, as });
const punch: CallSpec = { call: 'punch-hole', gfn: 0, count: 1 };

describe.each(versions)('a guest access under %s', (scheme) => {
  it('to private memory clears, prepares and maps a folio', async () => {
    const after = await play(scheme, [write('private')]);
    expect(after.returned).toEqual([0]);
    expect(after.folio(0)).toEqual({
      contents: 'guest',
      uptodate: 'set',
      presence: 'cached',
      mapping: 'unmapped',
      pins: 'none',
      guest: 'private',
      rmp: 'assigned',
    });
    expect(after.cell('private_spte')).toBe(0);
    expect(after.cell('i_pages')).toBe(0);
    expect(after.cell('folio->_refcount')).toBe(1);
    expect(after.locksHeld).toEqual([]);
  });

  it('that reads a fresh page finds zeroes', async () => {
    const after = await play(scheme, [read('private')]);
    expect(after.returned).toEqual([0]);
    expect(after.folio(0).contents).toBe('zero');
  });

  it('to a page that is mapped does not fault', async () => {
    const after = await play(scheme, [write('private'), read('private')]);
    expect(after.returned).toEqual([0, 0]);
    expect(after.times('kvm_tdp_mmu_map($i)')).toBe(1);
    expect(after.times('guest read (private) $i')).toBe(1);
  });

  it('of the wrong kind is a memory fault that allocates nothing', async () => {
    const after = await play(scheme, [write('shared')]);
    expect(after.returned).toEqual([-EFAULT]);
    expect(after.cell('i_pages')).toBeUndefined();
    expect(after.folio(0).presence).toBe('free');
  });

  it('to shared memory with VM attributes leaves the file alone', async () => {
    const world = { conversion: 'vm-attributes', attribute: 'shared' } as const;
    const after = await play(scheme, [write('shared'), write('private')], world);
    expect(after.returned).toEqual([0, -EFAULT]);
    expect(after.cell('i_pages')).toBeUndefined();
  });

  it('without an architecture needs no RMP', async () => {
    const after = await play(scheme, [write('private')], { arch: 'none' });
    expect(after.returned).toEqual([0]);
    expect(after.folio(0)).toMatchObject({ contents: 'guest', guest: 'private', rmp: 'absent' });
    expect(after.steps.some((step) => step.startsWith('sev_'))).toBe(false);
  });

  it('fails with -ENOMEM when no folio can be allocated, and leaves nothing behind', async () => {
    const after = await play(scheme, [write('private'), write('private')], { allocationFails: true, choices: [1] });
    expect(after.returned).toEqual([-ENOMEM, 0]);
    expect(after.times('filemap_add_folio()')).toBe(1);
  });

  it('takes the snapshot, then the attribute, then the folio, then checks and maps under mmu_lock', async () => {
    const after = await play(scheme, [write('private')]);
    const inOrder = after.missing(
      'seq = mmu_invalidate_seq',
      'attributes[0] is private',
      'mmu_invalidate_retry_gfn_unsafe()',
      'filemap_get_entry()',
      'mmu_invalidate_retry_gfn_unsafe()',
      'read_lock(mmu_lock)',
      'mmu_invalidate_in_progress > 0',
      'mmu_invalidate_seq != seq',
      'kvm_tdp_mmu_map($i)',
      'read_unlock(mmu_lock)',
    );
    expect(inOrder).toBeUndefined();
  });

  it('that meets an invalidation retries and comes to an end', async () => {
    const both = await stage(scheme, { vCPU0: [write('private')], puncher: [punch] });
    both.runTo('puncher', 'filemap_get_entry()');
    both.run('vCPU0').run('vCPU0');
    expect(both.times('mmu_invalidate_retry_gfn_unsafe()')).toBe(2);
    expect(both.isDone('vCPU0')).toBe(false);
    both.run('puncher').run('vCPU0');
    expect(both.violation).toBeUndefined();
    expect(both.returned).toEqual([0, 0]);
  });
});

describe('a fault whose hook fails', () => {
  const world = { hookFails: true, choices: [1] } as const;

  it('leaves uptodate clear in V1, and the next one clears again', async () => {
    const failed = await play(V1, [write('private')], world);
    expect(failed.returned).toEqual([-EINVAL]);
    expect(failed.folio(0)).toMatchObject({ uptodate: 'clear', presence: 'cached', rmp: 'unassigned' });
    expect(failed.cell('folio->_refcount')).toBe(1);
    const again = await play(V1, [write('private'), write('private')], world);
    expect(again.returned).toEqual([-EINVAL, 0]);
    expect(again.times('clear_highpage($i)')).toBe(2);
  });

  it.each([V2, V3b])('leaves uptodate set in %s, and the next one does not clear', async (scheme) => {
    const failed = await play(scheme, [write('private')], world);
    expect(failed.returned).toEqual([-EINVAL]);
    expect(failed.folio(0)).toMatchObject({ uptodate: 'set', presence: 'cached', rmp: 'unassigned' });
    expect(failed.cell('folio->_refcount')).toBe(1);
    const again = await play(scheme, [write('private'), write('private')], world);
    expect(again.returned).toEqual([-EINVAL, 0]);
    expect(again.times('clear_highpage($i)')).toBe(1);
    expect(again.folio(0)).toMatchObject({ contents: 'guest', rmp: 'assigned' });
  });
});

describe('a shared fault on a file that converts in place', () => {
  it('runs no hook in V3b', async () => {
    const after = await play(V3b, [write('shared')], { attribute: 'shared' });
    expect(after.returned).toEqual([0]);
    expect(after.folio(0)).toMatchObject({ contents: 'guest', guest: 'shared', rmp: 'unassigned', uptodate: 'set' });
    expect(after.cell('shared_spte')).toBe(0);
  });

  it.each([V1, V2])('is not what %s was made for: its hook assigns the page all the same', async (scheme) => {
    const after = await play(scheme, [write('shared')], { attribute: 'shared' });
    expect(after.violation).toBe('attribute-mismatch');
  });
});

describe('kvm_gmem_get_pfn()', () => {
  it('asks the RMP on every fault in V2, and trusts uptodate in V1', async () => {
    const asked = async (scheme: string) => {
      const calls = { vCPU0: [write('private')], vCPU1: [write('private')] };
      const both = await stage(scheme, calls);
      both.runTo('vCPU1', 'filemap_get_entry()').run('vCPU0').run('vCPU1');
      expect(both.returned).toEqual([0, 0]);
      return both.times('snp_lookup_rmpentry($i)->assigned');
    };
    expect(await asked(V1)).toBe(1);
    expect(await asked(V2)).toBe(2);
    expect(await asked(V3b)).toBe(2);
  });

  it.each([V1, V2])('takes no invalidate lock in %s', async (scheme) => {
    const after = await play(scheme, [write('private')]);
    expect(after.times('down_read(invalidate_lock)')).toBe(0);
  });

  it('holds the invalidate lock shared from the lookup to the put in V3b, and returns no reference', async () => {
    const after = await play(V3b, [write('private')]);
    const inOrder = after.missing(
      'down_read(invalidate_lock)',
      'filemap_get_entry()',
      'rmp_make_private($i)',
      'folio_unlock($i)',
      'folio_put($i)',
      'up_read(invalidate_lock)',
      'kvm_tdp_mmu_map($i)',
    );
    expect(inOrder).toBeUndefined();
    expect(after.times('folio_put($i)')).toBe(1);
    expect(after.steps).toContain('kvm_gmem_get_pfn: down_read(invalidate_lock)');
  });
});
