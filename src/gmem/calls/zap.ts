/**
 * The zap of one gfn (arch/x86/kvm/mmu/tdp_mmu.c; keys: docs/kernel.md): what maps it in the roots that are named goes, with
 * mmu_lock held for write. Imported by the invalidations.
 */

import type { RefCell } from '../../core/ops/cell.js';
import { type Routine, tracepoint } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import type { Gmem } from '../gmem.js';
import type { Folio, Gfn } from '../scheme.js';
import { blockOf, isSameGfn } from '../world/folio-ref.js';
import { countedFrame } from './pamt.js';
import { removeFails, removePrivate } from './sept.js';
import { blockIsBusy, heldOutIf } from './sept-busy.js';
import { removeByKey } from './terminate.js';
import { flushTrustedIotlb } from './trusted-dma.js';

/** The roots of private and of shared memory. */
export const BOTH = [true, false];

/**
 * kvm_tdp_mmu_unmap_gfn_range() for one gfn: removes the SPTEs of the named roots, where the
 * architecture tells roots apart. kvm_flush_remote_tlbs() comes with it:
 * no access is modelled that goes through a TLB entry whose SPTE is gone while mmu_lock is still held. Whether there was any.
 */
export function* zap(g: Gmem, gfn: Gfn, roots: readonly boolean[], asked: readonly Gfn[]): Routine<boolean> {
  const taken: Folio[] = [];
  const fails = roots.includes(true) && (yield* removeFails(g));
  const isBusy = roots.includes(true) && (yield* blockIsBusy(g, gfn));
  const zapped = yield* heldOutIf(g, isBusy, () => zapRoots(g, gfn, roots, { asked, fails, taken }));
  for (const page of taken) yield* g.scheme.pamtPut(g, page);
  return zapped;
}

/** How a page is zapped. */
interface Zap {
  readonly asked: readonly Gfn[];
  /** Whether the TDX module refuses to give pages back. */
  readonly fails: boolean;
  /** Which pages were given back that count for a PAMT. */
  readonly taken: Folio[];
}

function* zapRoots(g: Gmem, gfn: Gfn, roots: readonly boolean[], zap: Zap): Routine<boolean> {
  if (g.file.vm.hkid === undefined || !roots.includes(true)) return yield* zapInSection(g, gfn, roots, zap);
  const inSteps = yield* removeByKey(g, yield* leafAt(g, gfn, true), zap.asked, zap.taken);
  const rest = roots.filter((isPrivate) => !isPrivate);
  return (rest.length > 0 && (yield* zapInSection(g, gfn, rest, zap))) || inSteps;
}

function* zapInSection(g: Gmem, gfn: Gfn, roots: readonly boolean[], { asked, fails, taken }: Zap): Routine<boolean> {
  return yield* atomic('kvm_tdp_mmu_unmap_gfn_range($i), kvm_flush_remote_tlbs()', function* () {
    let zapped = false;
    for (const isPrivate of g.arch.hasMirroredRoots ? roots : BOTH) {
      const leaf = yield* leafAt(g, gfn, isPrivate);
      for (const page of leaf) {
        if (isPrivate && g.sept !== undefined) {
          const isAsked = asked.some((each) => isSameGfn(each, page));
          const counted = fails ? null : yield* countedFrame(g, page, leaf.length);
          if (yield* removePrivate(g, page, { isAsked, fails })) zapped = true;
          if (counted !== null) taken.push(counted);
          continue;
        }
        const spte = g.sptes(isPrivate).at(page);
        // Whose page it was only a recording asks.
        const folio = g.parts.ordinaryMemory ? yield* spte.read() : null;
        if (!(yield* otherVmMaps(g, page, spte)) && !(yield* g.folios.follow(spte, 'UNMAP'))) continue;
        yield* spte.write(null);
        if (isPrivate) yield* flushTrustedIotlb(g, page);
        yield* tracepoint('kvm_tdp_mmu_spte_changed to none', page, folio);
        zapped = true;
      }
    }
    if (g.ordinarySptes !== undefined && (yield* g.ordinarySptes.at(gfn).cmpxchg(1, 0))) {
      yield* tracepoint('kvm_tdp_mmu_spte_changed to none', gfn, null);
      zapped = true;
    }
    return zapped;
  });
}

/** The gfns of the leaf that maps a gfn, of which none is left: a large leaf goes as a whole, whatever was asked for. */
function* leafAt(g: Gmem, gfn: Gfn, isPrivate: boolean): Routine<readonly Gfn[]> {
  const leaves = g.leaves(isPrivate);
  if (leaves === undefined) return [gfn];
  return (yield* leaves.at(gfn).swap(0)) > 0 ? blockOf(gfn) : [gfn];
}

/** Whether another VM maps what an SPTE maps: the folio has no mapping in a guest once the last of them has zapped. */
function* otherVmMaps(g: Gmem, gfn: Gfn, spte: RefCell): Routine<boolean> {
  const others = g.views.filter(({ file }) => file !== g.file);
  const folio = others.length === 0 ? null : yield* spte.read();
  if (folio === null) return false;
  for (const other of others) {
    for (const isPrivate of BOTH) if (yield* other.sptes(isPrivate).at(gfn).equals(folio)) return true;
  }
  return false;
}
