/** Memslots that are made, deleted and given other flags: what calls answer, what faults find, and what holds whom up. */
import { describe, expect, it } from 'vitest';
import type { CallSpec } from '../../../src/gmem/calls/registry.js';
import { EAGAIN, EEXIST, EFAULT, EINVAL, EIO, ENOMEM } from '../../../src/gmem/errno.js';
import { gmem } from '../../../src/gmem/model.js';
import { parseScenario } from '../../../src/gmem/scenarios/parse-scenario.js';
import { compileModel } from '../../../src/model/model.js';
import { play, stage } from '../stage.js';

const slot = (call: 'create-slot' | 'delete-slot', gfn = 0): CallSpec => ({ call, gfn });
const flags = (given: 'guest-memfd' | 'none'): CallSpec => ({ call: 'set-slot-flags', gfn: 0, flags: given });
const write: CallSpec = { call: 'write', gfn: 0, as: 'private' };
const preFault: CallSpec = { call: 'pre-fault', gfn: 0, count: 1 };
const punch: CallSpec = { call: 'punch-hole', gfn: 0, count: 1 };

const publication = (of: string): string => `rcu_assign_pointer(kvm->memslots): ${of}`;

describe('a memslot', () => {
  it('is there once, and goes once', async () => {
    const calls = [slot('create-slot'), slot('delete-slot'), slot('delete-slot'), slot('create-slot')];
    const { violation, returned } = await play('v3-inplace', calls);
    expect([violation, returned]).toEqual([undefined, [-EEXIST, 0, -EINVAL, 0]]);
  });

  it('that goes takes along what the guest has mapped, and the page stays in the file', async () => {
    const world = await stage('v3-inplace', { vCPU0: [write, write], VMM: [slot('delete-slot')] });
    world.call('vCPU0').call('VMM');
    expect([world.folio(0).presence, world.cell('private_spte')]).toEqual(['cached', undefined]);
    expect(world.call('vCPU0').returned).toEqual([0, 0, -EFAULT]);
  });

  it('that is made again shows the page as it was', async () => {
    const VMM = [slot('delete-slot'), slot('create-slot')];
    const world = await stage('v2-hook-every-fault', { vCPU0: [write, write], VMM });
    world.call('vCPU0').call('VMM').call('VMM').call('vCPU0');
    expect([world.violation, world.returned]).toEqual([undefined, [0, 0, 0, 0]]);
  });

  it('that is none is a device to the VMM, as long as the guest does not ask for private memory', async () => {
    const read: CallSpec = { call: 'read', gfn: 0, as: 'shared' };
    const world = await stage('v3-inplace', { VMM: [slot('delete-slot')], vCPU0: [read] }, { attribute: 'shared' });
    expect(world.call('VMM').call('vCPU0').returned).toEqual([0, 0]);
    expect(world.folio(0).presence).toBe('free');
  });

  it('of several is the one of the gfn that is named', async () => {
    const slots = [
      { gfn: 0, pages: 1, index: 1 },
      { gfn: 4, pages: 1, index: 0 },
    ];
    const at = (gfn: number): CallSpec => ({ call: 'write', gfn, as: 'private' });
    const actors = { VMM: [slot('delete-slot', 4)], vCPU0: [at(0), at(4)] };
    const world = await stage('v3-inplace', actors, { gfns: 2, slots, attributes: ['private', 'private'] });
    expect(world.call('VMM').call('vCPU0').call('vCPU0').returned).toEqual([0, 0, -EFAULT]);
  });

  it('has its flags changed by no kernel', async () => {
    expect((await play('v3-inplace', [flags('guest-memfd'), flags('none')])).returned).toEqual([-EINVAL, -EINVAL]);
  });
});

describe('a memslot that goes', () => {
  it('waits for a fault that has found it, and not for one behind that', async () => {
    const world = await stage('v3-inplace', { vCPU0: [write], VMM: [slot('delete-slot')] });
    world.runThrough('vCPU0', 'kvm_vcpu_gfn_to_memslot()');
    world.run('VMM');
    expect(world.canRun('VMM')).toBe(false);
    world.call('vCPU0');
    expect(world.call('VMM').returned).toEqual([0, 0]);
  });

  it('is -EAGAIN to who maps ahead of the guest, and nothing is mapped', async () => {
    const world = await stage('v3-inplace', { VMM: [slot('delete-slot')], vCPU0: [preFault] });
    world.runThrough('VMM', publication('KVM_MEMSLOT_INVALID'));
    expect(world.call('vCPU0').returned).toEqual([-EAGAIN]);
    expect(world.folio(0).presence).toBe('free');
  });
});

describe('a memslot that is made', () => {
  it('is bound behind its publication in V3b, and faults in between are -EIO', async () => {
    const VMM = [slot('delete-slot'), slot('create-slot')];
    const world = await stage('v3-inplace', { VMM, vCPU0: [write, write] });
    world.call('VMM').runThrough('VMM', publication('the memslot'));
    expect(world.call('vCPU0').returned).toEqual([0, -EIO]);
    expect(world.call('VMM').call('vCPU0').returned).toEqual([0, -EIO, 0, 0]);
  });

  it('is refused where there is no memory for a binding, and not there', async () => {
    const calls = [slot('delete-slot'), slot('create-slot'), slot('create-slot')];
    const given = { allocationFails: true, gfns: 2, attributes: ['private', 'private'] as const };
    for (const scheme of ['v2-hook-every-fault+bind-rolled-back', 'v3-inplace']) {
      const { violation, returned } = await play(scheme, calls, { ...given, choices: [0, 1] });
      expect([violation, returned]).toEqual([undefined, [0, -ENOMEM, 0]]);
    }
  });
});

it('a hole is no invalidation where the file has no binding', async () => {
  const world = await stage('v3-inplace', { VMM: [slot('delete-slot'), punch], vCPU0: [write] });
  world.call('vCPU0').call('VMM');
  const before = world.steps.length;
  world.call('VMM');
  expect(world.steps.slice(before).some((step) => step.includes('mmu_invalidate_in_progress'))).toBe(false);
  expect([world.violation, world.folio(0).presence]).toEqual([undefined, 'free']);
});

it('who maps ahead of the guest maps what the guest will find', async () => {
  const world = await stage('v3-inplace', { vCPU0: [preFault, write] });
  world.call('vCPU0');
  const before = world.steps.length;
  world.call('vCPU0');
  expect(world.steps.slice(before).filter((step) => step.includes('#NPF'))).toEqual([]);
});

describe('beside memslots that change', () => {
  it.each([
    ['large folios', 'maxOrder: 1', 'read: 0'],
    ['VM attributes', 'conversion: vm-attributes', 'read: 0'],
    ['the call create-ap', 'arch: snp', 'create-ap: 0'],
  ])('there is no model of %s', (words, setting, call) => {
    const lines = ['title: t', 'gfns: 2', setting, 'actors:', '  - name: vCPU0', `    calls: [{ ${call} }]`];
    const text = [...lines, '  - name: VMM', '    calls: [{ delete-slot: 0 }]'].join('\n');
    const model = gmem(parseScenario(text, 'beside.yaml'), 'v3-inplace');
    return expect(compileModel(model)).rejects.toThrow(
      `delete-slot changes memslots, beside which there is no model of ${words}`,
    );
  });
});
