import { describe, expect, it } from 'vitest';
import { EFAULT, EINVAL, ENOMEM } from '../../../src/gmem/errno.js';
import { play } from '../stage.js';

const write = { call: 'write', as: 'private', gfn: 0 } as const;
const punch = { call: 'punch-hole', gfn: 0, count: 1 } as const;
const world = { arch: 'none', noDirectMap: true } as const;
const marked = 'v2-hook-every-fault+direct-map-v12';

describe('removal from the direct map', () => {
  it.each(['v2-hook-every-fault', 'v3-inplace', 'cmpxchg-tristate', 'seqcount-retry'])(
    'of %s comes after the clear and under the folio lock, and is undone when the folio leaves the page cache',
    async (scheme) => {
      const played = await play(`${scheme}+direct-map-v12`, [write, punch], world);
      expect(
        played.missing(
          'folio_test_uptodate($i)',
          'clear_highpage($i)',
          'set_direct_map_invalid_noflush($i)',
          'folio_unlock($i)',
          'set_direct_map_default_noflush($i)',
          'free_unref_folio($i)',
        ),
      ).toBeUndefined();
      expect(played.violation).toBeUndefined();
      expect(played.folio(0)).toMatchObject({ presence: 'free', directMap: 'present', noDirectMap: 'clear' });
    },
  );

  it('happens once a folio, where it is marked', async () => {
    const again = [write, { call: 'convert', gfn: 0, count: 1, to: 'shared' }, { ...write, as: 'shared' }] as const;
    expect((await play(marked, again, world)).times('set_direct_map_invalid_noflush($i)')).toBe(1);
    const forgotten = await play('v2-hook-every-fault+direct-map-v7', again, world);
    expect(forgotten.times('set_direct_map_invalid_noflush($i)')).toBe(2);
    expect(forgotten.folio(0)).toMatchObject({ directMap: 'zapped', noDirectMap: 'clear' });
  });

  it('does not happen where the file does not ask for it', async () => {
    const played = await play(marked, [write], { arch: 'none' });
    expect(played.times('set_direct_map_invalid_noflush($i)')).toBe(0);
    expect(Object.keys(played.folio(0))).not.toContain('directMap');
  });

  it('may fail, and the next fault tries once more', async () => {
    const choices = [0, 1, 0];
    const played = await play(marked, [write, write], { ...world, allocationFails: true, choices });
    expect(played.returned).toEqual([-ENOMEM, 0]);
    expect(played.folio(0)).toMatchObject({ directMap: 'zapped', noDirectMap: 'set' });
    expect(played.locksHeld).toEqual([]);
  });

  it('leaves nothing to pin, and nothing for populate to copy into', async () => {
    const fault = { call: 'user-fault', gfn: 0 } as const;
    const shared = { noDirectMap: true, attribute: 'shared' } as const;
    expect((await play(marked, [fault, { call: 'pin', gfn: 0 }], shared)).returned).toEqual([0, -EFAULT]);
    const launch = [
      fault,
      { call: 'convert', gfn: 0, count: 1, to: 'private' },
      { call: 'populate', gfn: 0, count: 1 },
    ] as const;
    expect((await play(marked, launch, shared)).returned).toEqual([0, 0, -EINVAL]);
  });
});
