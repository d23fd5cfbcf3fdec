/** Merging once all pages of a huge page were put: who counts, who merges, and what a pin keeps (R59). */
import { describe, expect, it } from 'vitest';
import { ENOMEM } from '../../../src/gmem/errno.js';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { play, stage } from '../stage.js';

const SCHEME = 'v3d-hugetlb+deferred-merge';
const WORKERS = ['kvm_gmem_free_work', 'kvm_gmem_free_work.1'] as const;
const POOL = { arch: 'none', gfns: 2, frames: 2, maxOrder: 1, hugetlbPool: true } as const;
const MIXED = { ...POOL, attributes: ['shared', 'private'] as const };
const touch: CallSpec = { call: 'host-write', gfn: 0 };
const pin: CallSpec = { call: 'pin', gfn: 0 };
const unpin: CallSpec = { call: 'unpin', gfn: 0 };
const punch: CallSpec = { call: 'punch-hole', gfn: 0, count: 2 };
const allocate: CallSpec = { call: 'allocate', gfn: 0, count: 1 };

describe('a split huge page that is punched', () => {
  it('is merged by the worker that counts the last of its pages, whichever that is', async () => {
    for (const [first, last] of [WORKERS, [...WORKERS].reverse()]) {
      const played = await stage(SCHEME, { VMM: [touch, punch, allocate] }, MIXED);
      played.call('VMM').call('VMM');
      expect([played.folio(0).presence, played.times('merge_folio($i)')]).toEqual(['removed', 0]);
      played.run(first);
      expect([played.cell('folio_waiting'), played.cell('restructuring_metadata')]).toEqual([1, 1]);
      played.run(last);
      expect([played.cell('folio_waiting'), played.cell('restructuring_metadata')]).toEqual([0, 0]);
      expect([played.folio(0).presence, played.folio(1).presence, played.times('merge_folio($i)')]).toEqual([
        'free',
        'free',
        1,
      ]);
      expect(played.call('VMM').returned.at(-1)).toBe(0);
    }
  });

  it('is out of the pool as a whole while one of its pages is pinned', async () => {
    const played = await stage(SCHEME, { VMM: [touch, pin, punch, allocate], unpinner: [unpin] }, MIXED);
    played.call('VMM').call('VMM').call('VMM');
    for (const worker of WORKERS) played.run(worker);
    expect([played.folio(0).presence, played.folio(1).presence]).toEqual(['removed', 'removed']);
    expect(played.call('VMM').returned.at(-1)).toBe(-ENOMEM);
    expect(played.call('unpinner').run(WORKERS[0]).folio(1).presence).toBe('free');
  });

  it('counts pages of two huge pages apart', async () => {
    const two = { ...POOL, gfns: 4, frames: 4, attributes: ['shared', 'private', 'shared', 'private'] as const };
    const all: CallSpec = { call: 'punch-hole', gfn: 0, count: 4 };
    const played = await stage(SCHEME, { VMM: [touch, { call: 'host-write', gfn: 2 }, all] }, two);
    played.call('VMM').call('VMM').call('VMM').run(WORKERS[0]).run(WORKERS[0]);
    expect([played.cell('folio_waiting', 0), played.cell('folio_waiting', 1)]).toEqual([1, 1]);
    expect(played.run(WORKERS[1]).run(WORKERS[1]).times('merge_folio($i)')).toBe(2);
  });
});

it('a huge page that was never split goes back with its last reference', async () => {
  const played = await play(SCHEME, [allocate, punch], POOL);
  expect([played.folio(0).presence, played.times('merge_folio($i)')]).toEqual(['free', 0]);
});

it('wants a pool to give huge pages back to', async () => {
  await expect(play(SCHEME, [allocate], { ...MIXED, hugetlbPool: undefined as never })).rejects.toThrow(
    'set hugetlbPool to true',
  );
});
