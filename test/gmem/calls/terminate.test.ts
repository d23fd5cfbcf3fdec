/** A TD that is given up: who is in the way, and how its pages come back from then on. */
import { describe, expect, it } from 'vitest';
import { EBUSY, EIO, EOPNOTSUPP } from '../../../src/gmem/errno.js';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { play, stage } from '../stage.js';

const TD = { arch: 'tdx', gfns: 1 } as const;
const accept: CallSpec = { call: 'accept', gfn: 0, level: '4K' };
const terminate: CallSpec = { call: 'terminate', gfn: 0 };
const punch: CallSpec = { call: 'punch-hole', gfn: 0, count: 1 };

describe('terminate', () => {
  it('is refused while a vCPU is in KVM_RUN, and a vCPU is refused behind it', async () => {
    const on = await stage('v3-inplace', { vCPU0: [accept], VMM: [terminate, terminate], vCPU1: [accept] }, TD);
    on.runThrough('vCPU0', 'mutex_lock_killable(vcpu->mutex)').call('VMM');
    expect(on.returned).toEqual([-EBUSY]);
    on.call('vCPU0').call('VMM').call('vCPU1');
    expect(on.returned).toEqual([-EBUSY, 0, 0, -EIO]);
  });

  it('has pages reclaimed, and neither blocked nor removed', async () => {
    const after = await play('v3-inplace', [accept, terminate, punch], TD);
    expect(after.returned).toEqual([0, 0, 0]);
    expect(after.times('TDH.PHYMEM.PAGE.RECLAIM($i)')).toBe(1);
    expect(after.times('TDH.MEM.RANGE.BLOCK()')).toBe(0);
    expect(after.folio(0)).toMatchObject({ tdPage: 'host' });
  });

  it('gives pages of a dynamic PAMT back, too', async () => {
    const after = await play('v3-inplace', [accept, terminate, punch], { ...TD, dynamicPamt: true });
    expect(after.cell('pamt_refcount')).toBe(0);
  });

  it('is nothing that other architectures have', async () => {
    expect((await play('v3-inplace', [terminate], { ...TD, arch: 'snp' })).returned).toEqual([-EOPNOTSUPP]);
  });
});

it('a page is blocked, tracked and removed as long as the TD has its key', async () => {
  const after = await play('v3-inplace', [accept, punch, terminate], TD);
  expect(after.returned).toEqual([0, 0, 0]);
  expect(after.times('TDH.MEM.PAGE.REMOVE()')).toBe(1);
});

describe('the last close of the file', () => {
  const close: CallSpec = { call: 'close', gfn: 0 };

  it('reclaims what is left of a TD that was given up', async () => {
    const after = await play('v3-inplace', [accept, terminate, close], TD);
    expect(after.returned).toEqual([0, 0, 0]);
    expect([after.times('TDH.PHYMEM.PAGE.RECLAIM($i)'), after.times('TDH.MEM.RANGE.BLOCK()')]).toEqual([1, 0]);
    expect(after.folio(0)).toMatchObject({ tdPage: 'host' });
  });

  it('zaps with the key while there is one', async () => {
    const after = await play('v3-inplace', [accept, close, terminate], TD);
    expect([after.times('TDH.PHYMEM.PAGE.RECLAIM($i)'), after.times('TDH.MEM.RANGE.BLOCK()')]).toEqual([0, 1]);
    expect(after.folio(0)).toMatchObject({ tdPage: 'host' });
  });
});

it('meets the locks of a launch: both take the same mutexes of the vCPUs', async () => {
  const on = await stage(
    'v3-inplace',
    { launcher: [{ call: 'finalize', gfn: 0 }], VMM: [terminate] },
    { ...TD, gate: false },
  );
  on.runThrough('launcher', 'down_write(vcpu->mutex)').call('VMM');
  expect(on.returned).toEqual([-EBUSY]);
});
