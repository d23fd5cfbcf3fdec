/**
 * kvm_gmem_get_pfn() in its three shapes (kernel facts, section 3.2): under the folio lock alone (V1, V2), and under
 * the invalidate lock as well, shared (V3b) or exclusive. Imported by schemes.
 */

import { type Routine, within } from '../../core/routine.js';
import type { Gmem } from '../gmem.js';
import type { Folio, Gfn } from '../scheme.js';
import { getFolio, putFolio } from './filemap.js';

/** V1 and V2: everything under the folio lock, no invalidate lock. Returns with a reference. */
export function* getPfnUnderFolioLock(g: Gmem, gfn: Gfn): Routine<Folio | number> {
  return yield* within('kvm_gmem_get_pfn', g.version, function* () {
    const folio = yield* getFolio(g, gfn);
    if (typeof folio === 'number') return folio;
    const error = yield* g.scheme.prepareFolio(g, folio, gfn);
    yield* g.unlockFolio(folio);
    if (error === 0) return folio;
    yield* putFolio(g, folio);
    return error;
  });
}

/** V3b's body: clears the folio once, prepares it if the attribute says private, returns no reference. */
export function* getPfnByAttribute(g: Gmem, gfn: Gfn): Routine<Folio | number> {
  return yield* within('kvm_gmem_get_pfn', g.version, function* () {
    const folio = yield* getFolio(g, gfn);
    if (typeof folio === 'number') return folio;
    yield* clearOnce(g, folio);
    const error = (yield* g.isPrivate(gfn)) ? yield* g.arch.prepare(g, folio) : 0;
    yield* g.unlockFolio(folio);
    yield* putFolio(g, folio);
    return error === 0 ? folio : error;
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

/** Clears a folio whose uptodate flag is not set yet, and sets it. */
export function* clearOnce(g: Gmem, folio: Folio): Routine {
  if (yield* g.testUptodate(folio)) return;
  yield* g.clearHighpage(folio);
  yield* g.markUptodate(folio);
}
