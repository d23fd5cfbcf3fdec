/** The launch of a TD: what is refused before it is over and behind it, and who waits for whom meanwhile. */
import { describe, expect, it } from 'vitest';
import { EINVAL, EIO } from '../../../src/gmem/errno.js';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { play, stage } from '../stage.js';

const TD = { arch: 'tdx', gfns: 1 } as const;
const populate: CallSpec = { call: 'populate', gfn: 0, count: 1 };
const finalize: CallSpec = { call: 'finalize', gfn: 0 };
const initVcpu: CallSpec = { call: 'init-vcpu', gfn: 0 };
const read: CallSpec = { call: 'read', gfn: 0, as: 'private' };

describe('a TD', () => {
  it('runs once it is finalized, and reads its image unaccepted', async () => {
    const world = await stage('v3-inplace', { host: [populate, finalize], vCPU: [read, read] }, TD);
    world.call('vCPU').call('host').call('host').call('vCPU');
    expect(world.returned).toEqual([-EINVAL, 1, 0, 0]);
  });

  it('takes no page twice, and nothing of its launch once it is finalized', async () => {
    const after = await play('v3-inplace', [populate, populate, finalize, populate, finalize, initVcpu], TD);
    expect(after.returned).toEqual([1, -EIO, 0, -EINVAL, -EINVAL, -EINVAL]);
    expect(after.violation).toBeUndefined();
  });

  it('keeps its vCPUs out while an ioctl of the launch is under way', async () => {
    const world = await stage('v3-inplace', { host: [populate, finalize], vCPU: [read] }, TD);
    world.runTo('host', 'TDH.MR.EXTEND($i)');
    expect(world.canRun('vCPU')).toBe(false);
  });
});

describe('a vCPU that is made', () => {
  const calls = { launcher: [populate, finalize], maker: [initVcpu] };

  it('waits until an ioctl of the launch is done', async () => {
    const world = await stage('v3-inplace', calls, TD);
    world.runTo('launcher', 'TDH.MR.EXTEND($i)').run('maker');
    expect(world.isDone('maker')).toBe(false);
    world.run('launcher').run('maker');
    expect([world.isDone('maker'), world.violation]).toEqual([true, undefined]);
  });

  it('has the module refuse a measurement where slots_lock is all', async () => {
    const world = await stage('v3-inplace+state-guard-missing', calls, TD);
    world.runThrough('maker', 'TDH.VP.CREATE').run('launcher');
    expect(world.violation).toBe('vm-dead');
  });
});
