import { describe, expect, it } from 'vitest';
import { buildGmem, registersOfGmem } from '../../../src/gmem/build-gmem.js';
import { EFAULT, EINVAL, ENOMEM } from '../../../src/gmem/errno.js';
import { parseScenario } from '../../../src/gmem/scenarios/parse-scenario.js';
import { defineScheme } from '../../../src/gmem/scheme.js';
import { loadScheme } from '../../../src/gmem/scheme-lookup.js';
import { defineModel } from '../../../src/model/model.js';
import { verify } from '../../../src/verify/verify.js';
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

describe('removal of a large folio from the direct map', () => {
  const large = { ...world, gfns: 2, frames: 4, maxOrder: 1, allocationFails: true } as const;
  const scheme = 'v2-hook-every-fault+clear-whole-folio+direct-map-v12';
  const punchAll = { ...punch, count: 2 } as const;

  it('is of the whole 2M entry and needs no memory, and so is what undoes it', async () => {
    const played = await play(scheme, [write, punchAll], large);
    expect(played.violation).toBeUndefined();
    expect(played.cell('direct_map_4k')).toBe(0);
    expect(played.times('set_direct_map_invalid_noflush($i)')).toBe(2);
    expect([played.folio(0).directMap, played.folio(1).directMap]).toEqual(['present', 'present']);
  });

  it('of a page of its own splits the entry first, which may fail', async () => {
    const attributes = ['shared', 'private'] as const;
    const small = 'v3d-hugetlb+split-before-insert+direct-map-v12';
    const writeOne = { ...write, gfn: 1 };
    const failed = await play(small, [writeOne, writeOne], { ...large, attributes, choices: [1, 0] });
    expect(failed.returned).toEqual([-ENOMEM, 0]);
    expect(failed.cell('direct_map_4k')).toBe(1);
    expect([failed.folio(0).directMap, failed.folio(1).directMap]).toEqual(['present', 'zapped']);
  });
});

describe('the direct map and the page that free_folio takes back from the guest', () => {
  const restored = 'set_direct_map_default_noflush($i)';
  const unassigned = 'rmp_make_shared($i)';

  it('are restored and taken back in this order, as the series has it', async () => {
    const played = await play(marked, [write, punch], { noDirectMap: true });
    expect(played.missing(restored, unassigned)).toBeUndefined();
  });

  it.each([
    ['', 'a page', 0],
    ['+clear-whole-folio', 'a large folio', 1],
  ])('may be so in the other order as well: %s of %s', async (variants, _, maxOrder) => {
    const first = await loadScheme(`v3-inplace${variants}+direct-map-v12`);
    const last = defineScheme(first, {
      name: 'restored-last',
      title: 'the direct map is restored once the page is taken back',
      *restoreDirectMap() {},
      *freeFolio(g, folio) {
        yield* first.freeFolio(g, folio);
        yield* first.restoreDirectMap(g, folio);
      },
    });
    const scenario = freed(maxOrder);
    for (const scheme of [first, last]) {
      const model = defineModel({
        name: scheme.name,
        registers: registersOfGmem(scenario),
        build: (m) => buildGmem(m, scenario, scheme, false),
      });
      const { verdict, findings } = await verify(model, { all: true, coverage: false });
      expect(findings).toEqual([]);
      expect(verdict).toBe('verified');
    }
  });

  /** A vCPU writes, a hole is punched there, and the frame has its next owner. */
  function freed(maxOrder: number) {
    const range = maxOrder === 0 ? '0' : '{ gfn: 0, count: 2 }';
    return parseScenario(
      `
title: a page of the guest that is out of the direct map leaves the file, and its frame has a next owner
gfns: ${2 ** maxOrder}
frames: ${2 ** maxOrder}
maxOrder: ${maxOrder}
noDirectMap: true
actors:
  - name: vCPU0
    calls: [{ write: 0 }]
  - name: puncher
    calls: [{ punch-hole: ${range} }, { reuse-frame: 0 }]
`,
      'freed.yaml',
    );
  }
});
