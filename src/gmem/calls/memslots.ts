/**
 * Who reads memslots where they change: faults by a lookup under SRCU, invalidations by the bindings of the file, KVM's MMU notifier by
 * what is published (virt/kvm/kvm_main.c, virt/kvm/guest_memfd.c; keys: docs/kernel.md). In worlds without the part every routine
 * here is no step at all. Imported by the calls; what changes memslots is in slot-set.ts.
 */

import type { Op } from '../../core/ops/op.js';
import { here, type Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { EAGAIN, EFAULT, EIO, RET_PF_EMULATE, RET_PF_RETRY } from '../errno.js';
import type { Gmem } from '../gmem.js';
import type { Gfn } from '../scheme.js';
import { INVALID_SLOT, NO_SLOT, type SlotStruct } from '../world/memslots.js';
import { isShown } from '../world/shown.js';
import type { PageFault } from './guest-accept.js';

/** What the lookup of a fault has found. */
export interface FoundSlot {
  /** NO_SLOT, INVALID_SLOT, or the number of a struct. */
  readonly found: number;
  readonly place: number;
  /** Whether the fault is one of KVM_PRE_FAULT_MEMORY. */
  readonly isPrefetch: boolean;
}

/** A struct kvm_memory_slot is used: once it is freed, that is a finding. */
export function slotUsed(g: Gmem, slot: SlotStruct): Op<void> {
  const words = 'a memslot is used after it was freed';
  return g.memslots!.life(slot).apply<void>('memslot', 'none', {
    violation: (life) => (life === 1 ? undefined : { kind: 'use-after-free', words }),
  });
}

/** The struct that a lookup has found. */
function structOf({ place, found }: FoundSlot): SlotStruct {
  return { place, which: found === 1 ? 1 : 2 };
}

/** kvm_gmem_get_file() without the reference: whether slot->gmem.file is set. A part of a section. */
export function* pointsToFile(g: Gmem, slot: SlotStruct): Routine<boolean> {
  yield* slotUsed(g, slot);
  return (yield* g.memslots!.filePointer(slot).read()) === 1;
}

/** Whether the memslot that a fault came with points to the file; true where memslots do not change. A part of a section. */
export function* slotHasFile(g: Gmem): Routine<boolean> {
  return g.found === undefined || (yield* pointsToFile(g, structOf(g.found)));
}

/** get_file_active() of the memslot that a fault came with, of a file that nobody closes. */
export function* slotLeadsToFile(g: Gmem): Routine<boolean> {
  if (g.found === undefined) return true;
  return yield* atomic(
    'get_file_active(&slot->gmem.file)',
    () => slotHasFile(g),
    (isThere) => (isThere ? undefined : 'NULL'),
  );
}

/** The release of a file goes through its bindings: no memslot points to it any more. */
export function* forgetFile(g: Gmem, pages: readonly Gfn[]): Routine {
  const { bindings } = g.memslots!;
  for (const page of pages.filter(isShown)) {
    yield* atomic('slot->gmem.file = NULL', function* () {
      const which = yield* bindings.at(page).read();
      if (which === 0) return;
      const slot = boundTo(g, page, which);
      yield* slotUsed(g, slot);
      yield* g.memslots!.filePointer(slot).write(0);
    });
  }
}

/** xa_destroy(&f->bindings), where memslots change. */
export function* dropBindings(g: Gmem, pages: readonly Gfn[]): Routine {
  if (g.memslots === undefined) return;
  yield* atomic('xa_destroy(&f->bindings)', function* () {
    for (const page of pages) yield* g.memslots!.bindings.at(page).write(0);
  });
}

function boundTo(g: Gmem, page: Gfn, which: number): SlotStruct {
  return { place: g.memslots!.placeOf(page), which: which === 1 ? 1 : 2 };
}

/** The pages of a range that memslots show, by who holds the invalidate lock: those that the file has bindings for. */
export function* boundPages(g: Gmem, pages: readonly Gfn[]): Routine<readonly Gfn[]> {
  const { memslots } = g;
  const shown = pages.filter(isShown);
  if (memslots === undefined || shown.length === 0) return shown;
  return yield* atomic('xa_for_each_range(&f->bindings)', function* () {
    const bound: Gfn[] = [];
    for (const page of shown) {
      const which = yield* memslots.bindings.at(page).read();
      if (which === 0) continue;
      yield* slotUsed(g, boundTo(g, page, which));
      bound.push(page);
    }
    return bound;
  });
}

/** What __kvm_gmem_get_pfn() asks of the memslot before it looks for the folio: 0, -EFAULT or -EIO. */
export function* slotMismatch(g: Gmem, gfn: Gfn): Routine<number> {
  if (g.found === undefined) return 0;
  const { found } = g;
  return yield* atomic('xa_load(&f->bindings, $i) == slot', function* () {
    if (!(yield* pointsToFile(g, structOf(found)))) return -EFAULT;
    return (yield* g.memslots!.bindings.at(gfn).read()) === found.found ? 0 : -EIO;
  });
}

/**
 * What a vCPU does about a fault between leaving the guest and entering it: all of it is one read section of SRCU. A TD's private
 * fault is taken again within that, for its module takes it for an attack if the guest is entered again and again for one page.
 */
export function* faultOfExit(g: Gmem, gfn: Gfn, isPrivate: boolean, fault: PageFault): Routine<number> {
  if (g.memslots === undefined) return yield* fault(g, gfn, isPrivate);
  const isLocal = isPrivate && g.sept !== undefined;
  return yield* readingSlots(g, () =>
    isLocal ? retriedHere(g, gfn, fault) : faultWithSlot(g, gfn, isPrivate, fault, false),
  );
}

/** A read section of kvm->srcu around a routine. */
export function* readingSlots<T>(g: Gmem, body: () => Routine<T>): Routine<T> {
  const { srcu } = g.memslots!;
  const index = yield* srcu.readLock();
  const result = yield* body();
  yield* srcu.readUnlock(index);
  return result;
}

/** kvm_vcpu_gfn_to_memslot(), then the fault with what that found. */
export function* faultWithSlot(
  g: Gmem,
  gfn: Gfn,
  isPrivate: boolean,
  fault: PageFault,
  isPrefetch: boolean,
): Routine<number> {
  const place = g.memslots!.placeOf(gfn);
  const found = yield* lookUpSlot(g, gfn);
  return yield* fault(g.with({ found: { place, found, isPrefetch } }), gfn, isPrivate);
}

/** kvm_vcpu_gfn_to_memslot(): what is published for a gfn. */
export function lookUpSlot(g: Gmem, gfn: Gfn): Op<number> {
  const { published } = g.memslots!;
  return published.at(g.memslots!.placeOf(gfn)).read().named('kvm_vcpu_gfn_to_memslot()');
}

/** The loop of tdx_handle_ept_violation(): without events that wait for the vCPU it ends with the fault, or as the scheme says. */
function* retriedHere(g: Gmem, gfn: Gfn, fault: PageFault): Routine<number> {
  const again = yield* here();
  const result = yield* faultWithSlot(g, gfn, true, fault, false);
  if (result !== RET_PF_RETRY || (yield* g.scheme.leavesInvalidSlot(g, gfn, 'fault'))) return result;
  return yield* again();
}

/** What the check of the memslot in kvm_mmu_faultin_pfn() makes of a fault; undefined where it goes on. */
export function resultOfSlot({ found: slot }: Gmem, isPrivate: boolean): number | undefined {
  if (slot === undefined) return undefined;
  if (slot.found === NO_SLOT) return isPrivate ? -EFAULT : RET_PF_EMULATE;
  if (slot.found === INVALID_SLOT) return slot.isPrefetch ? -EAGAIN : RET_PF_RETRY;
  return undefined;
}

/**
 * Since v6.18 ("KVM: TDX: Do not retry locally when the retry is caused by invalid memslot") a TD's fault looks at the memslot before it is
 * taken again; KVM_PRE_FAULT_MEMORY has been told -EAGAIN by the fault itself.
 */
export function* leavesInvalidSlot(g: Gmem, gfn: Gfn, loop: SlotLoop): Routine<boolean> {
  return loop === 'pre-fault' || (yield* lookUpSlot(g, gfn)) === INVALID_SLOT;
}

/** Who takes a fault again without leaving its read section of SRCU: the fault of a TD, or KVM_PRE_FAULT_MEMORY. */
export type SlotLoop = 'fault' | 'pre-fault';

/** kvm_mmu_reload(): who enters the guest has roots that are not obsolete. */
export function* reloadRoots({ memslots }: Gmem): Routine {
  if (memslots?.roots !== undefined) yield* memslots.roots.take();
}

/** is_obsolete_sp() of the root that a fault was taken with. */
export function* rootsChanged({ memslots }: Gmem): Routine<boolean> {
  return memslots?.roots !== undefined && (yield* memslots.roots.changed());
}

/**
 * KVM's MMU notifier around what removes a user PTE: start and end each look for a memslot at the address, and do nothing without one.
 * No other memslots are published in between.
 */
export function* notifiedBySlot(
  g: Gmem,
  gfn: Gfn,
  { start, body, end }: { readonly start: () => Routine; readonly body: () => Routine; readonly end: () => Routine },
): Routine {
  const { notifiers, published, placeOf } = g.memslots!;
  const isThere = () =>
    published.at(placeOf.call(g.memslots, gfn)).apply<boolean>('%, a memslot?', 'boolean', {
      result: (found) => (found === NO_SLOT ? 0 : 1),
    });
  yield* notifiers.add(1);
  if (yield* isThere()) yield* start();
  yield* body();
  if (yield* isThere()) yield* end();
  yield* notifiers.add(-1);
}
