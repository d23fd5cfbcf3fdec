/** An invalidation where roots are obsolete, as recordings show it: what it zaps of which root, and when it flushes. */
import { describe, expect, it } from 'vitest';
import { call } from '../../../src/core/program/program-builder.js';
import { invalidateBegin } from '../../../src/gmem/calls/mmu.js';
import { Gmem } from '../../../src/gmem/gmem.js';
import { RECORDED_WORLD } from '../../../src/gmem/parts.js';
import type { Gfn } from '../../../src/gmem/scheme.js';
import { v2HookEveryFault } from '../../../src/gmem/schemes/v2-hook-every-fault.js';
import { World } from '../../../src/gmem/world/world.js';
import { compileModel, defineModel } from '../../../src/model/model.js';
import { Stage } from '../stage.js';

const scenario = {
  name: 'obsolete-roots',
  title: 'two pages, the first of them mapped, and a root that is obsolete',
  arch: 'none' as const,
  gfns: 2,
  frames: 2,
  attribute: 'private' as const,
  attributes: ['private' as const, 'private' as const],
  conversion: 'in-place' as const,
  gate: false,
  hookFails: false,
  allocationFails: false,
  actors: [],
};

/** Begins an invalidation of both pages; `choices` says before which pages mmu_lock is given up. */
async function invalidated(choices: readonly number[]): Promise<Stage> {
  const model = defineModel({
    name: 'obsolete-roots',
    registers: 16,
    build(m) {
      const g = new Gmem(
        new World(m, scenario, v2HookEveryFault, { isOurs: true, parts: { ...RECORDED_WORLD, slotChanges: true } }),
      );
      const pages = [g.gfns.id(0), g.gfns.id(1)] as unknown as readonly Gfn[];
      m.actor('puncher', [
        call('maps', function* () {
          yield* g.ordinarySptes!.at(pages[0]).write(1);
          yield* g.slotChanges!.hasOldRoot.write(1);
          return 0;
        }),
        call('begins', function* () {
          yield* invalidateBegin(g, pages, [true, false]);
          return 0;
        }),
      ]);
    },
  });
  const stage = new Stage(await compileModel(model), choices);
  return stage.call('puncher').call('puncher');
}

/** The steps that matter here, without the function they are in. */
const told = ({ steps }: Stage) =>
  steps
    .map((step) => step.slice(step.indexOf(': ') + 2))
    .filter((step) => [FLUSH, LOCK, UNLOCK, 'obsolete_roots'].includes(step));

const FLUSH = 'kvm_flush_remote_tlbs()';
const LOCK = 'write_lock(mmu_lock)';
const UNLOCK = 'write_unlock(mmu_lock)';

describe('what an invalidation has zapped of the newer root', () => {
  it('is flushed at its end where mmu_lock is kept', async () => {
    expect(told(await invalidated([0, 0]))).toEqual([LOCK, 'obsolete_roots', FLUSH, UNLOCK]);
  });

  it('is flushed before mmu_lock is given up in the root that is obsolete, and not again', async () => {
    // tdp_mmu_zap_leafs() of one root takes over what the one before has to flush (arch/x86/kvm/mmu/tdp_mmu.c).
    expect(told(await invalidated([0, 1]))).toEqual([LOCK, 'obsolete_roots', FLUSH, UNLOCK, LOCK, UNLOCK]);
  });

  it('is flushed once where mmu_lock is given up in both', async () => {
    expect(told(await invalidated([1, 1]))).toEqual([
      ...[LOCK, FLUSH, UNLOCK, LOCK],
      ...['obsolete_roots', UNLOCK, LOCK, UNLOCK],
    ]);
  });
});
