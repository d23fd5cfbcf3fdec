/** Variants about poison, the direct map and write(2): what each refuses, splits and needs. */
import { expect, it } from 'vitest';
import { EHWPOISON, EINVAL, ENOMEM } from '../../../src/gmem/errno.js';
import { builtinScheme, mutate } from '../../../src/gmem/named-scheme.js';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { play } from '../stage.js';

const LARGE = { gfns: 2, frames: 4, maxOrder: 1, arch: 'none' } as const;
const V3D = 'v3d-hugetlb+prepare-first+clear-whole-folio';
const allocate: CallSpec = { call: 'allocate', gfn: 0, count: 2 };
const failure: CallSpec = { call: 'memory-failure', gfn: 1 };
const convert: CallSpec = { call: 'convert', gfn: 0, count: 1, to: 'shared' };
const write: CallSpec = { call: 'write', gfn: 1, as: 'private' };

it.each([V3D, 'v3d-hugetlb+clear-whole-folio'])(
  'poison-rejected of %s answers -EHWPOISON and leaves folio, attributes and locks as they were',
  async (base) => {
    const played = await play(`${base}+poison-rejected`, [allocate, failure, convert, write], LARGE);
    expect(played.returned.slice(2)).toEqual([-EHWPOISON, -EHWPOISON]);
    expect(played.cell('folio_order')).toBe(1);
    expect(played.cell('folio->_refcount', 0)).toBe(2);
    expect(played.locksHeld).toEqual([]);
  },
);

it('hugetlb-migratable has memory_failure() take the folio, and a conversion answers -EAGAIN from then on', async () => {
  const played = await play(`${V3D}+mf-delayed+hugetlb-migratable`, [write, failure], LARGE);
  expect(played.returned).toEqual([0, 0]);
  expect(played.cell('folio->_refcount', 0)).toBe(3);
});

it('direct-map-by-page splits the page table of a large folio when that is taken out, which may fail', async () => {
  const world = { ...LARGE, noDirectMap: true, allocationFails: true, choices: [1, 0] } as const;
  const played = await play(`${V3D}+direct-map-v12+direct-map-by-page`, [write, write], world);
  expect(played.returned).toEqual([-ENOMEM, 0]);
  expect(played.cell('direct_map_4k')).toBe(1);
  expect([played.folio(0).directMap, played.folio(1).directMap]).toEqual(['zapped', 'zapped']);
});

it('punch-unmerged removes the pages of a block one by one, and refuses a part of it as before', async () => {
  const punch = (count: number): CallSpec => ({ call: 'punch-hole', gfn: 0, count });
  const played = await play(`${V3D}+punch-unmerged`, [write, convert, punch(1), punch(2)], LARGE);
  expect(played.returned).toEqual([0, 0, -EINVAL, 0]);
  expect(played.cell('folio_order')).toBe(0);
  expect([played.folio(0).presence, played.folio(1).presence]).toEqual(['free', 'free']);
});

it('are refused to schemes that split no folio', () => {
  for (const name of ['poison-by-page', 'poison-rejected', 'hugetlb-migratable', 'punch-unmerged']) {
    expect(() => mutate(builtinScheme('v3-inplace'), name)).toThrow(/its folios are never split/);
  }
  expect(() => mutate(builtinScheme('v3d-hugetlb'), 'poison-ignored-in-split')).toThrow(/leave the flag where it is/);
});
