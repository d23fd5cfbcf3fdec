import { describe, expect, it } from 'vitest';
import { EEXIST, EFAULT, EINVAL, EIO } from '../../../src/gmem/errno.js';
import { play, stage } from '../stage.js';

const copy = { call: 'uffd-copy', gfn: 0 } as const;
const proceed = { call: 'uffd-continue', gfn: 0 } as const;
const shared = { attribute: 'shared', arch: 'none' } as const;
const scheme = 'v3-inplace';

describe('uffd-copy', () => {
  it('puts a folio in that is filled and marked, and maps it for the handler', async () => {
    const played = await play(scheme, [copy, { call: 'host-read', gfn: 0 }], shared);
    expect(played.returned).toEqual([0, 0]);
    expect(played.times('clear_highpage($i)')).toBe(0);
    expect(played.folio(0)).toMatchObject({ contents: 'host', uptodate: 'set', suppliedData: 'kept' });
    expect(played.cell('folio->_refcount', 0)).toBe(2);
    expect(played.locksHeld).toEqual([]);
  });

  it('is refused where there is a folio already, whose frame goes back', async () => {
    const played = await play(scheme, [{ call: 'allocate', gfn: 0, count: 1 }, copy], shared);
    expect(played.returned).toEqual([0, -EEXIST]);
    expect(played.cell('folio->_refcount', 0)).toBe(1);
    expect(played.cell('folio->_refcount', 1)).toBe(0);
    expect(played.locksHeld).toEqual([]);
  });

  it('is refused of files that did not begin shared, of large folios and without a direct map', async () => {
    const vm = { conversion: 'vm-attributes', attribute: 'shared' } as const;
    expect((await play(scheme, [copy], vm)).returned).toEqual([-EINVAL]);
    expect((await play(scheme, [copy], { ...shared, gfns: 2, maxOrder: 1 })).returned).toEqual([-EINVAL]);
    const mapless = await play('v3-inplace+direct-map-v12', [copy], { ...shared, noDirectMap: true });
    expect(mapless.returned).toEqual([-EINVAL]);
  });
});

describe('uffd-continue', () => {
  it('maps the folio that is there; there is none, and nothing else happens', async () => {
    const mapped = await play(scheme, [{ call: 'pwrite', gfn: 0 }, proceed], shared);
    expect(mapped.returned).toEqual([0, 0]);
    expect(mapped.cell('folio->_refcount', 0)).toBe(2);
    expect((await play(scheme, [proceed], shared)).returned).toEqual([-EFAULT]);
  });

  it('answers -EEXIST where the page is mapped, and gives its reference back', async () => {
    const played = await play(scheme, [copy, proceed], shared);
    expect(played.returned).toEqual([0, -EEXIST]);
    expect(played.cell('folio->_refcount', 0)).toBe(2);
    expect(played.locksHeld).toEqual([]);
  });

  it('leaves a page alone whose memory has failed', async () => {
    const calls = [{ call: 'pwrite', gfn: 0 }, { call: 'memory-failure', gfn: 0 }, proceed] as const;
    const played = await play('v3-inplace+mf-delayed', calls, shared);
    expect(played.returned.at(-1)).toBe(-EIO);
    expect(played.locksHeld).toEqual([]);
  });

  it('clears what is not uptodate with continue-clears alone', async () => {
    const calls = [{ call: 'allocate', gfn: 0, count: 1 }, proceed] as const;
    expect((await play(scheme, calls, shared)).violation).toBe('leak');
    const cleared = await play('v3-inplace+continue-clears', calls, shared);
    expect(cleared.folio(0)).toMatchObject({ contents: 'zero', uptodate: 'set' });
  });

  it('keeps a conversion off from the look at the attribute on with uffd-under-lock', async () => {
    const convert = { call: 'convert', gfn: 0, count: 1, to: 'private' } as const;
    const actors = { handler: [copy], converter: [convert] };
    const s = await stage('v3-inplace+uffd-under-lock', actors, { attribute: 'shared' });
    s.runTo('handler', 'mfill_atomic_install_pte($i)').run('converter');
    expect([s.canRun('converter'), s.isDone('converter')]).toEqual([false, false]);
  });
});
