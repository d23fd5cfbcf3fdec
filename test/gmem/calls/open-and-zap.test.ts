/** Split before zap: which leaves are split for a range, what is kept, and what the orders leave behind when a split fails. */
import { describe, expect, it } from 'vitest';
import { ENOMEM } from '../../../src/gmem/errno.js';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { play } from '../stage.js';

const WORK_LIST = 'v3d-hugetlb+work-list';
const DEMOTE = 'TDH.MEM.PAGE.DEMOTE($i)';
const TD = { arch: 'tdx', gfns: 4, maxOrder: 1 } as const;
const accept = (gfn: number): CallSpec => ({ call: 'accept', gfn, level: '2M' });
const write = (gfn: number): CallSpec => ({ call: 'write', gfn, as: 'private' });
const share = (gfn: number, count: number): CallSpec => ({ call: 'convert', gfn, count, to: 'shared' });
const punch = (gfn: number, count: number): CallSpec => ({ call: 'punch-hole', gfn, count });

describe('a range', () => {
  it('has the leaves at its head and at its tail split, whose other pages stay accepted', async () => {
    const after = await play(WORK_LIST, [accept(0), accept(2), share(1, 2), write(0), write(3)], TD);
    expect(after.returned).toEqual([0, 0, 0, 0, 0]);
    expect(after.times(DEMOTE)).toBe(2);
  });

  it.each([
    ['a conversion', share(0, 2)],
    ['a hole', punch(0, 2)],
  ])('of whole blocks has nothing split by %s', async (_, call) => {
    const after = await play(WORK_LIST, [accept(0), call], TD);
    expect(after.returned).toEqual([0, 0]);
    expect(after.times(DEMOTE)).toBe(0);
  });

  it.each(['zap-unsplit', 'zap-then-split', 'split-wrong-root'])('loses an accepted page under %s', async (change) => {
    expect((await play(`${WORK_LIST}+${change}`, [accept(0), share(1, 1)], TD)).violation).toBe('lost-accept');
  });

  it('loses nothing by an unsplit zap as long as nothing is accepted', async () => {
    const after = await play(`${WORK_LIST}+zap-unsplit`, [write(0), share(1, 1)], TD);
    expect(after.violation).toBeUndefined();
    expect(after.cell('private_leaf_order')).toBe(0);
  });
});

describe('a split that fails', () => {
  const calls = [accept(0), accept(2), share(1, 2)];
  const slots = [
    { gfn: 0, pages: 2, index: 0 },
    { gfn: 4, pages: 2, index: 2 },
  ];

  it.each([
    ['the head', [1]],
    ['the tail', [0, 1]],
  ])('at %s fails the conversion before anything is zapped', async (_, choices) => {
    const after = await play(WORK_LIST, [...calls, write(1), write(2)], { ...TD, septSplitFails: true, choices });
    expect(after.returned).toEqual([0, 0, -ENOMEM, 0, 0]);
    expect(after.cell('mmu_invalidate_in_progress')).toBe(0);
  });

  it('for the second binding has the first one zapped, where each is split and zapped in its turn', async () => {
    const world = { ...TD, slots, septSplitFails: true, choices: [0, 1] } as const;
    const inSlots = [accept(0), accept(4), share(1, 2)];
    expect((await play(`${WORK_LIST}+split-each-binding`, inSlots, world)).violation).toBe('partial-effect');
    expect((await play(WORK_LIST, inSlots, world)).returned).toEqual([0, 0, -ENOMEM]);
  });
});

describe('VM attributes of half a block', () => {
  const world = { ...TD, gfns: 2, conversion: 'vm-attributes' } as const;

  it('have the leaf split first, and of small leaves only what changes is zapped', async () => {
    const after = await play('v2-hook-every-fault', [accept(0), share(1, 1), write(0)], world);
    expect([...after.returned, after.times(DEMOTE), after.cell('lpage_mixed')]).toEqual([0, 0, 0, 1, 1]);
  });

  it('change nothing where the split fails', async () => {
    const fails = { ...world, septSplitFails: true, choices: [1] } as const;
    const after = await play('v2-hook-every-fault', [accept(0), share(1, 1), write(1)], fails);
    expect(after.returned).toEqual([0, -ENOMEM, 0]);
    expect(after.cell('mmu_invalidate_in_progress')).toBe(0);
  });
});
