import { describe, expect, it } from 'vitest';
import { EINVAL } from '../../../src/gmem/errno.js';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { play, stage } from '../stage.js';

const scheme = 'cmpxchg-tristate';
const NONE = 0;
const BUSY = 1;
const READY = 2;
const HOOK = 'rmp_make_private($i)';

const write: CallSpec = { call: 'write', gfn: 0, as: 'private' };
const punch: CallSpec = { call: 'punch-hole', gfn: 0, count: 1 };

describe('cmpxchg-tristate', () => {
  it('makes a prepared index ready, and a truncated one none', async () => {
    const ready = await play(scheme, [write]);
    expect(ready.returned).toEqual([0]);
    expect(ready.cell('prepare_state')).toBe(READY);
    expect(ready.folio(0)).toMatchObject({ contents: 'guest', guest: 'private', rmp: 'assigned', uptodate: 'set' });
    const none = await play(scheme, [write, punch]);
    expect(none.cell('prepare_state')).toBe(NONE);
    expect(none.folio(0)).toMatchObject({ presence: 'free', rmp: 'unassigned' });
  });

  it('goes back to none when the hook fails, so that the next fault prepares', async () => {
    const failed = await play(scheme, [write], { hookFails: true, choices: [1] });
    expect(failed.returned).toEqual([-EINVAL]);
    expect(failed.cell('prepare_state')).toBe(NONE);
    const again = await play(scheme, [write, write], { hookFails: true, choices: [1] });
    expect(again.returned).toEqual([-EINVAL, 0]);
  });

  it('runs the hook outside the folio lock', async () => {
    const after = await play(scheme, [write]);
    expect(after.missing('clear_highpage($i)', 'folio_unlock($i)', HOOK)).toBeUndefined();
  });

  it('lets a second fault wait while the index is busy, and share what the first has done', async () => {
    const both = await stage(scheme, { vCPU0: [write], vCPU1: [write] });
    both.runTo('vCPU0', HOOK).run('vCPU1');
    expect(both.cell('prepare_state')).toBe(BUSY);
    expect(both.canRun('vCPU1')).toBe(false);
    both.run('vCPU0').run('vCPU1');
    expect(both.returned).toEqual([0, 0]);
    expect(both.times(HOOK)).toBe(1);
  });

  it('lets a punch wait while a hook runs', async () => {
    const both = await stage(scheme, { vCPU0: [write], puncher: [punch] });
    both.runTo('vCPU0', HOOK).run('puncher');
    expect(both.canRun('puncher')).toBe(false);
    expect(both.cell('i_pages')).toBe(0);
    both.runThrough('vCPU0', HOOK).run('vCPU0').run('puncher').run('vCPU0');
    expect(both.violation).toBeUndefined();
    expect(both.isDone('puncher')).toBe(true);
  });

  it('lets a fault that has looked its folio up before a punch try again (ABA)', async () => {
    const both = await stage(scheme, { vCPU0: [write], puncher: [punch] });
    both.runThrough('vCPU0', 'folio_unlock($i)').run('puncher').run('vCPU0').run('vCPU0');
    expect(both.violation).toBeUndefined();
    expect(both.returned).toEqual([0, 0]);
    // The doomed attempt took the index and gave it back without calling the hook.
    expect(
      both.missing('folio_unlock($i)', 'delete_from_page_cache_batch()', 'prepare_state[0] = NONE', HOOK),
    ).toBeUndefined();
    expect(both.times(HOOK)).toBe(1);
  });
});

describe('cmpxchg-tristate with a large folio', () => {
  const HUGE = { gfns: 2, frames: 2, maxOrder: 1 };
  const WHOLE = `${scheme}+clear-whole-folio`;
  const other: CallSpec = { call: 'write', gfn: 1, as: 'private' };

  it('makes every index of it busy, because a hook may be about all of them', async () => {
    const both = await stage(WHOLE, { vCPU0: [write], vCPU1: [other] }, HUGE);
    both.runTo('vCPU0', 'rmp_make_private($i, 2M)').run('vCPU1');
    expect([both.cell('prepare_state', 0), both.cell('prepare_state', 1)]).toEqual([BUSY, BUSY]);
    expect(both.canRun('vCPU1')).toBe(false);
    both.run('vCPU0').run('vCPU1');
    expect([both.violation, both.cell('prepare_state', 1)]).toEqual([undefined, READY]);
  });

  it('is sent back by a conversion of another page of it', async () => {
    const share: CallSpec = { call: 'convert', gfn: 1, count: 1, to: 'shared' };
    const both = await stage(WHOLE, { vCPU0: [write], converter: [share] }, HUGE);
    both.runTo('vCPU0', 'cmpxchg(prepare_state[0], NONE, BUSY)').run('converter').run('vCPU0');
    expect([both.times('rmp_make_private($i, 2M)'), both.violation]).toEqual([0, undefined]);
  });
});
