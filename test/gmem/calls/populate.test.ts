import { describe, expect, it } from 'vitest';
import { EEXIST, EINVAL, ENOMEM, EOPNOTSUPP } from '../../../src/gmem/errno.js';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { play, stage } from '../stage.js';

const V1 = 'v1-uptodate-prepared';
const V2 = 'v2-hook-every-fault';
const V3b = 'v3-inplace';

const populate = (gfn = 0, count = 1): CallSpec => ({ call: 'populate', gfn, count });
const write = (gfn = 0): CallSpec => ({ call: 'write', gfn, as: 'private' });
const read = (gfn = 0): CallSpec => ({ call: 'read', gfn, as: 'private' });

describe.each([V1, V2, V3b])('populate under %s', (scheme) => {
  it('copies, assigns and marks each page, and returns how many', async () => {
    const after = await play(scheme, [populate(0, 2)], { gfns: 2 });
    expect(after.returned).toEqual([2]);
    for (const frame of [0, 1]) {
      expect(after.folio(frame)).toMatchObject({
        contents: 'image',
        uptodate: 'set',
        presence: 'cached',
        guest: 'unmapped',
        rmp: 'assigned',
      });
    }
    expect(after.locksHeld).toEqual([]);
  });

  it('leaves the image to the guest', async () => {
    const after = await play(scheme, [populate(), read()]);
    expect(after.returned).toEqual([1, 0]);
    expect(after.folio(0)).toMatchObject({ contents: 'image', guest: 'private' });
    expect(after.times('rmp_make_private($i)')).toBe(1);
  });

  it('takes a page that fallocate has allocated (R7)', async () => {
    const after = await play(scheme, [{ call: 'allocate', gfn: 0, count: 1 }, populate()]);
    expect(after.returned).toEqual([0, 1]);
    expect(after.folio(0).contents).toBe('image');
  });

  it('refuses shared memory', async () => {
    const after = await play(scheme, [populate()], { attribute: 'shared' });
    expect(after.returned).toEqual([-EINVAL]);
    expect(after.folio(0)).toMatchObject({ presence: 'cached', rmp: 'unassigned' });
  });

  it('fails when RMPUPDATE does; the page is no image then, and may be populated again', async () => {
    const after = await play(scheme, [populate(), populate(), read()], { hookFails: true, choices: [1] });
    expect(after.violation).toBeUndefined();
    expect(after.returned).toEqual([-EINVAL, 1, 0]);
  });

  it('fails with -ENOMEM when no folio can be allocated', async () => {
    const after = await play(scheme, [populate()], { allocationFails: true, choices: [1] });
    expect(after.returned).toEqual([-ENOMEM]);
    expect(after.locksHeld).toEqual([]);
  });

  it('returns the pages done before the one that failed', async () => {
    const after = await play(scheme, [write(1), populate(0, 2)], { gfns: 2 });
    expect(after.returned).toEqual([0, 1]);
  });

  it('copies into the page that the folio lock no longer guards', async () => {
    const after = await play(scheme, [populate()]);
    expect(after.missing('folio_unlock($i)', 'snp_lookup_rmpentry($i)->assigned', 'memcpy($i)')).toBeUndefined();
    expect(after.missing('memcpy($i)', 'folio_unlock($i)')).toBe('folio_unlock($i)');
  });
});

describe('populate of a page that is in use (R8)', () => {
  it.each([
    [V1, -EEXIST],
    [V2, -EINVAL],
    [V3b, -EINVAL],
  ])('is refused under %s with %i', async (scheme, errno) => {
    const used = await play(scheme, [write(), populate()]);
    expect(used.returned).toEqual([0, errno]);
    expect(used.folio(0)).toMatchObject({ contents: 'guest', guest: 'private', rmp: 'assigned' });
    const twice = await play(scheme, [populate(), populate()]);
    expect(twice.returned).toEqual([1, errno]);
  });

  it('silently overwrites it in V2 where no architecture looks', async () => {
    const after = await play(V2, [write(), populate()], { arch: 'none' });
    expect(after.violation).toBe('lost-write');
    const twice = await play(V2, [populate(), populate()], { arch: 'none' });
    expect(twice.violation).toBe('populate-overwrite');
  });
});

describe('the locks of populate', () => {
  it('V1 holds the invalidate lock over all pages, and faults on the source under it', async () => {
    const after = await play(V1, [populate(0, 2)], { gfns: 2 });
    expect(after.times('down_write(invalidate_lock)')).toBe(1);
    const inOrder = after.missing(
      'mutex_lock(slots_lock)',
      'down_write(invalidate_lock)',
      'snp_lookup_rmpentry($i)->assigned',
      'down_read(mmap_lock)',
      'memcpy($i)',
      'folio_mark_uptodate($i)',
      'up_write(invalidate_lock)',
    );
    expect(inOrder).toBeUndefined();
    expect(after.steps).toContain('copy_from_user: down_read(mmap_lock)');
  });

  it.each([V2, V3b])('%s takes it page by page, after the source was pinned', async (scheme) => {
    const after = await play(scheme, [populate(0, 2)], { gfns: 2 });
    expect(after.times('down_write(invalidate_lock)')).toBe(2);
    const page = ['up_read(mmap_lock)', 'down_write(invalidate_lock)', 'memcpy($i)', 'up_write(invalidate_lock)'];
    expect(after.missing('mutex_lock(slots_lock)', 'down_read(mmap_lock)', ...page, ...page)).toBeUndefined();
    expect(after.steps).toContain('get_user_pages_fast: down_read(mmap_lock)');
  });

  it('V3b clears the folio when it gets it, V1 and V2 do not', async () => {
    const clears = async (scheme: string) => (await play(scheme, [populate()])).times('clear_highpage($i)');
    expect([await clears(V1), await clears(V2), await clears(V3b)]).toEqual([0, 0, 1]);
  });
});

describe('the launch gate', () => {
  it('keeps vCPUs from running before every populate has ended', async () => {
    const both = await stage(V2, { vCPU0: [write(), write()], populater: [populate()] }, { gate: true });
    expect(both.canRun('vCPU0')).toBe(false);
    both.runTo('populater', 'mutex_unlock(slots_lock)');
    expect(both.canRun('vCPU0')).toBe(false);
    both.run('populater').run('vCPU0');
    expect(both.returned).toEqual([1, 0, 0]);
  });

  it('lets them race with it when it is off', async () => {
    const both = await stage(V2, { vCPU0: [write()], populater: [populate()] });
    expect(both.canRun('vCPU0')).toBe(true);
  });
});

describe('populate-in-place', () => {
  const inPlace = { call: 'populate-in-place', gfn: 0, count: 1 } as const;
  const convert = { call: 'convert', gfn: 0, count: 1, to: 'private' } as const;

  it('measures what was written while the page was shared, and neither clears nor copies', async () => {
    const played = await play('v3-inplace', [{ call: 'host-write', gfn: 0 }, convert, inPlace], {
      attribute: 'shared',
    });
    expect(played.returned).toEqual([0, 0, 1]);
    expect(played.folio(0)).toMatchObject({ contents: 'image', rmp: 'assigned', launchData: 'absent' });
    expect(played.times('clear_highpage($i)')).toBe(1);
    expect(played.times('memcpy($i)')).toBe(0);
  });

  it('measures zeroes where nothing was written, and refuses shared memory and a page twice', async () => {
    const played = await play('v3-inplace', [inPlace, inPlace]);
    expect(played.returned).toEqual([1, -EINVAL]);
    expect(played.folio(0)).toMatchObject({ contents: 'image' });
    expect((await play('v3-inplace', [inPlace], { attribute: 'shared' })).returned).toEqual([-EINVAL]);
    expect((await play('v3-inplace', [inPlace], { arch: 'none' })).folio(0)).toMatchObject({ contents: 'image' });
  });

  it.each(['v1-uptodate-prepared', 'v2-hook-every-fault'])('%s needs a source', async (scheme) => {
    const played = await play(scheme, [inPlace]);
    expect(played.returned).toEqual([-EOPNOTSUPP]);
    expect(played.locksHeld).toEqual([]);
  });

  it('measures every page of a folio that was merged of pages which the host has written', async () => {
    const world = { gfns: 2, frames: 4, maxOrder: 1, attribute: 'shared' } as const;
    const convert = { call: 'convert', gfn: 0, count: 2, to: 'private' } as const;
    const scheme = 'v3d-hugetlb+store-inside+clear-whole-folio';
    const written = [
      { call: 'pwrite', gfn: 0 },
      { call: 'pwrite', gfn: 1 },
    ] as const;
    const launched = await play(scheme, [...written, convert, { ...inPlace, count: 2 }], world);
    expect(launched.returned).toEqual([0, 0, 0, 2]);
    expect([launched.folio(0), launched.folio(1)]).toMatchObject([{ contents: 'image' }, { contents: 'image' }]);
    // "A merge takes the flags of the head": the first page was never written, so populate clears both, the launch's data with them.
    const half = await play(scheme, [written[1], convert, { ...inPlace, count: 2 }], world);
    expect(half.violation).toBe('lost-write');
  });
});
