/** A device and the file: what is mapped, what the device keeps of it, what an access is where, and what a reference changes. */
import { describe, expect, it } from 'vitest';
import { EACCES, EAGAIN, EEXIST, EFAULT, ENOENT } from '../../../src/gmem/errno.js';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { play, stage } from '../stage.js';

const map: CallSpec = { call: 'dma-map', gfn: 0, count: 1 };
const unmap: CallSpec = { call: 'dma-unmap', gfn: 0, count: 1 };
const read: CallSpec = { call: 'dma-read', gfn: 0 };
const write: CallSpec = { call: 'dma-write', gfn: 0 };
const touch: CallSpec = { call: 'host-write', gfn: 0 };
const munmap: CallSpec = { call: 'munmap', gfn: 0 };
const punch: CallSpec = { call: 'punch-hole', gfn: 0, count: 1 };
const accept: CallSpec = { call: 'accept', gfn: 0, level: '4K' };
const keep: CallSpec = { call: 'convert', gfn: 0, count: 1, to: 'private' };
const SHARED = { attribute: 'shared' } as const;
const PINS = 'v3-inplace+device-pins';

describe('a mapping as posted', () => {
  it('holds no reference, and is there once', async () => {
    const after = await play('v3-inplace', [map, map], SHARED);
    expect(after.returned).toEqual([0, -EEXIST]);
    expect([after.cell('iopte'), after.cell('folio->_refcount')]).toEqual([0, 1]);
  });

  it('is not there for a device before it is made, nor when it was flushed', async () => {
    const after = await play('v3-inplace', [write, touch, map, write, unmap, write, unmap], SHARED);
    expect(after.returned).toEqual([-EFAULT, 0, 0, 0, 0, -EFAULT, -ENOENT]);
  });

  it('is none at all where one of its pages has no frame', async () => {
    const both: CallSpec = { call: 'dma-map', gfn: 0, count: 2 };
    const after = await play('v3-inplace', [both], { ...SHARED, gfns: 2, allocationFails: true, choices: [0, 1] });
    expect([after.returned[0], after.cell('iopte', 0), after.cell('iopte', 1)]).toEqual([-12, undefined, undefined]);
  });
});

describe('an access through it', () => {
  it.each([
    ['reads what the last owner left', [map, read], 'leak'],
    ['reaches a frame that is free', [map, punch, write], 'use-after-free'],
  ] as const)('%s', async (_, calls, kind) => {
    expect((await play('v3-inplace', calls, SHARED)).violation).toBe(kind);
  });

  it('loses what it wrote to the first fault that clears', async () => {
    const after = await play('v3-inplace', [map, write, { call: 'read', gfn: 0, as: 'shared' }], SHARED);
    expect(after.violation).toBe('lost-write');
  });

  it.each([
    ['snp', undefined],
    ['pkvm', undefined],
    ['tdx', 'machine-check'],
    ['none', 'attribute-mismatch'],
  ] as const)('of a page that has become private ends on %s in %s', async (arch, kind) => {
    const after = await play('v3-inplace', [touch, map, keep, accept, write], { ...SHARED, arch });
    expect(after.violation).toBe(kind);
    if (kind === undefined) expect(after.returned.at(-1)).toBe(-EACCES);
  });

  it('goes on through the IOTLB between the unmapping and the flush', async () => {
    const world = await stage('v3-inplace', { VMM: [touch, map, unmap], device: [write, write, write] }, SHARED);
    world.call('VMM').call('VMM').call('device').runThrough('VMM', 'iommu_unmap($i)').call('device');
    expect([world.cell('iopte'), world.returned.at(-1)]).toEqual([undefined, 0]);
    world.call('VMM').call('device');
    expect(world.returned.at(-1)).toBe(-EFAULT);
  });
});

describe('a mapping that holds a reference', () => {
  it('outlives a hole, and has the page to itself', async () => {
    const after = await play(PINS, [map, punch, write, unmap], SHARED);
    expect(after.violation).toBeUndefined();
    expect([after.returned, after.folio(0).presence]).toEqual([[0, 0, 0, 0], 'free']);
  });

  it('refuses a conversion to private until it is gone', async () => {
    const after = await play(PINS, [touch, munmap, map, keep, unmap, keep], SHARED);
    expect(after.returned).toEqual([0, 0, 0, -EAGAIN, 0, 0]);
  });
});
