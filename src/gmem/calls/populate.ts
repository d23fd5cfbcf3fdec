/**
 * kvm_gmem_populate(): the launch copies and measures initial pages (kernel facts, section 3.3). Imported by schemes.
 */

import { type Routine, within } from '../../core/routine.js';
import { EEXIST, EINVAL } from '../errno.js';
import type { Gmem } from '../gmem.js';
import type { Folio, Gfn } from '../scheme.js';
import { getFolio, putFolio } from './filemap.js';
import { clearOnce, underExclusiveLock } from './get-pfn.js';

/** V1: one exclusive section for the whole loop; the copy faults on user memory inside it; a prepared page is refused. */
export function* populateUnderLock(g: Gmem, gfns: readonly Gfn[]): Routine<number> {
  return yield* populating(g, () => underExclusiveLock(g, () => eachPage(gfns, (gfn) => populatePage(g, gfn, v1))));
}

/** V2: per page, the source is pinned before the lock is taken. V3b also clears the folio when it gets it. */
export function populateAfterGup(options: { clearFirst: boolean }) {
  return function* populate(g: Gmem, gfns: readonly Gfn[]): Routine<number> {
    return yield* populating(g, () =>
      eachPage(gfns, function* (gfn) {
        yield* getUserPages(g);
        return yield* underExclusiveLock(g, () => populatePage(g, gfn, options.clearFirst ? v3 : v2));
      }),
    );
  };
}

/** The bug before "GUP source pages prior to populating guest memory": the source is pinned inside the lock (R11). */
export function populateWithGupInside(options: { clearFirst: boolean }) {
  return function* populate(g: Gmem, gfns: readonly Gfn[]): Routine<number> {
    return yield* populating(g, () =>
      eachPage(gfns, (gfn) =>
        underExclusiveLock(g, function* () {
          yield* getUserPages(g);
          return yield* populatePage(g, gfn, options.clearFirst ? v3 : v2);
        }),
      ),
    );
  };
}

/** What a version does with the folio it got, before it unlocks it. A number ends the page with that errno. */
type Got = (g: Gmem, folio: Folio, gfn: Gfn) => Routine<number>;

function* v1(g: Gmem, folio: Folio, gfn: Gfn): Routine<number> {
  return (yield* g.scheme.testPrepared(g, folio, gfn)) ? -EEXIST : 0;
}

function* v2(): Routine<number> {
  return 0;
}

function* v3(g: Gmem, folio: Folio): Routine<number> {
  yield* clearOnce(g, folio);
  return 0;
}

/** kvm_gmem_populate() holds slots_lock throughout. */
function* populating(g: Gmem, body: () => Routine<number>): Routine<number> {
  return yield* within('kvm_gmem_populate', g.version, function* () {
    yield* g.slotsLock.lock();
    const done = yield* body();
    yield* g.slotsLock.unlock();
    return done;
  });
}

/** Pages done, or the errno of the first when none was. */
function* eachPage(gfns: readonly Gfn[], page: (gfn: Gfn) => Routine<number>): Routine<number> {
  for (const [done, gfn] of gfns.entries()) {
    const error = yield* page(gfn);
    if (error < 0) return done === 0 ? error : done;
  }
  return gfns.length;
}

function* populatePage(g: Gmem, gfn: Gfn, got: Got): Routine<number> {
  const folio = yield* getFolio(g, gfn);
  if (typeof folio === 'number') return folio;
  const refused = yield* got(g, folio, gfn);
  yield* g.unlockFolio(folio);
  const error = refused < 0 ? refused : yield* copyAndMeasure(g, gfn, folio, got);
  yield* putFolio(g, folio);
  return error;
}

function* copyAndMeasure(g: Gmem, gfn: Gfn, folio: Folio, got: Got): Routine<number> {
  if (!(yield* g.isPrivate(gfn))) return -EINVAL;
  // copy_from_user() inside V1's post_populate faults on user memory, under the exclusive lock.
  if (got === v1) yield* getUserPages(g);
  const error = yield* g.arch.postPopulate(g, folio);
  if (error !== 0) return error;
  if (got === v1) yield* g.scheme.markPrepared(g, folio, gfn);
  else if (got === v2) yield* g.markUptodate(folio);
  return 0;
}

/** get_user_pages_fast(src), on its slow path: takes mmap_lock for read. */
function* getUserPages(g: Gmem): Routine {
  yield* within('get_user_pages_fast', g.version, function* () {
    yield* g.mmapLock.downRead();
    yield* g.mmapLock.upRead();
  });
}
