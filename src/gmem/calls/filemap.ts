/**
 * Folios and the page cache: kvm_gmem_get_folio() and what it stands on (mm/filemap.c; keys: docs/kernel.md).
 * Imported by the other calls and by schemes.
 *
 * Left out: large folios, and the LRU batches with their extra reference (R25).
 */

import { choose } from '../../core/ops/choice.js';
import { here, type Routine, tracepoint } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { ENOMEM } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Folio, Gfn } from '../scheme.js';
import { notified } from './mmu.js';

/** filemap_get_entry(): looks the index up and takes a reference; under RCU the kernel's retry makes it one step. */
export function* getEntry(g: Gmem, gfn: Gfn): Routine<Folio | null> {
  return yield* atomic('filemap_get_entry()', function* () {
    const folio = yield* g.pages.at(gfn).read();
    if (folio !== null) yield* g.refcounts.at(folio).add(1);
    return folio;
  });
}

/** folio_put(): drops a reference; the last one gives the page frame back. */
export function* putFolio(g: Gmem, folio: Folio): Routine {
  const refcount = g.refcounts.at(folio);
  yield* atomic('folio_put($i)', function* () {
    const last = yield* refcount.apply<boolean>('put_page_testzero($i)', 'boolean', {
      next: (count) => count - 1,
      result: (count) => (count === 1 ? 1 : 0),
      violation: (count) =>
        count <= 0 ? { kind: 'use-after-free', words: 'a reference is dropped that nobody holds' } : undefined,
    });
    if (last) yield* g.folios.at(folio).send('FREE').named('free_unref_folio($i)');
  });
}

/**
 * kvm_gmem_get_folio(): the folio at an index, LOCKED and with a reference; allocated when it is absent, with whatever
 * the frame's last owner left in it. Or -ENOMEM.
 */
export function* getFolio(g: Gmem, gfn: Gfn): Routine<Folio | number> {
  return yield* inFunction('kvm_gmem_get_folio', g.version, function* () {
    const again = yield* here();
    const present = yield* getEntry(g, gfn);
    if (present !== null) {
      yield* g.lockFolio(present);
      if (yield* g.folios.at(present).is('cached').named('folio->mapping == mapping')) return present;
      yield* g.unlockFolio(present, true);
      yield* putFolio(g, present);
      return yield* again();
    }
    const folio = yield* g.scheme.newFolio(g, gfn);
    if (folio === null) return -ENOMEM;
    if (yield* addFolio(g, gfn, folio)) return folio;
    yield* putFolio(g, folio);
    return yield* again();
  });
}

/** filemap_alloc_folio(): a free frame with one reference; null when there is none, or when the scenario says so. */
export function* allocFolio(g: Gmem): Routine<Folio | null> {
  if (g.scenario.allocationFails && (yield* choose(2, 'allocation fails', ['no', 'yes'])) === 1) return null;
  return yield* atomic('filemap_alloc_folio()', function* () {
    const folio = yield* g.folios.claim('free', 'ALLOCATE');
    if (folio !== null) yield* g.refcounts.at(folio).write(1);
    return folio;
  });
}

/** filemap_add_folio(): inserts the folio, locked, unless the index is taken. The page cache takes a reference. */
function* addFolio(g: Gmem, gfn: Gfn, folio: Folio): Routine<boolean> {
  return yield* atomic('filemap_add_folio()', function* () {
    if (!(yield* g.pages.at(gfn).cmpxchg(null, folio))) return false;
    yield* g.lockFolio(folio);
    yield* g.folios.at(folio).send('INSERT');
    yield* g.refcounts.at(folio).add(1);
    if (g.pageCount !== undefined) yield* g.pageCount.add(1);
    yield* tracepoint('mm_filemap_add_to_page_cache', gfn, folio);
    return true;
  });
}

/** Folios that find_lock_entries() gathers at a time (FOLIO_BATCH_SIZE, include/linux/folio_batch.h). */
const BATCH = 31;

/** A folio that truncation has a reference of. */
interface Held {
  readonly gfn: Gfn;
  readonly folio: Folio;
}

/** The same, with its place in the range. */
interface Entry extends Held {
  readonly at: number;
}

/**
 * truncate_inode_pages_range() (mm/truncate.c): removes the pages of a range from the page cache, in two passes. The first
 * takes the folios that it can trylock, a batch at a time: it unmaps them all, removes them all, gives them all back and
 * unlocks them. The second waits: for the folio at either end, which might be a larger one than the range, then for whatever
 * is left, from its start on. It begins anew where it has found nothing behind its start, and is done where that has nothing
 * either, or at the end of the range: what comes back behind it stays. Pins may outlive it.
 */
export function* truncateRange(g: Gmem, gfns: readonly Gfn[]): Routine {
  yield* inFunction('truncate_inode_pages_range', g.version, function* () {
    if (
      g.pageCount !== undefined &&
      (yield* g.pageCount.apply<boolean>('mapping_empty()', 'boolean', { result: (count) => (count === 0 ? 1 : 0) }))
    )
      return;
    for (let next = 0; next < gfns.length; ) {
      const found = yield* findLockEntries(g, gfns, next);
      if (found.length === 0) break;
      next = found[found.length - 1].at + 1;
      yield* truncateBatch(g, found);
    }
    const ends = gfns.length === 1 ? gfns : [gfns[0], gfns[gfns.length - 1]];
    for (const gfn of ends) {
      const folio = yield* getEntry(g, gfn);
      if (folio !== null) yield* truncateWaiting(g, gfn, folio);
    }
    const again = yield* here();
    for (let next = 0; next < gfns.length; ) {
      const found = yield* findEntries(g, gfns, next, getEntry);
      if (found.length === 0 && next === 0) return;
      if (found.length === 0) return yield* again();
      next = found[found.length - 1].at + 1;
      for (const { gfn, folio } of found) yield* truncateWaiting(g, gfn, folio);
    }
  });
}

/** find_lock_entries(): locks what it can from a place in the range on. */
function* findLockEntries(g: Gmem, gfns: readonly Gfn[], from: number): Routine<Entry[]> {
  yield* tracepoint('find_lock_entries');
  const found = yield* findEntries(g, gfns, from, trylockEntry);
  yield* tracepoint('find_lock_entries returns', found.length);
  return found;
}

/** Gathers a batch of what a look finds, index by index: find_get_entries() where that is a lookup. */
function* findEntries(g: Gmem, gfns: readonly Gfn[], from: number, look: typeof getEntry): Routine<Entry[]> {
  const found: Entry[] = [];
  for (let at = from; at < gfns.length && found.length < BATCH; at++) {
    const folio = yield* look(g, gfns[at]);
    if (folio !== null) found.push({ gfn: gfns[at], folio, at });
  }
  return found;
}

/**
 * One entry of find_lock_entries(): null when there is no folio, or somebody has it locked. That the folio still belongs
 * to the file is asked once it is locked; so it may as well be looked up and locked in one step.
 */
function* trylockEntry(g: Gmem, gfn: Gfn): Routine<Folio | null> {
  return yield* atomic('find_lock_entries($i)', function* () {
    const folio = yield* g.pages.at(gfn).read();
    if (folio === null || !(yield* g.folioLocks.at(folio).trylock())) return null;
    yield* g.refcounts.at(folio).add(1);
    return folio;
  });
}

/** truncate_cleanup_folio() and delete_from_page_cache_batch() for folios that are locked. */
function* truncateBatch(g: Gmem, found: readonly Held[]): Routine {
  for (const { gfn } of found) yield* unmapUser(g, gfn, 'unmap_mapping_folio()');
  for (const { gfn, folio } of found) yield* tracepoint('mm_filemap_delete_from_page_cache', gfn, folio);
  yield* removeFromPageCache(g, found, 'delete_from_page_cache_batch()');
  for (const { folio } of found) yield* freeFolio(g, folio);
  for (const { folio } of found) yield* g.unlockFolio(folio, true);
  for (const { folio } of found) yield* putFolio(g, folio);
}

/** truncate_inode_folio() for a folio that the second pass holds a reference of, and has to wait for the lock of. */
function* truncateWaiting(g: Gmem, gfn: Gfn, folio: Folio): Routine {
  yield* g.lockFolio(folio);
  if (yield* g.folios.at(folio).is('cached').named('folio->mapping == mapping')) {
    yield* unmapUser(g, gfn, 'unmap_mapping_folio()');
    yield* tracepoint('mm_filemap_delete_from_page_cache', gfn, folio);
    yield* removeFromPageCache(g, [{ gfn, folio }], 'filemap_remove_folio($i)');
    yield* freeFolio(g, folio);
  }
  yield* g.unlockFolio(folio, true);
  yield* putFolio(g, folio);
}

/** Removes locked folios from the page cache, under the lock of its tree. */
function* removeFromPageCache(g: Gmem, found: readonly Held[], label: string): Routine {
  yield* atomic(label, function* () {
    for (const { gfn, folio } of found) {
      yield* g.pages.at(gfn).write(null);
      yield* g.folios.at(folio).send('REMOVE');
    }
    if (g.pageCount !== undefined) yield* g.pageCount.add(-found.length);
  });
}

/** filemap_free_folio(): a_ops->free_folio, then the page cache's reference goes. */
function* freeFolio(g: Gmem, folio: Folio): Routine {
  yield* inFunction('kvm_gmem_free_folio', g.version, () => g.arch.reclaim(g, folio));
  yield* putFolio(g, folio);
}

/** Removes the user PTEs of one index, of every process that maps the file. `label`: the kernel function that does. */
export function* unmapUser(g: Gmem, gfn: Gfn, label = 'unmap_mapping_pages()'): Routine {
  for (const view of g.views) yield* unmapOfHost(view, gfn, label);
}

/**
 * Removes the user PTE of one index in one process, flushes, and drops the PTE's reference. Where the memslot maps the file
 * there, KVM's MMU notifier is called around it.
 */
export function* unmapOfHost(g: Gmem, gfn: Gfn, label: string): Routine {
  if (!g.parts.slotMapsFile) return yield* removePte(g, gfn, label);
  if (!(yield* g.userPtes.at(gfn).holds())) return;
  if (label === 'unmap_mapping_folio()') yield* tracepoint('unmap_mapping_folio', gfn);
  yield* notified(g, gfn, () => removePte(g, gfn, label));
}

function* removePte(g: Gmem, gfn: Gfn, label: string): Routine {
  yield* atomic(label, function* () {
    const folio = yield* g.userPtes.at(gfn).read();
    if (folio === null) return;
    yield* g.userPtes.at(gfn).write(null);
    if (!(yield* otherHostMaps(g, gfn, folio))) yield* g.folios.at(folio).send('USER_UNMAP');
    yield* putFolio(g, folio);
  });
}

function* otherHostMaps(g: Gmem, gfn: Gfn, folio: Folio): Routine<boolean> {
  for (const { file, userPtes } of g.views) {
    if (file !== g.file && (yield* userPtes.at(gfn).equals(folio))) return true;
  }
  return false;
}
