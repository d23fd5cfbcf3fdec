/** How guests get their ASIDs, move from VM to VM, and give them back; and what KVM takes back from whom. */
import { describe, expect, it } from 'vitest';
import type { CallSpec } from '../../../src/gmem/calls/registry.js';
import { EBUSY, EINVAL, EIO } from '../../../src/gmem/errno.js';
import { type Stage, stage } from '../stage.js';

const write: CallSpec = { call: 'write', gfn: 0, as: 'private' };
const launch: CallSpec = { call: 'launch-guest', gfn: 0 };
const move: CallSpec = { call: 'move-guest', gfn: 0 };
const close: CallSpec = { call: 'close', gfn: 0 };
const closeVm: CallSpec = { call: 'close-vm', gfn: 0 };

/** Two VMs with a file each of one inode; who is named after the second is of the second. */
function linked(scheme: string, actors: Readonly<Record<string, readonly CallSpec[]>>): Promise<Stage> {
  const files = [0, 1].map((vm) => ({ vm, inode: 0 }));
  const fileOf = { second: 1, vCPU1: 1 };
  return stage(scheme, actors, { files, fileOf });
}

describe('a guest that is launched', () => {
  it('has to wait until an ASID is given back, which the end of a VM does', async () => {
    const world = await linked('v3-inplace', { first: [closeVm, close], second: [launch, launch, launch] });
    world.call('second').call('first').call('second');
    expect([world.returned, world.cell('vm1.asid')]).toEqual([[-EBUSY, 0, -EBUSY], 0]);
    world.call('first').call('second');
    expect([world.returned.slice(3), world.cell('vm1.asid')]).toEqual([[0, 0], 1]);
  });

  it('does not run before', async () => {
    const world = await linked('v3-inplace', { vCPU1: [write], second: [launch] });
    expect(world.call('vCPU1').returned).toEqual([-EIO]);
  });
});

describe('a guest that moves', () => {
  it('takes its ASID and its pages along, and leaves a VM without one', async () => {
    const world = await linked('v3-inplace', { vCPU0: [write, write], second: [move, move], vCPU1: [write] });
    world.call('vCPU0').call('second').call('vCPU1').call('vCPU0').call('second');
    expect([world.violation, world.returned]).toEqual([undefined, [0, 0, 0, -EIO, -EINVAL]]);
    expect([world.cell('vm1.asid'), world.cell('rmp_asid')]).toEqual([1, 1]);
  });

  it('waits until its vCPUs have left', async () => {
    const world = await linked('v3-inplace', { vCPU0: [write], second: [move] });
    world.runTo('vCPU0', 'read_lock(mmu_lock)').run('second');
    expect(world.isDone('second')).toBe(false);
    expect(world.call('vCPU0').call('second').returned).toEqual([0, 0]);
  });
});

describe('the end of a binding', () => {
  const ends = async (variant: string) => {
    const world = await linked(`v3-inplace${variant}`, {
      vCPU0: [write],
      first: [close],
      vCPU1: [write],
      second: [launch],
    });
    return world.call('vCPU0').call('first').folio(0).rmp;
  };

  it.each([
    ['leaves pages to the page cache', '', 'assigned'],
    ['takes pages back', '+unassign-with-binding', 'unassigned'],
    ['takes its own pages back', '+unassign-own-with-binding', 'unassigned'],
    ['leaves them where another file has a binding', '+unassign-with-last-binding', 'assigned'],
  ])('%s', async (_, variant, rmp) => {
    expect(await ends(variant)).toBe(rmp);
  });

  it('leaves the pages of a guest that has moved, where it asks whose they are', async () => {
    const actors = { vCPU0: [write], first: [close], second: [move] };
    const own = await linked('v3-inplace+unassign-own-with-binding', actors);
    own.call('vCPU0').call('second').call('first');
    expect([own.violation, own.folio(0).rmp]).toEqual([undefined, 'assigned']);
    const any = await linked('v3-inplace+unassign-with-binding', actors);
    expect(any.call('vCPU0').call('second').call('first').violation).toBe('lost-write');
  });
});
