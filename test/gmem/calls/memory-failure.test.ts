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

  it('is not told of worlds with large folios', async () => {
    await expect(play(delayed, [failure], { gfns: 2, maxOrder: 1 })).rejects.toThrow(/has folios of one page/);
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
