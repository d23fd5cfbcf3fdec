/** The end of a folio: when its page is taken back, what a failure does, and what the next owner of its frame finds. */
import { describe, expect, it } from 'vitest';
import type { CallSpec } from '../../../src/gmem/calls/registry.js';
import { EIO, ENOMEM } from '../../../src/gmem/errno.js';
import { play, stage } from '../stage.js';

const write: CallSpec = { call: 'write', gfn: 0, as: 'private' };
const punch: CallSpec = { call: 'punch-hole', gfn: 0, count: 1 };
const reuse: CallSpec = { call: 'reuse-frame', gfn: 0 };
const populate: CallSpec = { call: 'populate', gfn: 0, count: 1 };
const share: CallSpec = { call: 'convert', gfn: 0, count: 1, to: 'shared' };
const hostWrite: CallSpec = { call: 'host-write', gfn: 0 };
const pin: CallSpec = { call: 'pin', gfn: 0 };
const unpin: CallSpec = { call: 'unpin', gfn: 0 };
const failing = { unassignFails: true, choices: [1] } as const;

describe('at removal', () => {
  it('the page is taken back when the folio has left the page cache, before its last reference goes', async () => {
    const played = await stage('v3-inplace', { vCPU0: [write], puncher: [punch] });
    played.call('vCPU0').runTo('puncher', 'snp_lookup_rmpentry($i)->assigned');
    expect([played.folio(0).presence, played.folio(0).rmp, played.cell('i_pages')]).toEqual([
      'removed',
      'assigned',
      undefined,
    ]);
    expect(played.cell('folio->_refcount')).toBe(2);
  });

  it('a pin outlives the hook, and keeps the frame from its next owner', async () => {
    const played = await stage(
      'v3-inplace',
      { VMM: [hostWrite, pin, unpin], puncher: [punch, reuse] },
      { attribute: 'shared' },
    );
    played.call('VMM').call('VMM').call('puncher').call('puncher');
    expect([played.folio(0).presence, played.folio(0).contents, played.folio(0).pins]).toEqual([
      'removed',
      'host',
      'one',
    ]);
    expect(played.call('VMM').folio(0).presence).toBe('free');
  });
});

describe('the next owner', () => {
  it('gets the frame, stores to it and gives it back', async () => {
    const played = await play('v3-inplace', [write, punch, reuse]);
    expect([played.returned, played.violation]).toEqual([[0, 0, 0], undefined]);
    expect([played.times('memset($i)'), played.folio(0).presence, played.cell('folio->_refcount')]).toEqual([
      1,
      'free',
      0,
    ]);
  });

  it('gets nothing where no frame is free', async () => {
    expect((await play('v3-inplace', [write, reuse], { frames: 1 })).returned).toEqual([0, -ENOMEM]);
  });

  it('dies of its store where RMPUPDATE has failed; without one, the free is found out itself', async () => {
    expect((await play('v3-inplace', [write, punch, reuse], failing)).violation).toBe('host-rmp-fault');
    expect((await play('v3-inplace', [write, punch], failing)).violation).toBe('free-while-assigned');
  });
});

describe('leak-unreclaimed', () => {
  it.each(['', '+reclaim-at-last-put', '+reclaim-by-worker'])(
    'keeps the page from the allocator for ever: v3-inplace%s',
    async (point) => {
      const played = await stage(
        `v3-inplace${point}+leak-unreclaimed`,
        { vCPU0: [write], host: [punch, reuse] },
        failing,
      );
      played.call('vCPU0').call('host');
      if (point === '+reclaim-by-worker') played.run('kvm_gmem_free_work');
      played.call('host');
      expect(played.violation).toBeUndefined();
      expect([played.folio(0).presence, played.folio(0).rmp, played.cell('folio->_refcount')]).toEqual([
        'removed',
        'assigned',
        1,
      ]);
    },
  );

  it('does not help where the page stays in the file: conversion to shared goes on after the failure', async () => {
    const played = await play('v3-inplace+leak-unreclaimed', [write, share, hostWrite], failing);
    expect([played.returned, played.violation]).toEqual([[0, 0], 'host-rmp-fault']);
  });
});

describe('reclaim-at-last-put', () => {
  it('leaves the page to the guest while somebody has a reference', async () => {
    const played = await stage('v3-inplace+reclaim-at-last-put', { vCPU0: [write], puncher: [punch] });
    played.call('vCPU0').runTo('puncher', 'might_sleep()');
    expect([played.folio(0).presence, played.folio(0).rmp, played.cell('folio->_refcount')]).toEqual([
      'removed',
      'assigned',
      0,
    ]);
    expect(played.call('puncher').folio(0)).toMatchObject({ presence: 'free', rmp: 'unassigned' });
  });
});

describe('a worker', () => {
  it('that holds the page takes it back before it is free', async () => {
    const played = await stage('v3-inplace+reclaim-by-worker', { vCPU0: [write], puncher: [punch] });
    played.call('vCPU0').call('puncher');
    expect(played.folio(0)).toMatchObject({ presence: 'removed', rmp: 'assigned' });
    expect(played.run('kvm_gmem_free_work').folio(0)).toMatchObject({ presence: 'free', rmp: 'unassigned' });
  });

  it('that does not finds the next folio of the frame, and takes it from the guest', async () => {
    const calls = { vCPU0: [write, write], puncher: [punch, reuse] };
    const played = await stage('v3-inplace+reclaim-by-worker-unheld', calls);
    played.call('vCPU0').call('puncher');
    expect(played.folio(0)).toMatchObject({ presence: 'free', rmp: 'assigned' });
    expect(played.call('vCPU0').violation).toBe('host-rmp-fault');
  });
});

describe('the workers of large folios', () => {
  const all: CallSpec = { call: 'punch-hole', gfn: 0, count: 2 };
  const huge = { gfns: 2, frames: 4, maxOrder: 1 };

  it('take a whole folio by its head', async () => {
    const scheme = 'v3-inplace+clear-whole-folio+reclaim-by-worker';
    const played = await stage(scheme, { vCPU0: [write], puncher: [all] }, huge);
    played.call('vCPU0').call('puncher');
    expect([played.canRun('kvm_gmem_free_work'), played.canRun('kvm_gmem_free_work.1')]).toEqual([true, false]);
    for (const page of [0, 1]) expect(played.folio(page)).toMatchObject({ presence: 'removed', rmp: 'assigned' });
    played.run('kvm_gmem_free_work');
    for (const page of [0, 1]) expect(played.folio(page)).toMatchObject({ presence: 'free', rmp: 'unassigned' });
  });

  it('take the pages of a split one side by side', async () => {
    const scheme = 'v3d-hugetlb+clear-whole-folio+split-before-insert+reclaim-by-worker';
    const world = { ...huge, attributes: ['shared', 'private'] as const };
    const guest: CallSpec = { call: 'write', gfn: 1, as: 'private' };
    const played = await stage(scheme, { vCPU0: [guest], puncher: [all] }, world);
    played.call('vCPU0').call('puncher');
    expect([played.canRun('kvm_gmem_free_work'), played.canRun('kvm_gmem_free_work.1')]).toEqual([false, true]);
    expect(played.run('kvm_gmem_free_work.1').folio(1)).toMatchObject({ presence: 'free', rmp: 'unassigned' });
  });
});

describe('a page that the firmware rejects', () => {
  const rejecting = { launchFails: true, unassignFails: true } as const;

  it('is taken back, and the fault clears it', async () => {
    const played = await play('v2-hook-every-fault', [populate, write], { ...rejecting, choices: [1, 0] });
    expect([played.returned, played.violation]).toEqual([[-EIO, 0], undefined]);
  });

  it('is leaked where that fails, and is still in the page cache', async () => {
    const played = await play('v2-hook-every-fault', [populate], { ...rejecting, choices: [1, 1] });
    expect([played.cell('i_pages'), played.cell('folio->_refcount'), played.folio(0).rmp]).toEqual([0, 2, 'assigned']);
  });

  it('leaves it with remove-rejected', async () => {
    const world = { ...rejecting, choices: [1, 1, 1] };
    const played = await play('v2-hook-every-fault+remove-rejected', [populate, write], world);
    expect([played.returned, played.violation, played.cell('i_pages')]).toEqual([[-EIO, 0], undefined, 1]);
    expect(played.folio(0)).toMatchObject({ presence: 'removed', rmp: 'assigned' });
  });
});
