/**
 * Rules that real traces taught the model, each in a small world in which it matters: there a state is reached that the rule
 * before never came to. That the rule before is refused by a trace, test/gmem/ftrace/old-rules.test.ts shows.
 */
import { expect, it } from 'vitest';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { stage } from '../stage.js';

const V2 = 'v2-hook-every-fault';
const shared = { attribute: 'shared', arch: 'none' } as const;
const punch = (gfn: number, count: number): CallSpec => ({ call: 'punch-hole', gfn, count });
const write = (gfn: number): CallSpec => ({ call: 'write', gfn, as: 'shared' });

it('truncation passes by a folio that is locked: a later page leaves the file before an earlier one', async () => {
  const world = await stage(
    V2,
    {
      allocer: [{ call: 'allocate', gfn: 0, count: 2 }],
      user: [{ call: 'user-fault', gfn: 0 }],
      puncher: [punch(0, 2)],
    },
    { ...shared, gfns: 2 },
  );
  world.call('allocer').runThrough('user', 'folio_lock($i)').run('puncher');
  expect(world.isDone('puncher')).toBe(false);
  expect([world.cell('i_pages', 0), world.cell('i_pages', 1)]).toEqual([0, undefined]);
  world.run('user').run('puncher');
  expect(world.cell('i_pages', 0)).toBeUndefined();
});

it('truncation ends where its range does: a page that comes back behind it stays', async () => {
  const fault = (gfn: number): CallSpec => ({ call: 'user-fault', gfn });
  const world = await stage(
    V2,
    {
      allocer: [{ call: 'allocate', gfn: 0, count: 3 }],
      holder: [fault(1)],
      user: [fault(0), fault(2)],
      puncher: [punch(0, 3)],
    },
    { ...shared, gfns: 3 },
  );
  world.call('allocer').runThrough('holder', 'folio_lock($i)').run('puncher');
  expect([0, 1, 2].map((gfn) => world.cell('i_pages', gfn))).toEqual([undefined, 1, undefined]);
  world.call('user').call('user').run('holder').run('puncher');
  expect(world.isDone('puncher')).toBe(true);
  expect([1, 2].map((gfn) => world.cell('i_pages', gfn))).toEqual([undefined, undefined]);
  expect(world.cell('i_pages', 0)).toBeDefined();
});

it('a zap of a range gives mmu_lock up: a fault on a page that is zapped runs into an invalidation that still zaps', async () => {
  const world = await stage(
    V2,
    { vcpu: [write(0), write(1), write(0)], puncher: [punch(0, 2)] },
    { ...shared, gfns: 2, choices: [1] },
  );
  world.call('vcpu').call('vcpu').runThrough('puncher', 'write_unlock(mmu_lock)');
  expect(world.cell('mmu_invalidate_in_progress')).toBe(1);
  expect([world.cell('shared_spte', 0), world.cell('shared_spte', 1)]).toEqual([undefined, 1]);
  const before = world.times('kvm_tdp_mmu_map($i)');
  world.run('vcpu');
  expect(world.times('kvm_tdp_mmu_map($i)')).toBe(before);
  expect(world.isDone('vcpu')).toBe(false);
});

it('a zap of one page never gives it up', async () => {
  const world = await stage(V2, { vcpu: [write(0)], puncher: [punch(0, 1)] }, { ...shared, choices: [1] });
  world.call('vcpu').runThrough('puncher', 'write_unlock(mmu_lock)');
  expect(world.cell('shared_spte')).toBeUndefined();
});

it("a punch that removes a user PTE begins KVM's own invalidation inside of its own", async () => {
  const world = await stage(V2, { user: [{ call: 'user-fault', gfn: 0 }], puncher: [punch(0, 1)] }, shared);
  world.call('user').runTo('puncher', 'unmap_mapping_folio()');
  expect(world.cell('mmu_invalidate_in_progress')).toBe(2);
  world.run('puncher');
  expect(world.cell('mmu_invalidate_in_progress')).toBe(0);
  expect(world.times('mmu_invalidate_seq++')).toBe(2);
});

it('a fault that finds the page mapped by another vCPU installs nothing', async () => {
  const world = await stage(V2, { vcpu: [write(0)], other: [write(0)] }, shared);
  world.runTo('vcpu', 'read_lock(mmu_lock)').call('other');
  world.run('vcpu');
  expect(world.isDone('vcpu')).toBe(true);
  expect(world.times('kvm_tdp_mmu_map($i)')).toBe(2);
  expect(world.times('shared_spte[0] = $a')).toBe(1);
});
