/** Pages that memslots show: what a ref says of it, and that a call does through a slot what it does without. */
import { describe, expect, it } from 'vitest';
import { Ref } from '../../../src/core/ops/ref.js';
import type { WrittenCall } from '../../../src/gmem/calls/call-spec.js';
import { gmem } from '../../../src/gmem/model.js';
import { builtinScenario } from '../../../src/gmem/scenarios/builtin-scenarios.js';
import type { CallSpec, Scenario } from '../../../src/gmem/scenarios/scenario.js';
import { fillsBlock, gfnNumberOf, isShown, shownRef, slotOf } from '../../../src/gmem/world/shown.js';
import { verify } from '../../../src/verify/verify.js';
import { play } from '../stage.js';

const block = new Ref(0, undefined);
const low = { gfn: 4, pages: 2, index: 0 };
const odd = { gfn: 9, pages: 2, index: 0 };

describe('a ref to a page', () => {
  it('without slots is shown at the gfn of its number, in a block of its own', () => {
    expect([isShown(block), slotOf(block), fillsBlock(block), gfnNumberOf(block)(3)]).toEqual([
      true,
      undefined,
      true,
      2,
    ]);
  });

  it('says which slot shows the page, and at which gfn', () => {
    const page = shownRef(block, 1, [low, low]);
    expect([isShown(page), slotOf(page), gfnNumberOf(page)(1)]).toEqual([true, low, 5]);
  });

  it('says that none does', () => {
    const page = shownRef(block, 0, [undefined, low]);
    expect([isShown(page), slotOf(page)]).toEqual([false, undefined]);
  });

  it.each([
    ['one slot shows all of the block', [low, low], true],
    ['a slot shows half of it', [undefined, low], false],
    ['two slots share it', [low, { ...low, gfn: 8 }], false],
    ['its gfns lie in two blocks', [odd, odd], false],
  ])('may be mapped with its block: %s', (_, shown, may) => {
    expect(fillsBlock(shownRef(block, 1, shown))).toBe(may);
  });
});

/** A world with a slot that shows the whole file elsewhere, and the calls that go through it moved along. */
function shown(scenario: Scenario, gfn = 4): Scenario {
  const actors = scenario.actors.map((actor) => ({
    ...actor,
    calls: actor.calls.map((call) => ({
      ...call,
      spec: actor.kind === 'vcpu' ? ({ ...call.spec, gfn: call.spec.gfn + gfn } as CallSpec) : call.spec,
    })),
  }));
  return { ...scenario, slots: [{ gfn, pages: scenario.gfns, index: 0 }], actors };
}

describe('a slot that shows all of the file elsewhere', () => {
  it.each([
    ['fault-vs-convert', 'v3-inplace'],
    ['huge-fault-fault', 'v1-uptodate-prepared'],
  ] as const)('makes no difference to %s under %s', async (name, scheme) => {
    const scenario = builtinScenario(name);
    const [before, after] = [await verify(gmem(scenario, scheme)), await verify(gmem(shown(scenario), scheme))];
    expect(after.verdict).toBe(before.verdict);
    expect([after.states, after.transitions]).toEqual([before.states, before.transitions]);
  });
});

describe('a page that no slot shows', () => {
  const slots = [{ gfn: 7, pages: 1, index: 1 }];
  const world = { gfns: 2, frames: 4, slots };
  const punch = (gfn: number, count: number): CallSpec => ({ call: 'punch-hole', gfn, count });

  it('is punched without an invalidation', async () => {
    const after = await play('v2-hook-every-fault', [punch(0, 1)], world);
    expect(after.times('mmu_invalidate_in_progress++')).toBe(0);
    expect(after.returned).toEqual([0]);
  });

  it('is left out of an invalidation of the gfn beside it', async () => {
    const after = await play('v2-hook-every-fault', [punch(0, 2)], world);
    expect([after.cell('mmu_invalidate_range_start'), after.cell('mmu_invalidate_range_end')]).toEqual([7, 8]);
  });

  it('is converted in place like any other', async () => {
    const convert: CallSpec = { call: 'convert', gfn: 0, count: 1, to: 'shared' };
    const after = await play('v3-inplace', [convert], world);
    expect([after.returned, after.violation]).toEqual([[0], undefined]);
    expect(after.cell('attributes', 0)).toBe(0);
  });

  it('is nothing that a call about a gfn can name', async () => {
    const read: WrittenCall = { call: 'read', gfn: 0 };
    await expect(play('v3-inplace', [{ ...read, as: 'private' } as CallSpec], world)).rejects.toThrow(
      'read of gfn 0: no memslot of the scenario shows all of its gfns',
    );
  });
});
