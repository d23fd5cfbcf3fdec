/**
 * Folios and the page cache: kvm_gmem_get_folio() and what it stands on (mm/filemap.c; keys: docs/kernel.md).
 * Imported by the other calls and by schemes.
 *
 * Left out: large folios, the LRU batches and their extra reference (R25), and the first pass of truncation, which
 * takes the folios that it can trylock in batches; here each index goes through the second pass, which waits.
 */

import { choose } from '../../core/ops/choice.js';
import { here, type Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { ENOMEM } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Folio, Gfn } from '../scheme.js';

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
      yield* g.unlockFolio(present);
      yield* putFolio(g, present);
      return yield* again();
    }
    const folio = yield* allocFolio(g);
    if (folio === null) return -ENOMEM;
    if (yield* addFolio(g, gfn, folio)) return folio;
    yield* putFolio(g, folio);
    return yield* again();
  });
}

/** filemap_alloc_folio(): a free frame with one reference; null when there is none, or when the scenario says so. */
function* allocFolio(g: Gmem): Routine<Folio | null> {
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
    return true;
  });
}

/**
 * truncate_inode_pages_range() for one index: locks the folio, unmaps it from userspace, removes it from the page
 * cache, calls a_ops->free_folio, drops the page cache's reference. Pins may outlive it.
 */
export function* truncateIndex(g: Gmem, gfn: Gfn): Routine {
  yield* inFunction('truncate_inode_pages_range', g.version, function* () {
    const again = yield* here();
    const folio = yield* getEntry(g, gfn);
    if (folio === null) return;
    yield* g.lockFolio(folio);
    if (!(yield* g.folios.at(folio).is('cached').named('folio->mapping == mapping'))) {
      yield* g.unlockFolio(folio);
      yield* putFolio(g, folio);
      return yield* again();
    }
    yield* unmapUser(g, gfn, 'unmap_mapping_folio()');
    yield* atomic('filemap_remove_folio($i)', function* () {
      yield* g.pages.at(gfn).write(null);
      yield* g.folios.at(folio).send('REMOVE');
    });
    yield* inFunction('kvm_gmem_free_folio', g.version, () => g.arch.invalidate(g, folio));
    yield* g.unlockFolio(folio);
    // The page cache's reference and this function's own.
    yield* putFolio(g, folio);
    yield* putFolio(g, folio);
  });
}

/** Removes the user PTE of one index, flushes, and drops the PTE's reference. `label`: the kernel function that does. */
export function* unmapUser(g: Gmem, gfn: Gfn, label = 'unmap_mapping_pages()'): Routine {
  yield* atomic(label, function* () {
    const folio = yield* g.userPtes.at(gfn).read();
    if (folio === null) return;
    yield* g.userPtes.at(gfn).write(null);
    yield* g.folios.at(folio).send('USER_UNMAP');
    yield* putFolio(g, folio);
  });
}
