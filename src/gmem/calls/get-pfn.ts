/**
 * kvm_gmem_get_pfn() in its three shapes (keys: docs/kernel.md): under the folio lock alone (V1, V2), and under
 * the invalidate lock as well, shared (V3b) or exclusive. Imported by schemes; the fault enters the function.
 *
 * get_file_active(), and the checks of file and binding (-EFAULT, -EIO), are there where files end and memslots change. The folio that is returned says with its order what may be mapped at most (max_order). Since
 * V2 kvm_gmem_prepare_folio() only calls the arch hook, and has no frame of its own here.
 */

import type { Routine } from '../../core/ops/routine.js';
import { EHWPOISON } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Folio, Gfn } from '../scheme.js';
import { pagesOf } from '../world/folio-ref.js';
import { getFolio, isPoisoned, putFolio } from './filemap.js';
import { slotMismatch } from './memslots.js';

/**
 * V1 and V2: everything under the folio lock, no invalidate lock. Returns with a reference. The hook does not ask
 * whether the fault is private: neither version was made for a file whose pages convert in place.
 */
export function* getPfnUnderFolioLock(g: Gmem, gfn: Gfn): Routine<Folio | number> {
  const folio = yield* getHealthyFolio(g, gfn);
  if (typeof folio === 'number') return folio;
  let error = yield* g.scheme.prepareFolio(g, folio, gfn);
  if (error === 0) error = yield* g.scheme.zapDirectMap(g, folio);
  yield* g.unlockFolio(folio);
  if (error === 0) return folio;
  yield* putFolio(g, folio);
  return error;
}

/**
 * V3b's body, under the invalidate lock: prepares the folio if the attribute says private, returns no reference. V3a's returns
 * with its reference: `keeps`.
 */
export function* getPfnByAttribute(g: Gmem, gfn: Gfn, keeps = false): Routine<Folio | number> {
  const folio = yield* getClearedFolio(g, gfn);
  if (typeof folio === 'number') return folio;
  let error = (yield* g.isPrivate(gfn)) ? yield* g.arch.prepare(g, folio) : 0;
  if (error === 0) error = yield* g.scheme.zapDirectMap(g, folio);
  yield* g.unlockFolio(folio);
  if (!keeps || error !== 0) yield* putFolio(g, folio);
  return error === 0 ? folio : error;
}

/** The locked folio of an index, as everybody gets it who maps it into a guest: -EHWPOISON where its memory has failed. */
export function* getHealthyFolio(g: Gmem, gfn: Gfn): Routine<Folio | number> {
  const error = yield* slotMismatch(g, gfn);
  if (error !== 0) return error;
  const folio = yield* getFolio(g, gfn);
  if (typeof folio === 'number' || !(yield* isPoisoned(g, folio))) return folio;
  yield* g.unlockFolio(folio);
  yield* putFolio(g, folio);
  return -EHWPOISON;
}

/** V3b's __kvm_gmem_get_pfn(), which faults and populate share: the locked folio, cleared if it was not. */
export function* getClearedFolio(g: Gmem, gfn: Gfn): Routine<Folio | number> {
  return yield* inFunction('__kvm_gmem_get_pfn', g.version, function* () {
    const folio = yield* getHealthyFolio(g, gfn);
    if (typeof folio !== 'number') yield* g.scheme.clearFolio(g, folio, gfn);
    return folio;
  });
}

/** filemap_invalidate_lock_shared() around a routine. */
export function* underSharedLock<T>(g: Gmem, body: () => Routine<T>): Routine<T> {
  yield* g.invalidateLock.downRead();
  const value = yield* body();
  yield* g.invalidateLock.upRead();
  return value;
}

/** filemap_invalidate_lock() around a routine. */
export function* underExclusiveLock<T>(g: Gmem, body: () => Routine<T>): Routine<T> {
  yield* g.invalidateLock.downWrite();
  const value = yield* body();
  yield* g.invalidateLock.upWrite();
  return value;
}

/**
 * Clears a folio whose uptodate flag is not set yet, and sets it. Of a large folio that is its first page: the flag says of
 * all what was done to one (R2).
 */
export function* clearOnce(g: Gmem, folio: Folio): Routine {
  if (yield* g.testUptodate(folio)) return;
  yield* g.clearPage(folio);
  yield* g.markUptodate(folio);
}

/** The same with every page of a large folio cleared. */
export function* clearWhole(g: Gmem, folio: Folio): Routine {
  if (yield* g.testUptodate(folio)) return;
  for (const page of pagesOf(folio)) yield* g.clearPage(page);
  yield* g.markUptodate(folio);
}
