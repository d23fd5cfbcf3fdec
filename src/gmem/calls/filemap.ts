/**
 * Folios and the page cache: kvm_gmem_get_folio() and what it stands on (mm/filemap.c; keys: docs/kernel.md).
 * Imported by the other calls and by schemes.
 *
 * Where folios may be large, one of them has a reference of the page cache for each of its pages, and what is said of a
 * folio is said of its head.
 */

import { choose } from '../../core/ops/choice.js';
import { atomic as anyAtomic, here, type Routine, tracepoint } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { ENOMEM } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Folio, Gfn } from '../scheme.js';
import { batchesOf, gfnsOf, isSameGfn, orderOf, pageCountOf, pagesOf } from '../world/folio-ref.js';
import { allocInBlock, folioAt, getEntryInBlock, pageIn, userPageAt } from './folio-blocks.js';
import { forgetting } from './forgetting.js';
import { notified } from './mmu.js';

/** filemap_get_entry(): looks the index up and takes a reference; under RCU the kernel's retry makes it one step. */
export function* getEntry(g: Gmem, gfn: Gfn): Routine<Folio | null> {
  if (g.large !== undefined) return yield* getEntryInBlock(g, gfn);
  return yield* atomic('filemap_get_entry()', function* () {
    const folio = yield* g.pages.at(gfn).read();
    if (folio !== null) yield* g.refcounts.at(folio).add(1);
    return folio;
  });
}

/** PageHWPoison(), where memory may fail, by who is about to give the folio away: of a large one it is the flag of the first page. */
export function* isPoisoned(g: Gmem, folio: Folio): Routine<boolean> {
  if (!g.parts.poison) return false;
  if (g.large === undefined) return yield* g.testHwpoison(folio);
  // No stripe is of both a block of frames and the gfns at which a failure comes: on real threads it excludes every other step.
  return yield* anyAtomic('folio_test_hwpoison($i)', function* () {
    if (yield* g.testHwpoison(folio)) return true;
    for (const page of pagesOf(folio)) yield* g.folios.at(page).send('HAND_OUT');
    return false;
  });
}

/** folio_put(), folio_put_refs(), as the scheme has it. */
export function putFolio(g: Gmem, folio: Folio, references = 1): Routine {
  return g.scheme.putFolio(g, folio, references);
}

/**
 * kvm_gmem_get_folio(): the folio at an index, LOCKED and with a reference; allocated when it is absent, with whatever
 * the frame's last owner left in it. Or -ENOMEM.
 */
export function* getFolio(g: Gmem, gfn: Gfn): Routine<Folio | number> {
  return yield* inFunction('kvm_gmem_get_folio', g.version, function* () {
    const again = yield* here();
    const present = yield* getEntry(g, gfn);
    if (present !== null) return (yield* lockCached(g, present)) ? present : yield* again();
    const folio = yield* g.scheme.newFolio(g, gfn);
    if (folio === null) return -ENOMEM;
    if (yield* addFolio(g, gfn, folio)) {
      if (orderOf(folio) === 0) yield* addToLru(g, gfn, folio);
      return yield* g.scheme.freshFolio(g, gfn, folio);
    }
    yield* putFolio(g, folio);
    return yield* again();
  });
}

/** Locks a folio that was looked up; what has left the file meanwhile is given back. Whether it is still there. */
export function* lockCached(g: Gmem, folio: Folio): Routine<boolean> {
  yield* g.lockFolio(folio);
  if (yield* g.folios.at(folio).is('cached').named('folio->mapping == mapping')) return true;
  yield* g.unlockFolio(folio, true);
  yield* putFolio(g, folio);
  return false;
}

/**
 * filemap_alloc_folio(): a free frame with one reference; null when there is none, or when the scenario says so. A large
 * folio where the world has them and nothing is in its range yet.
 */
export function* allocFolio(g: Gmem, gfn: Gfn): Routine<Folio | null> {
  if (g.scenario.allocationFails && (yield* choose(2, 'allocation fails', ['no', 'yes'])) === 1) return null;
  if (g.large !== undefined) return yield* allocInBlock(g, gfn);
  return yield* atomic('filemap_alloc_folio()', function* () {
    const folio = yield* g.folios.claim('free', 'ALLOCATE');
    if (folio !== null) yield* g.refcounts.at(folio).write(1);
    return folio;
  });
}

/** filemap_add_folio(): inserts the folio, locked, unless the index is taken. The page cache takes a reference. */
export function* addFolio(g: Gmem, gfn: Gfn, folio: Folio): Routine<boolean> {
  const [first, ...others] = gfnsOf(folio, gfn);
  return yield* atomic('filemap_add_folio()', function* () {
    for (const other of others) if (!(yield* g.pages.at(other).equals(null))) return false;
    if (!(yield* g.pages.at(first).cmpxchg(null, folio))) return false;
    for (const other of others) yield* g.pages.at(other).write(folio);
    yield* g.lockFolio(folio);
    for (const page of pagesOf(folio)) yield* g.folios.at(page).send('INSERT');
    yield* g.refcounts.at(folio).add(pageCountOf(folio));
    if (g.pageCount !== undefined) yield* g.pageCount.add(1);
    yield* tracepoint('mm_filemap_add_to_page_cache', gfn, folio);
    return true;
  });
}

/**
 * folio_add_lru() (mm/swap.c): a new folio lies in a batch of its CPU, with a reference, until that is full or somebody drains
 * it. Here a batch holds one folio of an index, so the next folio there drains it. Nothing in worlds without batches.
 */
export function* addToLru(g: Gmem, gfn: Gfn, folio: Folio): Routine {
  if (g.lruBatches === undefined) return;
  const batch = g.lruBatches.at(gfn);
  const before = yield* atomic('folio_add_lru($i)', function* () {
    const old = pageIn(g, gfn, yield* batch.read());
    yield* batch.write(folio);
    yield* g.refcounts.at(folio).add(1);
    return old;
  });
  if (before !== null) yield* putFolio(g, before);
}

/** lru_add_drain_all(), for the folios of these indexes. */
export function* drainLru(g: Gmem, gfns: readonly Gfn[]): Routine {
  const { lruBatches } = g;
  if (lruBatches === undefined) return;
  yield* inFunction('lru_add_drain_all', g.version, function* () {
    for (const gfn of gfns) {
      const folio = yield* atomic('folio_batch_move_lru($i)', function* () {
        const held = pageIn(g, gfn, yield* lruBatches.at(gfn).read());
        if (held !== null) yield* lruBatches.at(gfn).write(null);
        return held;
      });
      if (folio !== null) yield* putFolio(g, folio);
    }
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
    const ends = gfns.length === 1 ? gfns : [gfns[0], gfns[gfns.length - 1]];
    yield* forgetting(g, () => truncateUnlocked(g, gfns));
    for (const gfn of ends) yield* forgetting(g, () => truncateEnd(g, gfns, gfn));
    yield* forgetting(g, () => truncateRest(g, gfns));
  });
}

/** The first pass. */
function* truncateUnlocked(g: Gmem, gfns: readonly Gfn[]): Routine {
  for (let next = 0; next < gfns.length; ) {
    const found = yield* findLockEntries(g, gfns, next);
    if (found.length === 0) break;
    next = behind(gfns, found[found.length - 1]);
    yield* truncateBatch(g, found);
  }
}

/** The folio at either end. */
function* truncateEnd(g: Gmem, gfns: readonly Gfn[], gfn: Gfn): Routine {
  const folio = yield* getEntry(g, gfn);
  if (folio === null) return;
  if (isWithin(gfns, gfn, folio)) yield* truncateWaiting(g, gfn, folio);
  else yield* g.scheme.truncatePartial(g, gfns, gfn, folio);
}

/** What is left. */
function* truncateRest(g: Gmem, gfns: readonly Gfn[]): Routine {
  const again = yield* here();
  for (let next = 0; next < gfns.length; ) {
    const found = yield* findEntries(g, gfns, next, getEntry);
    if (found.length === 0 && next === 0) return;
    if (found.length === 0) return yield* again();
    next = behind(gfns, found[found.length - 1]);
    for (const { gfn, folio } of found) yield* truncateWaiting(g, gfn, folio);
  }
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
  for (let at = from; at < gfns.length && found.length < BATCH; ) {
    const folio = yield* look(g, gfns[at]);
    const entry = folio === null ? undefined : { gfn: gfns[at], folio, at };
    at = entry === undefined ? at + 1 : behind(gfns, entry);
    if (entry === undefined) continue;
    // Of a folio that reaches out of the range the second pass has done what it does.
    if (isWithin(gfns, entry.gfn, entry.folio)) found.push(entry);
    else yield* look === getEntry ? putFolio(g, entry.folio) : leaveEntry(g, entry.folio);
  }
  return found;
}

/** find_lock_entries() with a folio that reaches out of the range. */
function* leaveEntry(g: Gmem, folio: Folio): Routine {
  yield* g.unlockFolio(folio);
  yield* putFolio(g, folio);
}

/** Whether the whole of a folio that was found at a gfn lies in a range. */
function isWithin(gfns: readonly Gfn[], gfn: Gfn, folio: Folio): boolean {
  return gfnsOf(folio, gfn).every((page) => gfns.some((each) => isSameGfn(each, page)));
}

/** The place in a range behind all pages of a folio. */
function behind(gfns: readonly Gfn[], { gfn, folio, at }: Entry): number {
  const pages = gfnsOf(folio, gfn);
  let next = at + 1;
  while (next < gfns.length && pages.some((page) => isSameGfn(page, gfns[next]))) next++;
  return next;
}

/**
 * One entry of find_lock_entries(): null when there is no folio, or somebody has it locked. That the folio still belongs
 * to the file is asked once it is locked; so it may as well be looked up and locked in one step.
 */
function* trylockEntry(g: Gmem, gfn: Gfn): Routine<Folio | null> {
  return yield* atomic('find_lock_entries($i)', function* () {
    const folio = yield* folioAt(g, gfn);
    if (folio === null || !(yield* g.folioLocks.at(folio).trylock())) return null;
    yield* g.refcounts.at(folio).add(1);
    return folio;
  });
}

/** truncate_cleanup_folio() and delete_from_page_cache_batch() for folios that are locked. */
function* truncateBatch(g: Gmem, found: readonly Held[]): Routine {
  for (const { gfn, folio } of found)
    for (const page of gfnsOf(folio, gfn)) yield* unmapUser(g, page, 'unmap_mapping_folio()');
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
    for (const page of gfnsOf(folio, gfn)) yield* unmapUser(g, page, 'unmap_mapping_folio()');
    yield* tracepoint('mm_filemap_delete_from_page_cache', gfn, folio);
    yield* removeFromPageCache(g, [{ gfn, folio }], 'filemap_remove_folio($i)');
    yield* freeFolio(g, folio);
  }
  yield* g.unlockFolio(folio, true);
  yield* putFolio(g, folio);
}

/**
 * truncate_inode_partial_folio() of memory that is inaccessible to the kernel: nothing is zeroed, and the folio stays. That
 * the kernel may split it there is left out.
 */
export function* leavePartial(g: Gmem, _gfns: readonly Gfn[], _gfn: Gfn, folio: Folio): Routine {
  yield* g.lockFolio(folio);
  yield* g.unlockFolio(folio);
  yield* putFolio(g, folio);
}

/**
 * Removes locked folios from the page cache, under the lock of its tree. Where folios may be large it is a step for each block:
 * lookups go past the lock, and who inserts a folio in between might as well do so afterwards.
 */
function* removeFromPageCache(g: Gmem, found: readonly Held[], label: string): Routine {
  const ofBlock = (gfns: readonly Gfn[]) => found.filter(({ gfn }) => gfns.includes(gfn));
  const batches = g.large === undefined ? [found] : batchesOf(found.map(({ gfn }) => gfn)).map(ofBlock);
  for (const batch of batches) {
    const remove = function* () {
      for (const { gfn, folio } of batch) {
        for (const page of gfnsOf(folio, gfn)) yield* g.pages.at(page).write(null);
        for (const page of pagesOf(folio)) yield* g.folios.at(page).send('REMOVE');
      }
      if (g.pageCount !== undefined) yield* g.pageCount.add(-batch.length);
    };
    // On real threads it keeps out whoever looks up any of them.
    const about = batch.map(({ gfn }) => gfn);
    yield* atomic(label, remove, undefined, about);
  }
}

/** filemap_free_folio(): a_ops->free_folio, then the page cache's reference goes. */
function* freeFolio(g: Gmem, folio: Folio): Routine {
  yield* g.scheme.restoreDirectMap(g, folio);
  yield* g.scheme.freeFolio(g, folio);
  yield* g.scheme.restoreMetadata(g, folio);
  yield* putFolio(g, folio, pageCountOf(folio));
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
    const folio = yield* userPageAt(g, gfn);
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
