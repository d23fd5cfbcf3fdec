/** What the architectures do to a folio, when they are asked, and how one is made of another. */
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/core/errors.js';
import type { Routine } from '../../../src/core/ops/routine.js';
import { call } from '../../../src/core/program/program-builder.js';
import { Executor } from '../../../src/core/run/executor.js';
import { type Arch, defineArch } from '../../../src/gmem/arch/arch.js';
import { archNone } from '../../../src/gmem/arch/none.js';
import { archSnp } from '../../../src/gmem/arch/snp.js';
import { convert } from '../../../src/gmem/calls/convert.js';
import { punchHole } from '../../../src/gmem/calls/fallocate.js';
import { guestAccess } from '../../../src/gmem/calls/page-fault.js';
import { ENOMEM, errnoText } from '../../../src/gmem/errno.js';
import { Gmem } from '../../../src/gmem/gmem.js';
import type { CallSpec, Scenario } from '../../../src/gmem/scenarios/scenario.js';
import type { Gfn } from '../../../src/gmem/scheme.js';
import { v2HookEveryFault } from '../../../src/gmem/schemes/v2-hook-every-fault.js';
import { World } from '../../../src/gmem/world/world.js';
import { compileModel, defineModel } from '../../../src/model/model.js';
import { verify } from '../../../src/verify/verify.js';
import { play } from '../stage.js';

const write: CallSpec = { call: 'write', gfn: 0, as: 'private' };
const allocate: CallSpec = { call: 'allocate', gfn: 0, count: 1 };
const punch: CallSpec = { call: 'punch-hole', gfn: 0, count: 1 };
const share: CallSpec = { call: 'convert', gfn: 0, count: 1, to: 'shared' };

const scenario: Scenario = {
  name: 'arch',
  title: 'a world with an architecture of its own',
  arch: 'none',
  gfns: 1,
  frames: 2,
  attribute: 'private',
  attributes: ['private'],
  conversion: 'in-place',
  gate: false,
  hookFails: false,
  allocationFails: false,
  actors: [],
};

type Hook = 'prepare' | 'reclaim' | 'makeShared';

/** Which hooks calls made after one private write come to, in their order. */
async function hooksOf(...calls: readonly ((g: Gmem, gfn: Gfn) => Generator<unknown, unknown, unknown>)[]) {
  const hooks: Hook[] = ['prepare', 'reclaim', 'makeShared'];
  let world!: World;
  const model = defineModel({
    name: 'arch',
    registers: 16,
    build(m) {
      world = new World(m, scenario, v2HookEveryFault);
      const last = m.cell('last hook');
      const noted = (hook: Hook): Partial<Arch> => ({
        *[hook](g: Gmem, folio: never) {
          yield* last.write(hooks.indexOf(hook) + 1);
          return yield* archNone[hook](g, folio) as ReturnType<Arch['prepare']>;
        },
      });
      const arch = defineArch(archNone, { ...noted('prepare'), ...noted('reclaim'), ...noted('makeShared') });
      const g = new Gmem(world).with({ arch });
      m.actor(
        'one',
        [
          (gfn: Gfn) => guestAccess(g, 'GUEST_WRITE', true, gfn),
          ...calls.map((each) => (gfn: Gfn) => each(g, gfn)),
        ].map((routine, place) => call(`call ${place}`, routine as never, world.gfns.id(0))),
      );
    },
  });
  const program = await compileModel(model);
  const executor = new Executor(program);
  const { base } = program.layout.regions.find(({ name }) => name === 'last hook')!;
  const called: Hook[] = [];
  while (executor.canRun(0)) {
    executor.state[base] = 0;
    executor.step(0, 0);
    if (executor.state[base] !== 0) called.push(hooks[executor.state[base] - 1]);
  }
  expect(executor.violation).toBeUndefined();
  return called;
}

describe('an architecture is asked', () => {
  it('to reclaim a folio that is freed, and not to make it shared', async () => {
    expect(await hooksOf((g, gfn) => punchHole(g, [gfn]))).toEqual(['prepare', 'reclaim']);
  });

  it('to make a folio shared that is converted, and not to reclaim it', async () => {
    expect(await hooksOf((g, gfn) => convert(g, 'shared', [gfn]))).toEqual(['prepare', 'makeShared']);
  });

  it('for both when what was converted is freed', async () => {
    const both = hooksOf(
      (g, gfn) => convert(g, 'shared', [gfn]),
      (g, gfn) => punchHole(g, [gfn]),
    );
    expect(await both).toEqual(['prepare', 'makeShared', 'reclaim']);
  });
});

describe('SEV-SNP', () => {
  it.each([
    ['reclaims', punch, 'free'],
    ['makes shared', share, 'cached'],
  ] as const)('%s an assigned page by unassigning it', async (_, made, presence) => {
    const after = await play('v2-hook-every-fault', [write, made]);
    expect(after.steps).toContain('sev_gmem_invalidate: snp_lookup_rmpentry($i)->assigned');
    expect(after.steps).toContain('sev_gmem_invalidate: rmp_make_shared($i)');
    expect(after.folio(0)).toMatchObject({ rmp: 'unassigned', presence });
  });

  it.each([
    ['reclaims', punch],
    ['makes shared', share],
  ] as const)('%s a page that nobody assigned by looking at it', async (_, made) => {
    const after = await play('v2-hook-every-fault', [allocate, made]);
    expect(after.steps).toContain('sev_gmem_invalidate: snp_lookup_rmpentry($i)->assigned');
    expect(after.times('rmp_make_shared($i)')).toBe(0);
  });
});

it('no architecture takes no step at free or at conversion', async () => {
  const after = await play('v2-hook-every-fault', [write, share, punch], { arch: 'none' });
  expect(after.returned).toEqual([0, 0, 0]);
  expect(after.steps.filter((step) => /sev_|rmp_/.test(step))).toEqual([]);
});

describe('protected KVM', () => {
  it('scrubs a page that the file gives up, and keeps the bytes of one that the guest shares', async () => {
    const shared = await play('v3-inplace', [write, share], { arch: 'pkvm' });
    expect([shared.folio(0).contents, shared.times('hyp: scrub $i')]).toEqual(['guest', 0]);
    const freed = await play('v3-inplace', [allocate, punch], { arch: 'pkvm' });
    expect([freed.returned, freed.times('hyp: scrub $i')]).toEqual([[0, 0], 1]);
  });
});

describe('defineArch', () => {
  it('keeps what is not changed', () => {
    const mine = defineArch(archSnp, { name: 'mine' });
    expect(mine).toEqual({ ...archSnp, name: 'mine' });
    expect(archSnp.name).toBe('snp');
    expect(archSnp.hasMirroredRoots).toBe(archNone.hasMirroredRoots);
  });

  it.each([
    [
      { reclam: archNone.reclaim },
      /^faultline: defineArch\(none, \{ \.\.\. \}\) \(arch\.test\.ts:\d+\): unknown change "reclam"; allowed: handleRefusal, hasMirroredRoots, hostStore, makeShared, mappedPrivate, maxMappingOrder, name, postPopulate, postPopulateInPlace, prepare, reclaim, refusesAccess, refusesDma, splitLeaves; did you mean "reclaim"\?$/,
    ],
    [
      { invalidate: archNone.reclaim },
      /unknown change "invalidate"; allowed: handleRefusal, hasMirroredRoots, hostStore, makeShared/,
    ],
    [{ reclaim: 3 }, /: reclaim is 3; write \*reclaim\(g, \.\.\.\) \{ \.\.\. \}$/],
    [{ hasMirroredRoots: 'yes' }, /: hasMirroredRoots is "yes"; allowed: a boolean$/],
  ])('refuses %j', (changes, words) => {
    const define = () => defineArch(archNone, changes as Partial<Arch>);
    expect(define).toThrow(InputError);
    expect(define).toThrow(words);
  });
});

describe('a call that fails behind', () => {
  /** What verify finds where a call does something to a page that the guest has written, and returns an error. */
  const foundBehind = async (does: (g: Gmem, gfn: Gfn) => Routine<unknown>): Promise<readonly string[]> => {
    const model = defineModel({
      name: 'fails',
      registers: 16,
      build(m) {
        const world = new World(m, { ...scenario, arch: 'snp' }, v2HookEveryFault);
        const g = new Gmem(world);
        m.errors((result) => result < 0, errnoText);
        function* fails(gfn: Gfn): Routine<number> {
          yield* does(g, gfn);
          return -ENOMEM;
        }
        const accesses = (gfn: Gfn) => guestAccess(g, 'GUEST_WRITE', true, gfn);
        m.actor('one', [call('write', accesses, world.gfns.id(0)), call('fails', fails, world.gfns.id(0))]);
      },
    });
    return (await verify(model, { all: true, liveness: false })).findings.map(({ words }) => words);
  };

  it("SNP's conversion to shared has lost what the guest wrote, which is a finding", async () => {
    expect(await foundBehind((g, gfn) => convert(g, 'shared', [gfn]))).toEqual([
      'fails returns the error -ENOMEM after an effect of its own that nobody can undo: the guest has lost what was in the page',
    ]);
  });

  it('the hook at the free of a page says nothing, for a call may give back what it has just taken', async () => {
    expect(await foundBehind((g, gfn) => punchHole(g, [gfn]))).toEqual([]);
  });
});
