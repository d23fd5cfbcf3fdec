/** A vCPU on a VMSA page: loading it, running on it, losing it to an invalidation. */
import { describe, expect, it } from 'vitest';
import type { CallSpec } from '../../../src/gmem/calls/registry.js';
import { EAGAIN, EFAULT, EINVAL, ENOMEM } from '../../../src/gmem/errno.js';
import { EXITING, NO_REQUEST, RELOAD } from '../../../src/gmem/world/vmsas.js';
import { play, stage } from '../stage.js';

const create: CallSpec = { call: 'create-ap', gfn: 0 };
const run: CallSpec = { call: 'vmrun', gfn: 0 };
const punch: CallSpec = { call: 'punch-hole', gfn: 0, count: 1 };
const reuse: CallSpec = { call: 'reuse-frame', gfn: 0 };
const FIX = 'v3-inplace+vmsa-sequence-check+vmsa-invalidation';

describe('vmrun', () => {
  it('answers -EAGAIN where the guest has made no vCPU', async () => {
    expect((await play('v3-inplace', [run])).returned).toEqual([-EAGAIN]);
  });

  it('loads the page once, prepared and without a reference, and runs on it each time', async () => {
    const played = await play('v2-hook-every-fault', [create, run, run]);
    expect(played.returned).toEqual([0, 0, 0]);
    expect(played.times('rmp_make_private($i)')).toBe(1);
    expect(played.times('VMRUN')).toBe(2);
    expect([played.cell('vmsa_pa'), played.cell('folio->_refcount'), played.cell('vmsa_in_use')]).toEqual([0, 1, 0]);
  });

  it('is over for a vCPU whose page cannot be had', async () => {
    const played = await play('v3-inplace', [create, run, run], { allocationFails: true, choices: [1] });
    expect(played.returned).toEqual([0, -ENOMEM, -EAGAIN]);
  });

  it('fails in the processor on a page that is not the guest’s', async () => {
    const played = await play('v3-inplace', [create, run], { attribute: 'shared' });
    expect(played.returned).toEqual([0, -EFAULT]);
    expect(played.times('#VMEXIT')).toBe(0);
  });
});

describe('a punch', () => {
  const actors = { vCPU0: [create], AP: [run, run], puncher: [punch, reuse] };

  it('that meets the vCPU in the guest frees its page assigned, and the next owner stores to it', async () => {
    const played = await stage('v3-inplace', actors);
    played.call('vCPU0').runThrough('AP', 'VMRUN').call('puncher');
    expect([played.folio(0).presence, played.folio(0).rmp, played.violation]).toEqual(['free', 'assigned', undefined]);
    expect(played.call('puncher').violation).toBe('host-rmp-fault');
  });

  it('waits under mmu_lock until the vCPU has left the guest, and asks for a reload', async () => {
    const played = await stage(FIX, actors);
    played.call('vCPU0').runThrough('AP', 'VMRUN').run('puncher');
    expect(played.isDone('puncher')).toBe(false);
    expect(played.locksHeld).toContain('mmu_lock');
    expect([played.cell('vmsa_pa'), played.cell('vcpu->requests'), played.cell('vcpu->mode')]).toEqual([
      undefined,
      RELOAD,
      EXITING,
    ]);
    played.call('AP').call('puncher').call('puncher').call('AP');
    expect([played.violation, played.returned]).toEqual([undefined, [0, 0, 0, 0, 0]]);
    expect(played.times('VMRUN')).toBe(2);
  });

  it('leaves a page that is loaded meanwhile stale, and the load asks again', async () => {
    const played = await stage(FIX, actors);
    played.call('vCPU0').runThrough('AP', 'up_read(invalidate_lock)').call('puncher').run('AP');
    expect([played.cell('vmsa_pa'), played.cell('vcpu->requests')]).toEqual([undefined, RELOAD]);
    played.run('AP').call('puncher');
    expect([played.violation, played.isDone('AP'), played.returned]).toEqual([undefined, true, [0, 0, 0, 0, 0]]);
  });

  it('that takes the page away between the look at the requests and pre_sev_run() has the vCPU return -EINVAL', async () => {
    const played = await stage(FIX, actors);
    played.call('vCPU0').runThrough('AP', 'kvm_request_pending()').run('puncher').run('AP');
    expect(played.returned).toContain(-EINVAL);
  });

  it('of a vCPU that does not ask again leaves it without a VMSA and without a request', async () => {
    const played = await stage(`${FIX}+vmsa-reload-not-requested`, { ...actors, AP: [run] });
    // The lookup waits for the invalidate lock, and comes back with a page that the sequence says is stale.
    played.call('vCPU0').runTo('puncher', 'mmu_invalidate_seq++').run('AP').call('puncher').run('AP');
    expect(played.returned).toContain(-EINVAL);
    expect([played.cell('vmsa_pa'), played.cell('vcpu->requests')]).toEqual([undefined, NO_REQUEST]);
  });
});

describe('a VMSA page of a large folio', () => {
  const large = { gfns: 2, maxOrder: 1 };
  const makes: CallSpec = { call: 'create-ap', gfn: 1 };
  const runs: CallSpec = { call: 'vmrun', gfn: 1 };

  it('is the one at its gfn, and while the vCPU runs on it the 2M entry is not taken back', async () => {
    const actors = { vCPU0: [makes], AP: [runs], puncher: [{ ...punch, count: 2 } satisfies CallSpec] };
    const played = await stage('v2-hook-every-fault+clear-whole-folio', actors, large);
    played.call('vCPU0').runThrough('AP', 'VMRUN');
    expect([played.cell('vmsa_in_use', 0), played.cell('vmsa_in_use.1', 0)]).toEqual([0, 1]);
    played.call('puncher');
    expect([0, 1].map((page) => played.folio(page).rmp)).toEqual(['assigned', 'assigned']);
  });
});

it.each(['cmpxchg-tristate', 'seqcount-retry'])(
  'the check of %s is its own, and not that of the series',
  async (scheme) => {
    await expect(play(`${scheme}+vmsa-sequence-check`, [create])).rejects.toThrow(
      'its load takes a snapshot of its own',
    );
  },
);
