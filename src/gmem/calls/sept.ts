/**
 * The S-EPT of a TD, and what KVM does to it under mmu_lock: adds pages, splits large leaves, takes pages away
 * (arch/x86/kvm/vmx/tdx.c, and the series that split large leaves, T1 and T2 in docs/kernel.md). KVM's own table, the mirror, are
 * the private SPTEs; the two agree whenever nobody holds mmu_lock. Imported by the fault, by what zaps, and by the arch hooks.
 *
 * BLOCK, TRACK and what follows are one section, since whoever could see them apart waits for mmu_lock. Left out: the page tables
 * above the leaves.
 */

import { choose } from '../../core/ops/choice.js';
import type { Op } from '../../core/ops/op.js';
import type { Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { EIO, ENOMEM, RET_PF_FIXED, RET_PF_RETRY, RET_PF_SPURIOUS, retPfText } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Folio, Gfn } from '../scheme.js';
import { batchesOf, blockOf, coversBlocks, pageOf } from '../world/folio-ref.js';
import { slotOf } from '../world/shown.js';
import { addForDemoted, takePage, usePamt } from './pamt.js';
import { blockIsBusy, freezeAndAdd, heldOutIf } from './sept-busy.js';
import { alone } from './td-state.js';
import { flushTrustedIotlb } from './trusted-dma.js';

/** Whether the leaf at a gfn of the private root is one of 2M. */
export function* isLargeLeaf(g: Gmem, gfn: Gfn): Routine<boolean> {
  const leaves = g.leaves(true);
  if (leaves === undefined) return false;
  const result = (order: number) => (order > 0 ? 1 : 0);
  return yield* leaves.at(gfn).apply<boolean>('% > 0', 'boolean', { result });
}

/**
 * kvm_tdp_mmu_map() of private memory of a TD: as much of a folio as may be mapped, or the page of the fault alone where there are
 * leaves of 4K already, for leaves are never put together (PROMOTE). RET_PF_FIXED, RET_PF_SPURIOUS, or -EIO of a VM that is dead.
 */
export function* mapMirror(g: Gmem, gfn: Gfn, folio: Folio, order: number): Routine<number> {
  function* add(isLarge: boolean): Routine {
    for (const page of leafOf(isLarge)) {
      const frame = pageOf(folio, page);
      yield* g.sept!.at(page).send('AUG');
      yield* g.folios.at(frame).send('TD_AUG');
      if (!isLarge) yield* usePamt(g, frame);
      yield* g.privateSptes.at(page).write(folio);
      yield* g.folios.at(frame).send('MAP_PRIVATE');
    }
    if (isLarge) yield* g.leaves(true)!.at(gfn).write(order);
  }
  function* mapped(most: number): Routine<number> {
    if (yield* isDead(g)) return -EIO;
    if (yield* g.privateSptes.at(gfn).holds()) return RET_PF_SPURIOUS;
    const isLarge = most > 0 && (yield* isEmpty(g, gfn));
    if (isLargeOnly && most > 0 && !isLarge) return RET_PF_RETRY;
    yield* add(isLarge);
    return RET_PF_FIXED;
  }
  const leafOf = (isLarge: boolean) => (isLarge ? blockOf(gfn) : [gfn]);
  const label = (isLarge: boolean) =>
    isLarge ? `TDH.MEM.PAGE.AUG($i, ${blockOf(gfn).length} pages)` : 'TDH.MEM.PAGE.AUG($i)';
  // A page that is added without a count for it must not be one of 4K.
  const isLargeOnly = g.pamt !== undefined;
  function* map(most: number): Routine<number> {
    if (g.file.vm.frozen === undefined) return yield* atomic(label(most > 0), () => mapped(most), retPfText);
    return (yield* isDead(g)) ? -EIO : yield* freezeAndAdd(g, gfn, most, { leafOf, label, add, isLargeOnly });
  }
  function* mapCounted(): Routine<number> {
    if (order > 0 && (yield* atomic('no leaf of 4K in the block of $i', () => isEmpty(g, gfn))))
      return yield* map(order);
    const frame = pageOf(folio, gfn);
    yield* g.scheme.pamtGet(g, frame);
    const result = yield* map(0);
    if (result !== RET_PF_FIXED) yield* g.scheme.pamtPut(g, frame);
    return result;
  }
  return yield* inFunction('kvm_tdp_mmu_map', g.version, () => (isLargeOnly ? mapCounted() : map(order)), retPfText);
}

function* isEmpty(g: Gmem, gfn: Gfn): Routine<boolean> {
  for (const page of blockOf(gfn)) if (yield* g.privateSptes.at(page).holds()) return false;
  return true;
}

/**
 * kvm_tdp_mmu_map_private_pfn() before the TD is runnable, and the measurement: TDH.MEM.PAGE.ADD, then TDH.MR.EXTEND. 0, or -EIO
 * where the page is there already.
 */
export function* addAndExtend(g: Gmem, gfn: Gfn, page: Folio, fill: Op<void>): Routine<number> {
  yield* g.mmuLock.readLock();
  if (g.pamt !== undefined) yield* g.scheme.pamtGet(g, page);
  const isAdded = yield* atomic('TDH.MEM.PAGE.ADD($i)', function* () {
    if (yield* g.privateSptes.at(gfn).holds()) return false;
    yield* fill;
    yield* g.folios.at(page).send('TD_ADD');
    yield* g.sept!.at(gfn).send('ADD');
    yield* usePamt(g, page);
    yield* g.privateSptes.at(gfn).write(g.large === undefined ? page : g.large.blockOf(page));
    yield* g.folios.at(page).send('MAP_PRIVATE');
    return true;
  });
  if (g.pamt !== undefined && !isAdded) yield* g.scheme.pamtPut(g, page);
  yield* g.mmuLock.readUnlock();
  if (!isAdded) return -EIO;
  yield* alone(g);
  yield* extend(g, gfn);
  return 0;
}

/** TDH.MR.EXTEND of a page. */
export function extend(g: Gmem, gfn: Gfn): Op<void> {
  return g.sept!.at(gfn).send('EXTEND').named('TDH.MR.EXTEND($i)');
}

/** Whether KVM has marked the VM as dead, in worlds where it may. */
export function* isDead(g: Gmem): Routine<boolean> {
  const { dead } = g.file.vm;
  if (dead === undefined) return false;
  return yield* dead.apply<boolean>('kvm->vm_dead', 'boolean', { result: (value) => value });
}

/** How a page of a TD is taken away. */
export interface Removal {
  /** Whether the page lies in the range of whoever zaps, and does not go only because it has a leaf with others. */
  readonly isAsked: boolean;
  /** Whether the TDX module refuses the removal. */
  readonly fails: boolean;
}

/** Whether TDH.MEM.PAGE.REMOVE is going to fail, where the scenario lets it. */
export function* removeFails(g: Gmem): Routine<boolean> {
  return g.scenario.septRemoveFails === true && (yield* choose(2, 'TDH.MEM.PAGE.REMOVE fails', ['no', 'yes'])) === 1;
}

/**
 * tdx_sept_remove_private_spte() of one page: block, track, kick every vCPU out, remove. It returns nothing: what fails leaves the
 * page in the S-EPT, and the SPTE goes all the same (R32). A part of the section of a zap. Whether there was a page.
 */
export function* removePrivate(g: Gmem, gfn: Gfn, { isAsked, fails }: Removal): Routine<boolean> {
  const spte = g.privateSptes.at(gfn);
  if (!(yield* spte.holds())) return false;
  const leaf = g.sept!.at(gfn);
  const isAccepted = yield* leaf.is('accepted');
  yield* leaf.send('BLOCK');
  yield* leaf.send('TRACK');
  yield* flushTrustedIotlb(g, gfn);
  if (fails) yield* g.file.vm.dead!.write(1);
  else yield* takeAway(g, gfn, isAsked ? 'REMOVE' : 'REMOVE_UNASKED', isAccepted);
  yield* dropSpte(g, gfn);
  return true;
}

/** The SEAMCALL with which the TDX module gives a page back. A part of a section. */
export function* takeAway(
  g: Gmem,
  gfn: Gfn,
  event: 'REMOVE' | 'REMOVE_UNASKED' | 'RECLAIM',
  isAccepted: boolean,
): Routine {
  yield* losing(g.sept!.at(gfn).send(event), isAccepted);
  yield* g.folios.follow(g.privateSptes.at(gfn), 'TD_REMOVE');
}

/** What KVM's own table forgets of it. A part of a section. */
export function* dropSpte(g: Gmem, gfn: Gfn): Routine {
  const spte = g.privateSptes.at(gfn);
  yield* g.folios.follow(spte, 'UNMAP');
  yield* spte.write(null);
}

function losing(remove: Op<void>, isAccepted: boolean): Op<void> {
  return isAccepted
    ? remove.irreversible('the guest has lost a page that it had accepted, and what was in it')
    : remove;
}

/** Whether there is no memory for the page tables of a split, where the scenario lets that be. */
export function* splitMemoryFails(g: Gmem): Routine<boolean> {
  if (g.scenario.septSplitFails !== true) return false;
  return (yield* choose(2, 'memory to split the leaf fails', ['no', 'yes'])) === 1;
}

/**
 * kvm_split_cross_boundary_leafs() of a range: large leaves that reach out of it are split. 0 or -ENOMEM.
 *
 * @param isPrepared whether the memory was allocated before
 */
export function* splitCrossBoundary(g: Gmem, gfns: readonly Gfn[], isPrepared: boolean): Routine<number> {
  return yield* inFunction('kvm_split_cross_boundary_leafs', g.version, function* () {
    for (const batch of batchesOf(gfns)) {
      if (coversBlocks(batch)) continue;
      yield* g.mmuLock.writeLock();
      const error = yield* splitByHost(g, batch[0], isPrepared);
      yield* g.mmuLock.writeUnlock();
      if (error !== 0) return error;
    }
    return 0;
  });
}

/**
 * Splits the leaf at a gfn if it is a large one. mmu_lock is given up to allocate, and the walk begins anew. 0 or -ENOMEM.
 *
 * @param last what is done once there is no large leaf, before mmu_lock is given up
 */
export function* splitLeaf(g: Gmem, gfn: Gfn, isPrepared = false, last?: () => Op<void>): Routine<number> {
  yield* g.mmuLock.writeLock();
  const error = yield* splitHeld(g, gfn, isPrepared);
  if (error === 0 && last !== undefined) yield* last();
  yield* g.mmuLock.writeUnlock();
  return error;
}

/** The same with mmu_lock held for write, before and after. */
export function* splitHeld(g: Gmem, gfn: Gfn, isPrepared = false): Routine<number> {
  if (!(yield* isLargeLeaf(g, gfn))) return 0;
  if (!isPrepared) {
    yield* g.mmuLock.writeUnlock();
    const fails = yield* splitMemoryFails(g);
    yield* g.mmuLock.writeLock();
    if (fails) return -ENOMEM;
  }
  yield* demote(g, gfn);
  return 0;
}

/** The same by a task of the host, where a split may need a PAMT besides, for which the VM has a cache. 0 or -ENOMEM. */
export function* splitByHost(g: Gmem, gfn: Gfn, isPrepared = false): Routine<number> {
  if (g.pamt === undefined) return yield* splitHeld(g, gfn, isPrepared);
  if (!isPrepared && (yield* splitMemoryFails(g))) return -ENOMEM;
  yield* g.scheme.splitWithPamt(g, gfn, () => demote(g, gfn, true));
  return 0;
}

/** tdx_sept_split_private_spte(): block, track, kick, demote. Every page keeps whether it was accepted. */
function* demote(g: Gmem, gfn: Gfn, fromCache = false): Routine {
  yield* heldOutIf(g, yield* blockIsBusy(g, gfn), () => demoteBlocked(g, gfn, fromCache));
}

function* demoteBlocked(g: Gmem, gfn: Gfn, fromCache: boolean): Routine {
  yield* atomic('TDH.MEM.PAGE.DEMOTE($i)', function* () {
    if ((yield* g.leaves(true)!.at(gfn).swap(0)) === 0) return;
    if (fromCache) yield* takePage(g);
    if (g.pamt !== undefined) yield* addForDemoted(g, (yield* g.privateSptes.at(gfn).read())!);
    for (const event of ['BLOCK', 'TRACK', 'DEMOTE']) {
      for (const page of blockOf(gfn)) yield* g.sept!.at(page).send(event);
    }
  });
}

/** The parts of a range that memslots show, each of one binding. */
export function bindingsOf(gfns: readonly Gfn[]): readonly (readonly Gfn[])[] {
  const bindings = new Map<unknown, Gfn[]>();
  for (const gfn of gfns) bindings.set(slotOf(gfn), [...(bindings.get(slotOf(gfn)) ?? []), gfn]);
  return [...bindings.values()];
}
