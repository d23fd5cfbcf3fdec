import { describe, expect, it } from 'vitest';
import { EBUSY, EHWPOISON, SIGBUS } from '../../../src/gmem/errno.js';
import { play, stage } from '../stage.js';

const failure = { call: 'memory-failure', gfn: 0 } as const;
const allocate = { call: 'allocate', gfn: 0, count: 1 } as const;
const punch = { call: 'punch-hole', gfn: 0, count: 1 } as const;
const write = { call: 'write', as: 'private', gfn: 0 } as const;
const delayed = 'v2-hook-every-fault+mf-delayed';

describe('memory-failure', () => {
  it('sets the flag before any lock, then takes every mapping away and ends', async () => {
    const { steps, missing, returned, folio } = await play(delayed, [write, failure]).then((played) => ({
      steps: played.steps,
      returned: played.returned,
      missing: (...texts: string[]) => played.missing(...texts),
      folio: played.folio(0),
    }));
    expect(returned).toEqual([0, 0]);
    expect(steps.findIndex((step) => step.endsWith('TestSetPageHWPoison($i)'))).toBeGreaterThan(0);
    expect(
      missing(
        'TestSetPageHWPoison($i)',
        'get_hwpoison_page($i)',
        'folio_lock($i)',
        'folio->mapping == mapping',
        'down_read(invalidate_lock)',
        'mmu_invalidate_in_progress++',
        'MF_DELAYED ($i)',
        'up_read(invalidate_lock)',
        'has_extra_refcount($i)',
      ),
    ).toBeUndefined();
    expect(folio).toMatchObject({ presence: 'cached', guest: 'unmapped', poison: 'handled' });
  });

  it('has nothing to do where no page is, and finds a page that was poisoned before', async () => {
    const { returned } = await play(delayed, [failure, allocate, failure, failure]);
    expect(returned).toEqual([0, 0, 0, -EHWPOISON]);
  });

  it('answers a guest fault with -EHWPOISON and a user fault with SIGBUS from then on', async () => {
    expect((await play(delayed, [allocate, failure, write])).returned).toEqual([0, 0, -EHWPOISON]);
    const touch = { call: 'host-write', gfn: 0 } as const;
    const shared = await play(delayed, [touch, failure, touch], { attribute: 'shared' });
    expect(shared.returned).toEqual([0, 0, -SIGBUS]);
    expect(shared.folio(0)).toMatchObject({ mapping: 'unmapped', poison: 'handled' });
  });

  it.each(['v1-uptodate-prepared', 'v2-hook-every-fault', 'v3-inplace', 'cmpxchg-tristate', 'seqcount-retry'])(
    'is seen by faults and populate of %s, which leave no reference behind',
    async (scheme) => {
      const populate = { call: 'populate', gfn: 0, count: 1 } as const;
      const played = await play(`${scheme}+mf-delayed`, [allocate, failure, write, populate]);
      expect(played.returned).toEqual([0, 0, -EHWPOISON, -EHWPOISON]);
      expect(played.cell('folio->_refcount', 0)).toBe(2);
      expect(played.locksHeld).toEqual([]);
    },
  );

  it('keeps its frame for ever: a punch takes it out of the file, and the next page is another one', async () => {
    const played = await play(delayed, [allocate, failure, punch, allocate]);
    expect(played.folio(0)).toMatchObject({ presence: 'removed', poison: 'handled' });
    expect(played.cell('folio->_refcount', 0)).toBe(1);
    expect(played.cell('i_pages')).toBe(1);
  });

  it('keeps a frame from the free lists whose last reference goes before it has one of its own', async () => {
    const s = await stage(delayed, { failer: [allocate, failure], puncher: [punch] });
    s.call('failer').runTo('failer', 'get_hwpoison_page($i)').run('puncher').run('failer');
    expect(s.violation).toBeUndefined();
    expect(s.returned).toEqual([0, 0, -EBUSY]);
    expect(s.cell('folio->_refcount', 0)).toBe(0);
    expect(s.folio(0)).toMatchObject({ presence: 'removed', poison: 'poisoned' });
  });

  it('reports a failure while somebody else holds the page, and that is no finding', async () => {
    const s = await stage(delayed, { failer: [allocate, failure], vCPU0: [write] });
    s.call('failer').runTo('vCPU0', 'folio_lock($i)').run('failer');
    expect(s.violation).toBeUndefined();
    expect(s.returned).toEqual([0, -EBUSY]);
  });

  it('of mainline takes MF_DELAYED for a failure: R100', async () => {
    const played = await play('v2-hook-every-fault', [allocate, failure]);
    expect(played.violation).toBe('assertion');
    expect(played.folio(0)).toMatchObject({ poison: 'handled' });
  });

  it('and a punch wait for each other, unless the folio is unlocked meanwhile', async () => {
    const held = async (scheme: string) => {
      const s = await stage(scheme, { failer: [allocate, failure], puncher: [punch] });
      s.call('failer').runTo('failer', 'down_read(invalidate_lock)').run('puncher').run('failer').run('puncher');
      return s.run('failer').isDone('failer');
    };
    expect(await held(delayed)).toBe(false);
    expect(await held(`${delayed}+mf-folio-unlocked`)).toBe(true);
  });
});

describe('memory-failure in a large folio', () => {
  const large = { gfns: 2, frames: 4, maxOrder: 1, arch: 'none' } as const;
  const whole = 'v2-hook-every-fault+clear-whole-folio+mf-delayed';
  const writeTo = (gfn: number) => ({ ...write, gfn }) as const;

  it('flags the first page, whichever has failed, and takes all of the folio from the guest', async () => {
    const played = await play(whole, [write, { ...failure, gfn: 1 }, write, writeTo(1)], large);
    expect(played.returned).toEqual([0, 0, -EHWPOISON, -EHWPOISON]);
    expect([played.cell('PG_hwpoison', 0), played.cell('PG_hwpoison', 1)]).toEqual([1, 0]);
    expect([played.folio(0).poison, played.folio(1).poison]).toEqual(['healthy', 'handled']);
    expect([played.folio(0).guest, played.folio(1).guest]).toEqual(['unmapped', 'unmapped']);
    expect(played.cell('folio->_refcount', 0)).toBe(3);
  });

  it('notes a second page that fails, and handles it no more', async () => {
    const played = await play(whole, [write, failure, { ...failure, gfn: 1 }], large);
    expect(played.returned).toEqual([0, 0, -EHWPOISON]);
    expect(played.folio(1).poison).toBe('poisoned');
    expect(played.locksHeld).toEqual([]);
  });

  it('flags a folio of V3d and ignores it: no reference is taken, and the guest keeps its mapping', async () => {
    const played = await play('v3d-hugetlb+clear-whole-folio+mf-delayed', [write, failure], large);
    expect(played.returned).toEqual([0, -EBUSY]);
    expect(played.cell('folio->_refcount', 0)).toBe(2);
    expect(played.folio(0)).toMatchObject({ guest: 'private', poison: 'poisoned' });
  });

  it('handles a page of a folio that was split as any page', async () => {
    const attributes = ['shared', 'private'] as const;
    const scheme = 'v3d-hugetlb+split-before-insert+mf-delayed';
    const played = await play(scheme, [writeTo(1), { ...failure, gfn: 1 }, writeTo(1)], { ...large, attributes });
    expect(played.returned).toEqual([0, 0, -EHWPOISON]);
    expect([played.cell('PG_hwpoison', 0), played.cell('PG_hwpoison', 1)]).toEqual([0, 1]);
  });

  it('keeps the block of a folio that was flagged from the free lists', async () => {
    const s = await stage(whole, { failer: [allocate, failure], puncher: [{ ...punch, count: 2 }] }, large);
    s.call('failer').run('failer').run('puncher');
    expect(s.returned).toEqual([0, 0, 0]);
    expect([s.folio(0).presence, s.folio(1).presence]).toEqual(['removed', 'removed']);
  });
});
