import { describe, expect, it } from 'vitest';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { play, stage } from '../stage.js';

const write = (gfn = 0): CallSpec => ({ call: 'write', gfn, as: 'private' });
const punch: CallSpec = { call: 'punch-hole', gfn: 0, count: 1 };

describe.each(['bitmap-nolock', 'bitmap-shared-lock'])('%s', (scheme) => {
  it('sets the bit of a page that a fault has cleared and prepared', async () => {
    const after = await play(scheme, [write(1)], { gfns: 2 });
    expect(after.returned).toEqual([0]);
    expect(after.cell('prepared')).toBe(0b10);
    expect(after.folio(0)).toMatchObject({ contents: 'guest', guest: 'private', rmp: 'assigned', uptodate: 'clear' });
    expect(after.missing('clear_highpage($i)', 'rmp_make_private($i)', 'set_bit($a, prepared)')).toBeUndefined();
  });

  it('clears it once the folio is gone, before the invalidation ends', async () => {
    const after = await play(scheme, [write(), punch, write()]);
    expect(after.returned).toEqual([0, 0, 0]);
    const inOrder = after.missing(
      'delete_from_page_cache_batch()',
      'clear_bit($a, prepared)',
      'mmu_invalidate_in_progress--',
    );
    expect(inOrder).toBeUndefined();
    expect(after.times('clear_highpage($i)')).toBe(2);
  });

  it('refuses to populate a page whose bit is set', async () => {
    const after = await play(scheme, [write(), { call: 'populate', gfn: 0, count: 1 }]);
    expect(after.returned).toEqual([0, -17]);
  });
});

describe('a bit a page of a large folio', () => {
  const HUGE = { gfns: 4, frames: 4, maxOrder: 1 };
  const bits = (after: Awaited<ReturnType<typeof play>>) => [after.cell('prepared', 0), after.cell('prepared', 1)];

  it('is set of all that a fault has prepared, and of those alone', async () => {
    const after = await play('bitmap-shared-lock', [write(1)], HUGE);
    expect(bits(after)).toEqual([1, 1]);
    expect(after.times('clear_highpage($i)') / 2).toBe(2);
    expect(bits(await play('bitmap-shared-lock', [write(3)], HUGE))).toEqual([2, 2]);
  });

  it('leaves the pages that have it alone when another one needs preparation', async () => {
    const calls: CallSpec[] = [write(0), write(1)];
    for (const to of ['shared', 'private'] as const) calls.push({ call: 'convert', gfn: 1, count: 1, to });
    const after = await play('bitmap-shared-lock', [...calls, write(1)], HUGE);
    expect([after.violation, after.folio(0).contents]).toEqual([undefined, 'guest']);
    expect(after.times('clear_highpage($i)') / 2).toBe(3);
  });

  it('is lost to a hole over part of a folio that stays, but for forget-what-left', async () => {
    const part: CallSpec[] = [write(1), punch];
    expect(bits(await play('bitmap-shared-lock', part, HUGE))).toEqual([0, 1]);
    expect(bits(await play('bitmap-shared-lock+forget-what-left', part, HUGE))).toEqual([1, 1]);
    const whole: CallSpec[] = [write(1), { call: 'punch-hole', gfn: 0, count: 2 }];
    expect(bits(await play('bitmap-shared-lock+forget-what-left', whole, HUGE))).toEqual([0, 0]);
  });

  it('is forgotten when a block is punched whose folios are split and merged', async () => {
    const whole: CallSpec[] = [write(1), { call: 'punch-hole', gfn: 0, count: 2 }];
    expect(bits(await play('bitmap-shared-lock+split-and-merge', whole, HUGE))).toEqual([0, 0]);
  });
});

describe('the invalidate lock of the bitmaps', () => {
  it('bitmap-shared-lock holds it shared from the lookup to the mark, in both kinds of fault', async () => {
    const fault = await play('bitmap-shared-lock', [write()]);
    const inOrder = fault.missing(
      'down_read(invalidate_lock)',
      'filemap_get_entry()',
      'set_bit($a, prepared)',
      'up_read(invalidate_lock)',
    );
    expect(inOrder).toBeUndefined();
    const user = await play('bitmap-shared-lock', [{ call: 'user-fault', gfn: 0 }], { attribute: 'shared' });
    expect(user.times('down_read(invalidate_lock)')).toBe(1);
  });

  it('bitmap-nolock takes none: a fault comes in between truncation and clear_bit() (R4)', async () => {
    const both = await stage('bitmap-nolock', { vCPU0: [write()], puncher: [punch] });
    both.runTo('vCPU0', 'filemap_get_entry()').runTo('puncher', 'clear_bit($a, prepared)');
    both.run('vCPU0').run('puncher').run('vCPU0');
    expect(both.violation).toBe('host-rmp-fault');
  });
});
