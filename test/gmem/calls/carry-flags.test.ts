/** Poison and the mark of the direct map, when folios are split and merged: as they stay, and as variants carry them. */
import { describe, expect, it } from 'vitest';
import { EHWPOISON } from '../../../src/gmem/errno.js';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { play } from '../stage.js';

const LARGE = { gfns: 2, frames: 4, maxOrder: 1, arch: 'none' } as const;
const V3D = 'v3d-hugetlb+prepare-first+clear-whole-folio';
const allocate: CallSpec = { call: 'allocate', gfn: 0, count: 2 };
const punch: CallSpec = { call: 'punch-hole', gfn: 0, count: 2 };
const fails = (gfn: number): CallSpec => ({ call: 'memory-failure', gfn });
const convert = (gfn: number, to: 'private' | 'shared', count = 1): CallSpec => ({ call: 'convert', gfn, count, to });
const write = (gfn: number, as: 'private' | 'shared' = 'private'): CallSpec => ({ call: 'write', gfn, as });

describe('poison', () => {
  const calls = [allocate, fails(1), convert(0, 'shared'), write(0, 'shared'), write(1)];

  it('stays with the first page behind a split, which is lost, and the other is handed out (R57)', async () => {
    const played = await play(`${V3D}+mf-delayed`, calls, LARGE);
    expect(played.returned.slice(3)).toEqual([-EHWPOISON]);
    expect(played.violation).toBe('stale-mapping');
  });

  it('goes to the page that has failed with poison-by-page, and the first one is good again', async () => {
    const played = await play(`${V3D}+mf-delayed+poison-by-page`, calls, LARGE);
    expect(played.violation).toBeUndefined();
    expect(played.returned.slice(3)).toEqual([0, -EHWPOISON]);
  });

  it('is one of the whole folio again once that is merged, with poison-by-page', async () => {
    const back = [...calls.slice(0, 3), convert(0, 'private'), write(0)];
    const played = await play(`${V3D}+mf-delayed+poison-by-page`, back, LARGE);
    expect(played.returned.slice(2)).toEqual([0, 0, -EHWPOISON]);
    expect(played.cell('folio_order')).toBe(1);
  });
});

describe('the mark of the direct map', () => {
  const world = { ...LARGE, noDirectMap: true } as const;
  const marks = [write(1), convert(0, 'shared')];

  it('stays with the first page behind a split, and is copied with direct-map-carried', async () => {
    const marked = async (scheme: string) => {
      const played = await play(scheme, marks, world);
      return [played.folio(0).noDirectMap, played.folio(1).noDirectMap];
    };
    expect(await marked(`${V3D}+direct-map-v12`)).toEqual(['set', 'clear']);
    expect(await marked(`${V3D}+direct-map-v12+direct-map-carried`)).toEqual(['set', 'set']);
  });

  it('is forgotten in a merge of all pages but the first, or has the page put back', async () => {
    const attributes = ['shared', 'private'] as const;
    const merged = [write(1), convert(0, 'private')];
    const page = async (scheme: string) => (await play(scheme, merged, { ...world, attributes })).folio(1);
    expect(await page(`${V3D}+direct-map-v12`)).toMatchObject({ directMap: 'zapped', noDirectMap: 'clear' });
    const carried = await page(`${V3D}+direct-map-v12+direct-map-carried`);
    expect(carried).toMatchObject({ directMap: 'present', noDirectMap: 'clear' });
  });

  it('is enough to put a folio back that was split and merged in between', async () => {
    const played = await play(`${V3D}+direct-map-v12+direct-map-carried`, [...marks, punch], world);
    expect(played.violation).toBeUndefined();
    expect([played.folio(0).directMap, played.folio(1).directMap]).toEqual(['present', 'present']);
  });
});
