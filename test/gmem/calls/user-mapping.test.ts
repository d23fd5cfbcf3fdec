import { describe, expect, it } from 'vitest';
import { EBUSY, EFAULT, ENOMEM, SIGBUS } from '../../../src/gmem/errno.js';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { play } from '../stage.js';

const versions = ['v1-uptodate-prepared', 'v2-hook-every-fault', 'v3-inplace'];
const shared = { attribute: 'shared' } as const;
const call = (name: 'user-fault' | 'munmap' | 'pin' | 'unpin' | 'host-read' | 'host-write'): CallSpec => ({
  call: name,
  gfn: 0,
});
const punch: CallSpec = { call: 'punch-hole', gfn: 0, count: 1 };

describe.each(versions)('a user fault under %s', (scheme) => {
  it('on shared memory clears the folio, marks it and installs a PTE that owns the reference', async () => {
    const after = await play(scheme, [call('user-fault')], shared);
    expect(after.returned).toEqual([0]);
    expect(after.folio(0)).toMatchObject({ contents: 'zero', uptodate: 'set', mapping: 'mapped', rmp: 'unassigned' });
    expect(after.cell('user_pte')).toBe(0);
    expect(after.cell('folio->_refcount')).toBe(2);
    expect(after.locksHeld).toEqual([]);
  });

  it('installs the PTE with the folio locked', async () => {
    const after = await play(scheme, [call('user-fault')], shared);
    const inOrder = after.missing(
      'down_read(mmap_lock)',
      'filemap_get_entry()',
      'clear_highpage($i)',
      'finish_fault($i)',
      'folio_unlock($i)',
      'up_read(mmap_lock)',
    );
    expect(inOrder).toBeUndefined();
  });

  it('on a page that is mapped already gives its reference back', async () => {
    const after = await play(scheme, [call('user-fault'), call('user-fault')], shared);
    expect(after.returned).toEqual([0, 0]);
    expect(after.cell('folio->_refcount')).toBe(2);
    expect(after.missing('finish_fault($i)', 'finish_fault($i)', 'folio_unlock($i)', 'folio_put($i)')).toBeUndefined();
  });

  it('on private memory is a SIGBUS that allocates nothing', async () => {
    const after = await play(scheme, [call('user-fault')]);
    expect(after.returned).toEqual([-SIGBUS]);
    expect(after.cell('i_pages')).toBeUndefined();
    expect(after.locksHeld).toEqual([]);
  });

  it('is a SIGBUS with VM attributes: the file is not INIT_SHARED', async () => {
    const after = await play(scheme, [call('user-fault')], { ...shared, conversion: 'vm-attributes' });
    expect(after.returned).toEqual([-SIGBUS]);
    expect(after.cell('i_pages')).toBeUndefined();
  });

  it('runs out of memory when no folio can be allocated', async () => {
    const after = await play(scheme, [call('user-fault')], { ...shared, allocationFails: true, choices: [1] });
    expect(after.returned).toEqual([-ENOMEM]);
    expect(after.locksHeld).toEqual([]);
  });
});

describe('the invalidate lock of a user fault', () => {
  it('V3b holds it shared around the attribute and the lookup, and drops it before the clear', async () => {
    const after = await play('v3-inplace', [call('user-fault')], shared);
    const inOrder = after.missing(
      'down_read(invalidate_lock)',
      'attributes[0] is private',
      'filemap_add_folio()',
      'up_read(invalidate_lock)',
      'clear_highpage($i)',
    );
    expect(inOrder).toBeUndefined();
  });

  it.each(['v1-uptodate-prepared', 'v2-hook-every-fault'])('%s takes none', async (scheme) => {
    const after = await play(scheme, [call('user-fault')], shared);
    expect(after.times('down_read(invalidate_lock)')).toBe(0);
  });
});

describe.each(versions)('a host access under %s', (scheme) => {
  it('faults on demand', async () => {
    const after = await play(scheme, [call('host-write'), call('host-read')], shared);
    expect(after.returned).toEqual([0, 0]);
    expect(after.folio(0)).toMatchObject({ contents: 'host', mapping: 'mapped' });
    expect(after.times('finish_fault($i)')).toBe(1);
  });

  it('finds zeroes in a fresh page', async () => {
    const after = await play(scheme, [call('host-read')], shared);
    expect(after.folio(0).contents).toBe('zero');
  });

  it('to private memory is a SIGBUS', async () => {
    const after = await play(scheme, [call('host-write')]);
    expect(after.returned).toEqual([-SIGBUS]);
  });

  it('with VM attributes goes to ordinary memory', async () => {
    const after = await play(scheme, [call('host-write')], { conversion: 'vm-attributes' });
    expect(after.returned).toEqual([0]);
    expect(after.cell('i_pages')).toBeUndefined();
  });
});

describe('munmap', () => {
  it('removes the PTE with mmap_lock held for write; the page stays in the file', async () => {
    const after = await play('v2-hook-every-fault', [call('host-write'), call('munmap')], shared);
    expect(after.returned).toEqual([0, 0]);
    expect(after.cell('user_pte')).toBeUndefined();
    expect(after.cell('folio->_refcount')).toBe(1);
    expect(after.folio(0)).toMatchObject({ contents: 'host', mapping: 'unmapped', presence: 'cached' });
    expect(after.missing('down_write(mmap_lock)', 'zap_pte_range()', 'up_write(mmap_lock)')).toBeUndefined();
  });

  it('of nothing does nothing', async () => {
    const after = await play('v2-hook-every-fault', [call('munmap')], shared);
    expect(after.returned).toEqual([0]);
    expect(after.locksHeld).toEqual([]);
  });
});

describe('a pin', () => {
  it('takes a reference through the PTE, and unpin gives it back', async () => {
    const pinned = await play('v3-inplace', [call('host-write'), call('pin')], shared);
    expect(pinned.returned).toEqual([0, 0]);
    expect(pinned.folio(0).pins).toBe('one');
    expect(pinned.cell('folio->_refcount')).toBe(3);
    expect(pinned.cell('gup_pin')).toBe(0);
    const after = await play('v3-inplace', [call('host-write'), call('pin'), call('unpin')], shared);
    expect(after.returned).toEqual([0, 0, 0]);
    expect(after.folio(0).pins).toBe('none');
    expect(after.cell('folio->_refcount')).toBe(2);
    expect(after.cell('gup_pin')).toBeUndefined();
  });

  it('needs a PTE, and unpin a pin', async () => {
    const after = await play('v3-inplace', [call('pin'), call('unpin')], shared);
    expect(after.returned).toEqual([-EFAULT, -EFAULT]);
  });

  it('is one a gfn: the next one needs an unpin before', async () => {
    const calls = [call('host-write'), call('pin'), call('pin'), call('unpin'), call('pin')];
    const after = await play('v3-inplace', calls, shared);
    expect(after.returned).toEqual([0, 0, -EBUSY, 0, 0]);
    expect(after.folio(0).pins).toBe('one');
    expect(after.cell('folio->_refcount')).toBe(3);
  });

  it('outlives munmap and the hole, and the frame is free when it is dropped', async () => {
    const held = await play('v3-inplace', [call('host-write'), call('pin'), call('munmap'), punch], shared);
    expect(held.violation).toBeUndefined();
    expect(held.folio(0)).toMatchObject({ presence: 'removed', pins: 'one', contents: 'host' });
    expect(held.cell('folio->_refcount')).toBe(1);
    const calls = [call('host-write'), call('pin'), call('munmap'), punch, call('unpin')];
    const after = await play('v3-inplace', calls, shared);
    expect(after.returned).toEqual([0, 0, 0, 0, 0]);
    expect(after.folio(0)).toMatchObject({ presence: 'free', pins: 'none', contents: 'residue' });
  });

  it('of a folio that was punched out says nothing about the next one at its index', async () => {
    const convert: CallSpec = { call: 'convert', gfn: 0, count: 1, to: 'private' };
    const calls: CallSpec[] = [
      call('host-write'),
      call('pin'),
      punch,
      convert,
      { call: 'write', gfn: 0, as: 'private' },
    ];
    const after = await play('v3-inplace', calls, shared);
    expect(after.violation).toBeUndefined();
    expect(after.returned).toEqual([0, 0, 0, 0, 0]);
    expect(after.cell('i_pages')).toBe(1);
  });
});

describe('punch hole under a user mapping', () => {
  it('unmaps before it removes', async () => {
    const after = await play('v2-hook-every-fault', [call('host-write'), punch], shared);
    expect(after.returned).toEqual([0, 0]);
    expect(after.cell('user_pte')).toBeUndefined();
    expect(after.folio(0)).toMatchObject({ mapping: 'unmapped', presence: 'free' });
    expect(after.missing('unmap_mapping_folio()', 'delete_from_page_cache_batch()')).toBeUndefined();
  });
});
