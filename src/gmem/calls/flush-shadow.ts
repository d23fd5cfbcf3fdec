/**
 * What the guest loses with a memslot that goes, without an invalidation (arch/x86/kvm/mmu/mmu.c; keys: docs/kernel.md). Imported by
 * what changes memslots, and by the models of recorded runs.
 */

import type { Routine } from '../../core/ops/routine.js';
import type { Token } from '../../primitives/token.js';
import { atomic } from '../atomic.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Gfn } from '../scheme.js';
import { givingWay } from './mmu.js';
import { BOTH, zap } from './zap.js';

/**
 * kvm_arch_flush_shadow_memslot() of a memslot that goes: the guest loses the leaves of its gfns, or, in a VM of the default type, all
 * leaves, for roots of a new generation are made. No invalidation is opened, and the sequence stays.
 */
export function* flushShadow(g: Gmem, gfns: readonly Gfn[]): Routine {
  yield* inFunction('kvm_arch_flush_shadow_memslot', g.version, function* () {
    yield* g.mmuLock.writeLock();
    const { roots } = g.memslots!;
    yield* roots === undefined ? zapMemslot(g, gfns) : dropRoots(g, roots);
    yield* g.mmuLock.writeUnlock();
  });
}

/** kvm_mmu_zap_all_fast(), which waits until each vCPU has left the guest. */
function* dropRoots(g: Gmem, roots: Token): Routine {
  yield* atomic('kvm_mmu_zap_all_fast()', function* () {
    yield* roots.bump();
    for (let page = 0; page < g.scenario.gfns; page++) {
      for (const sptes of [g.privateSptes, g.sharedSptes]) {
        const spte = sptes.at(g.gfns.id(page));
        if (yield* g.folios.follow(spte, 'UNMAP')) yield* spte.write(null);
      }
    }
  });
}

/** kvm_mmu_zap_memslot() for the memslot of the file, with mmu_lock held for write; no trace tells its flush. */
export function* zapMemslot(g: Gmem, gfns: readonly Gfn[]): Routine {
  for (const [at, gfn] of gfns.entries()) {
    yield* givingWay(g, at, []);
    yield* zap(g, gfn, BOTH, gfns);
  }
}
