/** SEAMCALLs that are busy: what a fault does with the entry it froze, and what a zap does before it tries again. */
import { describe, expect, it } from 'vitest';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { play, stage } from '../stage.js';

const TD = { arch: 'tdx', gfns: 1, septBusy: true } as const;
const LARGE = { ...TD, gfns: 2, maxOrder: 1 } as const;
const accept = (gfn: number, level: '4K' | '2M' = '4K'): CallSpec => ({ call: 'accept', gfn, level });
const punch: CallSpec = { call: 'punch-hole', gfn: 0, count: 1 };
const FREEZE = 'cmpxchg(spte of $i, FROZEN)';
const HELD = 'tdx_no_vcpus_enter_start()';

describe('a fault', () => {
  it('puts the old entry back where AUG is busy, and is taken again', async () => {
    const after = await play('v3-inplace', [accept(0)], { ...TD, choices: [1, 0, 0] });
    expect(after.returned).toEqual([0]);
    expect([after.times(FREEZE), after.times('spte of $i = the old one'), after.cell('spte_frozen')]).toEqual([
      2, 1, 0,
    ]);
  });

  it.each([
    ['leaves its exit handler where an event is pending', 1, 2],
    ['is taken again in its exit handler where none is', 0, 1],
  ])('that was busy %s', async (_, event, tries) => {
    const after = await play('v3-inplace', [accept(0)], { ...TD, choices: [1, event, 0] });
    expect(after.times('TDG.MEM.PAGE.ACCEPT($i, 4K)')).toBe(1 + tries);
  });

  it('that finds a frozen entry is taken again', async () => {
    const world = await stage('v3-inplace', { A: [accept(0)], B: [accept(0)] }, TD);
    world.runThrough('A', FREEZE).runThrough('B', FREEZE).call('A').call('B');
    expect(world.returned).toEqual([0, 0]);
    expect(world.times('TDH.MEM.PAGE.AUG($i)')).toBe(1);
  });

  it('freezes all of a large leaf', async () => {
    const world = await stage('v3d-hugetlb+store-inside', { A: [accept(0, '2M')], B: [accept(1)] }, LARGE);
    world.runThrough('A', FREEZE);
    expect([world.cell('spte_frozen', 0), world.cell('spte_frozen', 1)]).toEqual([1, 1]);
  });
});

describe('a zap', () => {
  it('holds the vCPUs out before it tries again, and lets them in behind', async () => {
    const after = await play('v3-inplace', [accept(0), punch, accept(0)], { ...TD, choices: [0, 1] });
    expect(after.returned).toEqual([0, 0, 0]);
    expect([after.times(HELD), after.cell('wait_for_sept_zap')]).toEqual([1, 0]);
  });

  it('keeps a vCPU out as long as it tries', async () => {
    const calls = { vCPU: [accept(0), { call: 'read', gfn: 0, as: 'private' } as const], host: [punch] };
    const world = await stage('v3-inplace', calls, { ...TD, choices: [0, 1] });
    world.call('vCPU').runThrough('host', HELD).run('vCPU');
    expect([world.isDone('vCPU'), world.canRun('vCPU')]).toEqual([false, false]);
    world.run('host');
    expect(world.canRun('vCPU')).toBe(true);
  });
});
