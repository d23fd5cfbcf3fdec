/**
 * KVM_SET_USER_MEMORY_REGION2 while vCPUs fault: a memslot is made, deleted, or gets other flags (kvm_set_memslot() in
 * virt/kvm/kvm_main.c, kvm_gmem_bind() and kvm_gmem_unbind() in virt/kvm/guest_memfd.c; keys: docs/kernel.md). All of it is done
 * under slots_lock. Imported by the registry, by schemes and by mutations.
 *
 * Left out: slots_arch_lock, which nobody else takes in this model; that the set of memslots is a second one that is made active; and
 * moves of a memslot, which KVM refuses if guest_memfd is behind it.
 */

import { choose } from '../../core/ops/choice.js';
import type { Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { EEXIST, EINVAL, ENOMEM } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Gfn } from '../scheme.js';
import { INVALID_SLOT, NO_SLOT, type SlotStruct } from '../world/memslots.js';
import { callKind } from './call-kind.js';
import { fput, getFileActive } from './file-end.js';
import { flushShadow } from './flush-shadow.js';
import { underExclusiveLock } from './get-pfn.js';
import { pointsToFile, slotUsed } from './memslots.js';

/** The flags of a change: with KVM_MEM_GUEST_MEMFD as before, or without it. */
export type SlotFlags = 'guest-memfd' | 'none';

const slotFlags = ['guest-memfd', 'none'] as const satisfies readonly SlotFlags[];

/** KVM_SET_USER_MEMORY_REGION2 of a memslot that the scenario has, and that is not there. */
export const createSlotCall = callKind({
  name: 'create-slot',
  by: 'host',
  pages: 'one',
  names: 'gfns',
  through: 'descriptor',
  changesSlots: true,
  takes: {},
  needs: ['memslots'],
  words: (gfns) => `create the memslot of ${gfns}`,
  routine:
    (g) =>
    (...gfns) =>
      settingRegion(g, gfns, (slot) => createMemslot(g, slot, gfns)),
});

/** The same with a size of 0. */
export const deleteSlotCall = callKind({
  name: 'delete-slot',
  by: 'host',
  pages: 'one',
  names: 'gfns',
  changesSlots: true,
  takes: {},
  needs: ['memslots'],
  words: (gfns) => `delete the memslot of ${gfns}`,
  routine:
    (g) =>
    (...gfns) =>
      settingRegion(g, gfns, (slot) => deleteMemslot(g, slot, gfns)),
});

/** The same with other flags. */
export const setSlotFlagsCall = callKind({
  name: 'set-slot-flags',
  by: 'host',
  pages: 'one',
  names: 'gfns',
  changesSlots: true,
  takes: { flags: { oneOf: slotFlags } },
  needs: ['memslots'],
  words: (gfns, { flags }) =>
    flags === 'none' ? `give the memslot of ${gfns} no flags` : `give the memslot of ${gfns} other flags`,
  routine:
    (g, { flags }) =>
    (...gfns) =>
      settingRegion(g, gfns, (slot) => g.scheme.changeSlotFlags(g, slot, gfns, flags)),
});

/** What a call found of its memslot under slots_lock. */
export interface SlotNow {
  readonly place: number;
  /** Its struct, or undefined where it is not there. */
  readonly now: SlotStruct | undefined;
}

/** What a change of memslots has to do when slots_lock is given up. */
export interface SlotResult {
  readonly error: number;
  /** A reference of the file that is dropped behind slots_lock, as task work does. */
  readonly holdsFile?: boolean;
}

/** kvm_set_memory_region(): the change under slots_lock. */
function* settingRegion(
  g: Gmem,
  gfns: readonly Gfn[],
  change: (slot: SlotNow) => Routine<SlotResult>,
): Routine<number> {
  const { error, holdsFile } = yield* inFunction(
    'kvm_set_memory_region',
    g.version,
    function* () {
      yield* g.slotsLock.lock();
      const place = g.memslots!.placeOf(gfns[0]);
      const found = yield* g.memslots!.published.at(place).read();
      const now: SlotStruct | undefined = found === NO_SLOT ? undefined : { place, which: found === 1 ? 1 : 2 };
      const result = yield* change({ place, now });
      yield* g.slotsLock.unlock();
      return result;
    },
    () => undefined,
  );
  if (holdsFile === true) yield* fput(g);
  return error;
}

/** kvm_create_memslot() and what is around it: 0, -EEXIST, or the error of the binding. */
function* createMemslot(g: Gmem, { place, now }: SlotNow, gfns: readonly Gfn[]): Routine<SlotResult> {
  if (now !== undefined) return { error: -EEXIST };
  const slot = yield* newStruct(g, place);
  const error = yield* inFunction('kvm_gmem_bind', g.version, () => g.scheme.bindSlot(g, slot, gfns));
  if (error !== 0) {
    yield* freeStruct(g, slot);
    return { error };
  }
  yield* g.scheme.swapMemslots(g, place, slot.which);
  const late = yield* g.scheme.commitSlot(g, slot, gfns);
  if (late === 0) {
    yield* isWholeBound(g, slot, gfns);
    return { error: 0 };
  }
  yield* g.scheme.swapMemslots(g, place, NO_SLOT);
  const holdsFile = yield* unbindAndFree(g, slot, gfns);
  return { error: late, holdsFile };
}

/** kvm_set_memslot() of a memslot that goes: an invalid copy first, behind whose readers the guest loses what the memslot maps. */
function* deleteMemslot(g: Gmem, { place, now }: SlotNow, gfns: readonly Gfn[]): Routine<SlotResult> {
  if (now === undefined) return { error: -EINVAL };
  yield* g.scheme.swapMemslots(g, place, INVALID_SLOT);
  yield* flushShadow(g, gfns);
  yield* g.scheme.swapMemslots(g, place, NO_SLOT);
  return { error: 0, holdsFile: yield* unbindAndFree(g, now, gfns) };
}

/** kvm_free_memslot() */
function* unbindAndFree(g: Gmem, slot: SlotStruct, gfns: readonly Gfn[]): Routine<boolean> {
  const holdsFile = yield* inFunction('kvm_gmem_unbind', g.version, () => g.scheme.unbindSlot(g, slot, gfns));
  yield* freeStruct(g, slot);
  return holdsFile;
}

/** kzalloc(): the struct of a memslot that is not used. There are two, for at most one is new at a time. */
export function* newStruct(g: Gmem, place: number): Routine<SlotStruct> {
  return yield* atomic('kzalloc(memslot)', function* () {
    const first: SlotStruct = { place, which: 1 };
    const slot: SlotStruct = (yield* g.memslots!.life(first).read()) === 0 ? first : { place, which: 2 };
    yield* g.memslots!.life(slot).write(1);
    return slot;
  });
}

/** kfree() */
export function* freeStruct(g: Gmem, slot: SlotStruct): Routine {
  yield* atomic('kfree(memslot)', function* () {
    yield* slotUsed(g, slot);
    yield* g.memslots!.filePointer(slot).write(0);
    yield* g.memslots!.life(slot).write(0);
  });
}

/** kvm_swap_active_memslots(): what is published for a memslot, and nobody is left that has found what was before. */
export function* swapMemslots(g: Gmem, place: number, value: number): Routine {
  const { notifiers, published, srcu } = g.memslots!;
  yield* inFunction('kvm_swap_active_memslots', g.version, function* () {
    yield* atomic(`rcu_assign_pointer(kvm->memslots): ${PUBLISHED[value]}`, function* () {
      yield* notifiers.waitUntil((count) => count === 0);
      yield* published.at(place).write(value);
    });
    yield* srcu.synchronize();
  });
}

const PUBLISHED = ['no memslot', 'the memslot', 'the memslot', 'KVM_MEMSLOT_INVALID'];

/** kvm_gmem_bind() of V1 and V2, behind which nobody asks whether all of the range has been stored. */
export function* bindUnasked(g: Gmem, slot: SlotStruct, gfns: readonly Gfn[]): Routine<number> {
  yield* underExclusiveLock(g, function* () {
    yield* g.memslots!.filePointer(slot).write(1);
    yield* storeRange(g, slot, gfns);
  });
  return 0;
}

/** The same with the answer of the store: on an error all of the range is taken out again. */
export function* bindOrRollBack(g: Gmem, slot: SlotStruct, gfns: readonly Gfn[]): Routine<number> {
  return yield* underExclusiveLock(g, function* () {
    yield* g.memslots!.filePointer(slot).write(1);
    const error = yield* storeRange(g, slot, gfns);
    if (error === 0) return 0;
    yield* eraseRange(g, gfns);
    return error;
  });
}

/** kvm_gmem_prepare_memory_region(), V3b: the pointer, and no bindings yet. */
export function* bindPointer(g: Gmem, slot: SlotStruct): Routine<number> {
  yield* g.memslots!.filePointer(slot).write(1);
  return 0;
}

/** kvm_gmem_commit_memory_region(), V3b: the bindings, once the memslot is published. */
export function* commitBindings(g: Gmem, slot: SlotStruct, gfns: readonly Gfn[]): Routine<number> {
  return yield* inFunction('kvm_gmem_commit_memory_region', g.version, () => bindOrRollBack(g, slot, gfns));
}

/** xa_store_range(&f->bindings): an entry after the other, for which there may be no memory. 0 or -ENOMEM. */
function* storeRange(g: Gmem, slot: SlotStruct, gfns: readonly Gfn[]): Routine<number> {
  for (const gfn of gfns) {
    if (g.scenario.allocationFails && (yield* choose(2, 'memory for xa_store_range()', ['there', 'none'])) === 1) {
      return -ENOMEM;
    }
    yield* g.memslots!.bindings.at(gfn).write(slot.which).named('xa_store_range(&f->bindings, $i)');
  }
  return 0;
}

function* eraseRange(g: Gmem, gfns: readonly Gfn[]): Routine {
  for (const gfn of gfns) yield* g.memslots!.bindings.at(gfn).write(0).named('xa_store_range(&f->bindings, $i, NULL)');
}

/** The answer 0 says that the file has a binding for every page. */
function* isWholeBound(g: Gmem, slot: SlotStruct, gfns: readonly Gfn[]): Routine {
  const words =
    'KVM answers that the memslot is made, and its file has no binding for a page: each fault there is -EIO for ever';
  if (!g.scenario.allocationFails) return;
  for (const gfn of gfns) {
    yield* g.memslots!.bindings.at(gfn).apply<void>('f->bindings[$i]', 'none', {
      violation: (which) => (which === slot.which ? undefined : { kind: 'assertion', words }),
    });
  }
}

/** kvm_gmem_unbind() of V1: of a file that is about to be released it takes nothing out, and leaves it to kvm_gmem_release(). */
export function* unbindUnlessDying(g: Gmem, slot: SlotStruct, gfns: readonly Gfn[]): Routine<boolean> {
  const file = yield* getFileOf(g, slot);
  if (file !== 'live') return false;
  yield* underExclusiveLock(g, () => unbind(g, slot, gfns));
  return g.parts.fileEnds;
}

/** Since "Remove bindings on memslot deletion when gmem is dying": the release cannot run meanwhile, for it takes slots_lock. */
export function* unbindDyingToo(g: Gmem, slot: SlotStruct, gfns: readonly Gfn[]): Routine<boolean> {
  const file = yield* getFileOf(g, slot);
  if (file === 'released') return false;
  if (file === 'live') {
    yield* underExclusiveLock(g, () => unbind(g, slot, gfns));
    return g.parts.fileEnds;
  }
  yield* unbind(g, slot, gfns);
  return false;
}

/** V3b: under the invalidate lock, and nobody asks whether the file is about to be released. */
export function* unbindLocked(g: Gmem, slot: SlotStruct, gfns: readonly Gfn[]): Routine<boolean> {
  const isThere = yield* atomic('slot->gmem.file', () => pointsToFile(g, slot));
  if (isThere) yield* underExclusiveLock(g, () => unbind(g, slot, gfns));
  return false;
}

/** kvm_gmem_get_file() of a memslot: no file, one whose last reference is gone, or one that is held from here on. */
function* getFileOf(g: Gmem, slot: SlotStruct): Routine<'released' | 'dying' | 'live'> {
  if (!(yield* atomic('slot->gmem.file', () => pointsToFile(g, slot)))) return 'released';
  if (!g.parts.fileEnds) return 'live';
  const found = { place: slot.place, found: slot.which, isPrefetch: false };
  return (yield* getFileActive(g.with({ found }))) ? 'live' : 'dying';
}

function* unbind(g: Gmem, slot: SlotStruct, gfns: readonly Gfn[]): Routine {
  yield* eraseRange(g, gfns);
  yield* g.memslots!.filePointer(slot).write(0);
}

/** Memslots with guest_memfd behind them are deleted and not changed. */
export function* flagsRefused(): Routine<SlotResult> {
  return { error: -EINVAL };
}

/**
 * A change of flags as it would be: the new struct points to the file, is published, and gets the bindings of the old one, which is
 * freed then. `order`: whether the bindings are replaced behind the publication, before it, or not at all.
 */
export function replacing(order: 'publish-first' | 'bindings-first' | 'publish-only', keepsFile = true) {
  return function* (g: Gmem, { place, now }: SlotNow, gfns: readonly Gfn[]): Routine<SlotResult> {
    if (now === undefined) return { error: -EINVAL };
    const slot = yield* newStruct(g, place);
    if (keepsFile) yield* copyFilePointer(g, now, slot);
    if (order === 'bindings-first') yield* replaceBindings(g, slot, gfns);
    yield* g.scheme.swapMemslots(g, place, slot.which);
    if (order === 'publish-first') yield* replaceBindings(g, slot, gfns);
    yield* freeStruct(g, now);
    return { error: 0 };
  };
}

/** Under slots_lock: the release of the file cannot run meanwhile. */
function* copyFilePointer(g: Gmem, from: SlotStruct, to: SlotStruct): Routine {
  yield* atomic('new->gmem.file = old->gmem.file', function* () {
    if (yield* pointsToFile(g, from)) yield* g.memslots!.filePointer(to).write(1);
  });
}

/** Entries that are there are replaced; of a file that was released there are none. */
function* replaceBindings(g: Gmem, slot: SlotStruct, gfns: readonly Gfn[]): Routine {
  yield* underExclusiveLock(g, function* () {
    for (const gfn of gfns) {
      yield* g.memslots!.bindings.at(gfn).apply<void>('xa_cmpxchg(&f->bindings, $i, old, new)', 'none', {
        next: (which) => (which === 0 ? 0 : slot.which),
      });
    }
  });
}
