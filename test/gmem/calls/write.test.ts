import { describe, expect, it } from 'vitest';
import { EACCES, EAGAIN, EFAULT, EINVAL, ENODEV } from '../../../src/gmem/errno.js';
import { play, stage } from '../stage.js';

const pwrite = { call: 'pwrite', gfn: 0 } as const;
const shared = { attribute: 'shared', arch: 'none' } as const;

describe('pwrite', () => {
  it('copies into a fresh folio and marks it uptodate, so that nobody clears it', async () => {
    const read = { call: 'read', as: 'shared', gfn: 0 } as const;
    const played = await play('v2-hook-every-fault', [pwrite, read], shared);
    expect(played.returned).toEqual([0, 0]);
    expect(played.times('clear_highpage($i)')).toBe(0);
    expect(played.folio(0)).toMatchObject({ contents: 'host', uptodate: 'set' });
    expect(played.locksHeld).toEqual([]);
    expect(played.cell('folio->_refcount', 0)).toBe(1);
  });

  it('is refused of private memory, and of a file that is private as a whole', async () => {
    const refused = await play('v2-hook-every-fault', [pwrite]);
    expect(refused.returned).toEqual([-EACCES]);
    expect(refused.locksHeld).toEqual([]);
    expect(refused.cell('folio->_refcount', 0)).toBe(1);
    const vm = await play('v2-hook-every-fault', [pwrite], { conversion: 'vm-attributes', attribute: 'shared' });
    expect(vm.returned).toEqual([-ENODEV]);
  });

  it('is refused of a large folio, and gives that back unlocked', async () => {
    const large = await play('v2-hook-every-fault', [pwrite], { ...shared, gfns: 2, maxOrder: 1 });
    expect(large.returned).toEqual([-EFAULT]);
    expect(large.locksHeld).toEqual([]);
  });

  it('keeps a conversion off that counts while it has its reference', async () => {
    const convert = { call: 'convert', gfn: 0, count: 1, to: 'private' } as const;
    const s = await stage('v3-inplace', { writer: [pwrite], converter: [convert] }, { attribute: 'shared' });
    s.runTo('writer', 'copy_folio_from_iter_atomic($i)').call('converter').call('writer');
    expect(s.returned).toEqual([-EAGAIN, 0]);
  });

  it('is refused of a page that is out of the direct map, where that is marked; else it falls into the hole', async () => {
    const fault = { call: 'user-fault', gfn: 0 } as const;
    const world = { ...shared, noDirectMap: true } as const;
    const marked = await play('v2-hook-every-fault+direct-map-v12', [fault, pwrite], world);
    expect(marked.returned).toEqual([0, -EINVAL]);
    expect((await play('v2-hook-every-fault+direct-map-v7', [fault, pwrite], world)).violation).toBe('host-page-fault');
  });
});

describe('pwrite where the direct mapping may be 2M', () => {
  const block = { gfns: 2, frames: 4, maxOrder: 1, attributes: ['private', 'shared'] } as const;
  const scheme = 'v3d-hugetlb+split-before-insert';
  const calls = [
    { call: 'write', as: 'private', gfn: 0 },
    { ...pwrite, gfn: 1 },
  ] as const;

  it('copies through 4K beside a page that is assigned, and would fault through 2M', async () => {
    const split = await play(scheme, calls, block);
    expect(split.returned).toEqual([0, 0]);
    expect((await play(`${scheme}+direct-map-not-split`, calls, block)).violation).toBe('host-rmp-fault');
  });

  it('takes the shared invalidate lock around its lookup with write-under-lock', async () => {
    const played = await play('v3d-hugetlb+write-under-lock', [calls[1]], { ...block, arch: 'none' });
    expect(
      played.missing(
        'down_read(invalidate_lock)',
        'filemap_get_entry()',
        'up_read(invalidate_lock)',
        'copy_folio_from_iter_atomic($i)',
      ),
    ).toBeUndefined();
  });
});
