/**
 * kvm_gmem_populate(): the launch copies and measures initial pages (keys: docs/kernel.md). Imported by the registry
 * and by schemes.
 *
 * Left out: the checks at entry (-EINVAL, -EFAULT) and signals (-EINTR), which no call of a scenario can fail.
 */

import type { Routine } from '../../core/ops/routine.js';
import { EEXIST, EINVAL, EOPNOTSUPP } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Folio, Gfn } from '../scheme.js';
import { pageOf } from '../world/folio-ref.js';
import { callKind } from './call-kind.js';
import { putFolio } from './filemap.js';
import { getClearedFolio, getHealthyFolio, underExclusiveLock } from './get-pfn.js';
import { isRunnable } from './td-state.js';

/** The launch's populate, as the scheme does it. */
export const populateCall = callKind({
  name: 'populate',
  keepsSlots: true,
  by: 'host',
  through: 'memslot',
  pages: 'range',
  names: 'gfns',
  takes: {},
  launches: true,
  words: (gfns) => `populate ${gfns}`,
  routine:
    (g) =>
    (...gfns) =>
      g.scheme.populate(g, gfns),
});

/** The launch's populate without a source: what is in the pages already is measured where it is. */
export const populateInPlaceCall = callKind({
  name: 'populate-in-place',
  keepsSlots: true,
  by: 'host',
  through: 'memslot',
  pages: 'range',
  names: 'gfns',
  takes: {},
  needs: ['launchData'],
  launches: true,
  words: (gfns) => `populate ${gfns} in place`,
  routine:
    (g) =>
    (...gfns) =>
      g.scheme.populateInPlace(g, gfns),
});

/** V1 and V2: a source of NULL is refused. */
export function* populateNeedsSource(g: Gmem): Routine<number> {
  return yield* populating(g, function* () {
    return -EOPNOTSUPP;
  });
}

/**
 * V3b with a source of NULL: no page to pin and nothing to copy. The folio is cleared where it was not up to date, so what
 * was written into it while it was shared stays.
 */
export function* populateWhatIsThere(g: Gmem, gfns: readonly Gfn[]): Routine<number> {
  return yield* populating(g, () =>
    eachPage(gfns, (gfn) =>
      underExclusiveLock(g, function* () {
        const folio = yield* getClearedFolio(g, gfn);
        if (typeof folio === 'number') return folio;
        yield* g.unlockFolio(folio);
        const error = (yield* g.isPrivate(gfn))
          ? yield* g.arch.postPopulateInPlace(g, pageOf(folio, gfn), gfn)
          : -EINVAL;
        yield* putFolio(g, folio);
        return error;
      }),
    ),
  );
}

/** V1: one exclusive section for the whole loop; the copy faults on user memory inside it; a prepared page is refused. */
export function* populateUnderLock(g: Gmem, gfns: readonly Gfn[]): Routine<number> {
  return yield* populating(g, () => underExclusiveLock(g, () => eachPage(gfns, (gfn) => populatePage(g, gfn, 'V1'))));
}

/** V2: per page, the source is pinned before the lock is taken. V3b also clears the folio when it gets it. */
export function populateAfterGup(options: { clearFirst: boolean }) {
  return function* populate(g: Gmem, gfns: readonly Gfn[]): Routine<number> {
    return yield* populating(g, () =>
      eachPage(gfns, function* (gfn) {
        yield* getUserPages(g);
        return yield* underExclusiveLock(g, () => populatePage(g, gfn, options.clearFirst ? 'V3b' : 'V2'));
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
          return yield* populatePage(g, gfn, options.clearFirst ? 'V3b' : 'V2');
        }),
      ),
    );
  };
}

/** Whose steps a page takes. */
type Version = 'V1' | 'V2' | 'V3b';

/** kvm_gmem_populate() holds slots_lock throughout. */
function* populating(g: Gmem, body: () => Routine<number>): Routine<number> {
  return yield* inFunction('kvm_gmem_populate', g.version, function* () {
    yield* g.slotsLock.lock();
    const done = (yield* isRunnable(g)) ? -EINVAL : yield* body();
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

function* populatePage(g: Gmem, gfn: Gfn, version: Version): Routine<number> {
  const folio = yield* version === 'V3b' ? getClearedFolio(g, gfn) : getHealthyFolio(g, gfn);
  if (typeof folio === 'number') return folio;
  const used = version === 'V1' && (yield* g.scheme.testPrepared(g, folio, gfn));
  const refused = !used && (yield* g.scheme.copyRefused(g, folio));
  // From here on only the invalidate lock keeps others away: a fault that does not take it gets in (R9).
  yield* g.unlockFolio(folio);
  const error = used ? -EEXIST : refused ? -EINVAL : yield* copyAndMeasure(g, gfn, folio, version);
  yield* putFolio(g, folio);
  if (error !== 0) yield* g.scheme.populateFailed(g, gfn);
  return error;
}

function* copyAndMeasure(g: Gmem, gfn: Gfn, folio: Folio, version: Version): Routine<number> {
  if (!(yield* g.isPrivate(gfn))) return -EINVAL;
  const faultOnSource = version === 'V1' ? () => copyFromUser(g) : undefined;
  const error = yield* g.arch.postPopulate(g, pageOf(folio, gfn), faultOnSource, gfn);
  if (error !== 0) return error;
  if (version === 'V1') yield* g.scheme.markPrepared(g, folio, gfn);
  else if (version === 'V2') yield* g.markUptodate(folio);
  return 0;
}

/** copy_from_user() of V1's post_populate, on its slow path: a page fault, which takes mmap_lock for read. */
function* copyFromUser(g: Gmem): Routine {
  yield* inFunction('copy_from_user', g.version, function* () {
    yield* g.mmapLock.downRead();
    yield* g.mmapLock.upRead();
  });
}

/** get_user_pages_fast(src), on its slow path: takes mmap_lock for read. */
function* getUserPages(g: Gmem): Routine {
  yield* inFunction('get_user_pages_fast', g.version, function* () {
    yield* g.mmapLock.downRead();
    yield* g.mmapLock.upRead();
  });
}
