/**
 * Conversion between private and shared memory (keys: docs/kernel.md): V3b's in-place conversion, and the VM
 * attributes of V1 and V2, under which private and shared memory are different pages. Imported by the registry and
 * by schemes.
 *
 * Left out: the ioctl's checks (-EINVAL, -EFAULT, -ENOTTY) and err_index. The store of a range is one step a gfn: readers under RCU may see some of it before the rest.
 */

import { choose } from '../../core/ops/choice.js';
import { here, type Routine, tracepoint } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { PRIVATE } from '../cell-values.js';
import { EAGAIN, ENOMEM } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import { type Access, accesses } from '../scenarios/scenario.js';
import type { Gfn } from '../scheme.js';
import { batchesOf, blockOf, pageCountOf, pageOf } from '../world/folio-ref.js';
import { isShown } from '../world/shown.js';
import { callKind } from './call-kind.js';
import { drainLru, unmapUser } from './filemap.js';
import { folioAt } from './folio-blocks.js';
import { underExclusiveLock } from './get-pfn.js';
import { invalidateEnd, setMixed } from './mmu.js';

/** A conversion of pages to private or shared memory. */
export const convertCall = callKind({
  name: 'convert',
  by: 'host',
  through: 'descriptor, if in place',
  pages: 'range',
  names: 'gfns with VM attributes',
  takes: { to: { oneOf: accesses } },
  words: (gfns, { to }) => `convert ${gfns} to ${to}`,
  routine:
    (g, { to }) =>
    (...gfns) =>
      convert(g, to, gfns),
});

/** The same by a VMM that asks again whenever it is told to. */
export const convertUntilDoneCall = callKind({
  name: 'convert-until-done',
  by: 'host',
  through: 'descriptor, if in place',
  pages: 'range',
  names: 'gfns with VM attributes',
  takes: { to: { oneOf: accesses } },
  words: (gfns, { to }) => `convert ${gfns} to ${to}, again on -EAGAIN`,
  routine:
    (g, { to }) =>
    (...gfns) =>
      convertUntilDone(g, to, gfns),
});

function* convertUntilDone(g: Gmem, to: Access, gfns: readonly Gfn[]): Routine<number> {
  const again = yield* here();
  const error = yield* convert(g, to, gfns);
  return error === -EAGAIN ? yield* again() : error;
}

/** The conversion that the scenario asks for. */
export function* convert(g: Gmem, to: Access, gfns: readonly Gfn[]): Routine<number> {
  return yield* g.scenario.conversion === 'in-place' ? convertInPlace(g, to, gfns) : setVmAttributes(g, to, gfns);
}

function convertInPlace(g: Gmem, to: Access, gfns: readonly Gfn[]): Routine<number> {
  return inFunction('__kvm_gmem_set_attributes', 'V3b', () => g.scheme.setAttributes(g, gfns, to));
}

/**
 * The body of __kvm_gmem_set_attributes(), V3b: the whole range in one invalidation. To private it leaves the RMP alone: the next fault's hook sees to it. It zaps the
 * mappings of the old kind: private ones on the way to shared, shared ones on the way to private.
 */
export function* setAttributesAtOnce(g: Gmem, gfns: readonly Gfn[], to: Access): Routine<number> {
  return yield* underExclusiveLock(g, function* () {
    if (yield* alreadyEqual(g, to, gfns)) return 0;
    if (yield* preallocationFails(g)) return -ENOMEM;
    if (to === 'private') {
      const error = yield* g.scheme.makeConvertible(g, gfns);
      if (error !== 0) return error;
    }
    const error = yield* g.scheme.openAndZap(g, gfns, { roots: [to === 'shared'] });
    if (error !== 0) return error;
    for (const gfn of gfns) yield* g.scheme.invalidating(g, gfn);
    if (to === 'shared') {
      for (const gfn of gfns) yield* makeShared(g, gfn);
      for (const gfn of gfns) yield* g.scheme.folioMadeShared(g, gfn);
    }
    yield* g.scheme.storeAndEnd(g, gfns, to);
    for (const gfn of gfns) yield* g.scheme.invalidated(g, gfn);
    return 0;
  });
}

/** kvm_vm_set_mem_attributes(), V1 and V2: the file's pages and the RMP stay as they are. */
export function* setVmAttributes(g: Gmem, to: Access, gfns: readonly Gfn[]): Routine<number> {
  yield* tracepoint('kvm_vm_set_mem_attributes');
  return yield* inFunction('kvm_vm_set_mem_attributes', g.version, function* () {
    yield* g.slotsLock.lock();
    const error = (yield* alreadyEqual(g, to, gfns)) ? 0 : yield* storeVmAttributes(g, to, gfns);
    yield* g.slotsLock.unlock();
    return error;
  });
}

function* storeVmAttributes(g: Gmem, to: Access, gfns: readonly Gfn[]): Routine<number> {
  if (yield* preallocationFails(g)) return -ENOMEM;
  // kvm_arch_pre_set_memory_attributes(): the mappings of the old kind.
  const error = yield* g.scheme.openAndZap(g, gfns, { roots: [to === 'shared'], begin: 'attributes' });
  if (error !== 0) return error;
  yield* g.scheme.storeAndEnd(g, gfns, to);
  return 0;
}

/** The last two steps of a conversion: every attribute, then the end, for every VM that it was begun for. */
export function* storeThenEnd(g: Gmem, gfns: readonly Gfn[], to: Access): Routine {
  for (const gfn of gfns) yield* storeAttribute(g, gfn, to);
  if (g.file.vm.mixed !== undefined) return yield* invalidateEnd(g, gfns, () => updateMixed(g, gfns));
  const begun = g.scenario.conversion === 'in-place' ? g.views : [g];
  for (const view of begun) yield* invalidateEnd(view, gfns);
}

/** kvm_arch_post_set_memory_attributes(): which blocks have both attributes now. */
function* updateMixed(g: Gmem, gfns: readonly Gfn[]): Routine {
  for (const [gfn] of batchesOf(gfns)) {
    const block = blockOf(gfn);
    const first = yield* g.isPrivate(block[0]);
    let isMixed = false;
    for (const page of block.slice(1)) if ((yield* g.isPrivate(page)) !== first) isMixed = true;
    yield* setMixed(g, gfn, isMixed);
  }
}

/** Stores one attribute; outside begin..end that is a violation of I10. */
export function* storeAttribute(g: Gmem, gfn: Gfn, to: Access): Routine {
  const words = 'an attribute changes while no invalidation is open, so faults in flight cannot notice';
  yield* atomic(`% = ${to}`, function* () {
    yield* g.attributes.at(gfn).write(to === 'private' ? PRIVATE : 0);
    // Of a page that no memslot shows there is no fault.
    if (!isShown(gfn)) return;
    yield* g.invalidateInProgress.apply<void>('inside begin..end', 'none', {
      violation: (count) => (count > 0 ? undefined : { kind: 'unbalanced-invalidate', words }),
    });
  });
}

/**
 * The checks of a conversion to private: unmap every page first, then look at the counts, so that a mapping that comes
 * back is seen (R26). A reference may be that of an LRU batch: these are drained once (R25).
 */
export function* unmapThenCount(g: Gmem, gfns: readonly Gfn[]): Routine<number> {
  return yield* unmapAndCount(g, gfns, g.lruBatches !== undefined);
}

/** The same without a look at the LRU batches, as V3d does it. */
export function* unmapThenCountUndrained(g: Gmem, gfns: readonly Gfn[]): Routine<number> {
  return yield* unmapAndCount(g, gfns, false);
}

function* unmapAndCount(g: Gmem, gfns: readonly Gfn[], drains: boolean): Routine<number> {
  for (const gfn of gfns) yield* unmapUser(g, gfn);
  let mayDrain = drains;
  for (const gfn of gfns) {
    if (yield* onlyPageCache(g, gfn)) continue;
    if (!mayDrain) return -EAGAIN;
    yield* drainLru(g, gfns);
    mayDrain = false;
    if (!(yield* onlyPageCache(g, gfn))) return -EAGAIN;
  }
  return 0;
}

/** Whether nobody but the page cache (and, if `mapcountToo`, user PTEs) holds a reference. */
export function* onlyPageCache(g: Gmem, gfn: Gfn, mapcountToo = false): Routine<boolean> {
  return yield* atomic('folio_ref_count() as expected', function* () {
    const folio = yield* folioAt(g, gfn);
    if (folio === null) return true;
    let expected = pageCountOf(folio);
    for (const view of mapcountToo ? g.views : []) if (!(yield* view.userPtes.at(gfn).equals(null))) expected++;
    return yield* g.refcounts
      .at(folio)
      .apply<boolean>(`% == ${expected}`, 'boolean', { result: (count) => (count === expected ? 1 : 0) });
  });
}

/**
 * kvm_gmem_make_shared() for one index: the folio goes back to the host, if there is one. It cannot go away: the
 * invalidate lock is held.
 */
export function* makeShared(g: Gmem, gfn: Gfn): Routine {
  const folio = yield* folioAt(g, gfn);
  if (folio !== null) yield* g.scheme.giveToHost(g, pageOf(folio, gfn));
}

export function* alreadyEqual(g: Gmem, to: Access, gfns: readonly Gfn[]): Routine<boolean> {
  for (const gfn of gfns) if ((yield* g.isPrivate(gfn)) !== (to === 'private')) return false;
  return true;
}

/** mas_preallocate() of the attribute tree, xa_reserve() of the VM's array. */
export function* preallocationFails(g: Gmem): Routine<boolean> {
  return g.scenario.allocationFails && (yield* choose(2, 'preallocation fails', ['no', 'yes'])) === 1;
}
