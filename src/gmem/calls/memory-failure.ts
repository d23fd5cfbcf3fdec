/**
 * memory_failure() on a page of the file (mm/memory-failure.c, kvm_gmem_error_folio(); keys: docs/kernel.md): the flag is
 * set before any lock is taken, then every mapping goes under the folio lock, and whoever comes later sees the flag.
 * Imported by the registry and by schemes.
 *
 * The page stays in the page cache, and what becomes of it is userspace's business: a punch takes it out, and it is never
 * handed out again. memory_failure() keeps its own reference for ever. A large folio is taken for one of HugeTLB's, whatever the
 * scheme: flag and reference are one step under hugetlb_lock, the flag is that of the first page, and a list remembers which
 * pages have failed. Left out: unpoison, soft offline, the signals that hwpoison_user_mappings() sends, a list that gets no memory,
 * and what memory_failure() does to large folios that are not HugeTLB's, which it splits first.
 */

import type { Op } from '../../core/ops/op.js';
import { atomic as anyAtomic, type Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { EBUSY, EHWPOISON, errnoText } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Folio, Gfn } from '../scheme.js';
import { gfnsOf, orderOf, pageCountOf, pageOf } from '../world/folio-ref.js';
import { callKind } from './call-kind.js';
import { isPoisoned, unmapUser } from './filemap.js';
import { folioAt } from './folio-blocks.js';
import { underSharedLock } from './get-pfn.js';
import { invalidateBegin, invalidateEnd } from './mmu.js';

/** The memory of the page that is at the index fails. */
export const memoryFailureCall = callKind({
  name: 'memory-failure',
  by: 'host',
  pages: 'one',
  takes: {},
  needs: ['poison'],
  words: (gfns) => `memory failure ${gfns}`,
  routine: (g) => (gfn) => g.scheme.memoryFailure(g, gfn),
});

/** References of a folio that only the page cache and memory_failure() hold. */
function ownReferences(folio: Folio): number {
  return pageCountOf(folio) + 1;
}

/** memory_failure(): 0 when the failure was dealt with, or there was no page; else a negative errno. */
export function* poisonThenHandle(g: Gmem, gfn: Gfn): Routine<number> {
  return yield* memoryFailing(g, gfn, true);
}

/**
 * memory_failure() where nobody marks the folios of HugeTLB as migratable: of one that is large it sets the flag, takes no
 * reference and leaves it at that (MF_IGNORED).
 */
export function* poisonThenIgnoreLarge(g: Gmem, gfn: Gfn): Routine<number> {
  return yield* memoryFailing(g, gfn, false);
}

function* memoryFailing(g: Gmem, gfn: Gfn, isMigratable: boolean): Routine<number> {
  return yield* inFunction('memory_failure', g.version, function* () {
    yield* g.mfMutex!.lock();
    const found =
      g.large === undefined ? yield* poisonPage(g, gfn) : yield* getHugePageForHwpoison(g, gfn, isMigratable);
    const result = typeof found === 'number' ? found : yield* handlePoisoned(g, gfn, found);
    yield* g.mfMutex!.unlock();
    return result;
  });
}

/**
 * get_huge_page_for_hwpoison(), under hugetlb_lock: a large folio, flagged and with a reference; a small one, flagged. -EBUSY: a
 * large one was flagged, and nothing else is done about it, because it is frozen or must not be taken.
 */
function* getHugePageForHwpoison(g: Gmem, gfn: Gfn, isMigratable: boolean): Routine<Folio | number> {
  function* testSet(): Routine<Folio | number> {
    const folio = yield* folioAt(g, gfn);
    if (folio === null) return 0;
    const wasPoisoned = yield* g.testHwpoison(folio);
    // What the list of the folio says: the failed page itself, whatever the flag was.
    yield* g.folios.at(pageOf(folio, gfn)).send('POISON');
    if (wasPoisoned) return -EHWPOISON;
    yield* g.large!.hwpoison!.at(folio).write(1).named('SetPageHWPoison($i)');
    if (orderOf(folio) === 0) return folio;
    return isMigratable && (yield* folioTryGet(g, folio)) ? folio : -EBUSY;
  }
  return yield* anyAtomic('get_huge_page_for_hwpoison($i)', testSet, errnoText);
}

/** TestSetPageHWPoison() on the page that is there: 0 when there is none, -EHWPOISON when it was poisoned before. */
function* poisonPage(g: Gmem, gfn: Gfn): Routine<Folio | number> {
  function* testSet(): Routine<Folio | number> {
    const folio = yield* g.pages.at(gfn).read();
    if (folio === null) return 0;
    if (yield* g.testHwpoison(folio)) return -EHWPOISON;
    yield* g.folios.at(folio).send('POISON');
    return folio;
  }
  return yield* atomic('TestSetPageHWPoison($i)', testSet, errnoText);
}

function* handlePoisoned(g: Gmem, gfn: Gfn, folio: Folio): Routine<number> {
  // A page that nobody holds any more was kept from the free lists by its flag: MF_IGNORED.
  if (orderOf(folio) === 0 && !(yield* getHwpoisonPage(g, folio))) return -EBUSY;
  yield* g.lockFolio(folio);
  const isCached = yield* g.folios.at(folio).is('cached').named('folio->mapping == mapping');
  if (isCached) yield* unmapUser(g, gfn, 'hwpoison_user_mappings()');
  const result = isCached ? yield* mePagecacheClean(g, gfn, folio) : -EBUSY;
  yield* g.unlockFolio(folio, !isCached);
  return result;
}

/** get_hwpoison_page(): a reference, unless the last one is gone. */
function* getHwpoisonPage(g: Gmem, folio: Folio): Routine<boolean> {
  return yield* atomic('get_hwpoison_page($i)', function* () {
    return yield* folioTryGet(g, folio);
  });
}

function folioTryGet(g: Gmem, folio: Folio): Op<boolean> {
  return g.refcounts.at(folio).apply<boolean>('get_page_unless_zero($i)', 'boolean', {
    next: (count) => (count > 0 ? count + 1 : count),
    result: (count) => (count > 0 ? 1 : 0),
  });
}

/** me_pagecache_clean() with truncate_error_folio(): kvm_gmem_error_folio(), and what its MF_DELAYED is taken for. */
function* mePagecacheClean(g: Gmem, gfn: Gfn, folio: Folio): Routine<number> {
  return yield* inFunction('me_pagecache_clean', g.version, function* () {
    yield* g.scheme.errorFolio(g, gfn, folio);
    return yield* g.scheme.actionResult(g, folio, pageOf(folio, gfn));
  });
}

/** kvm_gmem_error_folio(): with the folio locked it takes the invalidate lock, which everybody else takes first. */
export function* zapWithFolioLocked(g: Gmem, gfn: Gfn, folio: Folio): Routine {
  function* zapAll(): Routine {
    for (const view of g.views) yield* invalidateBegin(view, gfnsOf(folio, gfn), [true, false]);
    for (const view of g.views) yield* invalidateEnd(view, gfnsOf(folio, gfn));
    yield* g.folios.at(pageOf(folio, gfn)).send('ERROR_HANDLED').named('MF_DELAYED ($i)');
  }
  yield* inFunction('kvm_gmem_error_folio', g.version, () => underSharedLock(g, zapAll));
}

/** Mainline: what is not 0 is a failure, MF_DELAYED too ("Failed to punch page"), and action_result() makes -EBUSY of it. */
export function* delayedIsFailed(g: Gmem, _folio: Folio, page: Folio): Routine<number> {
  yield* g.folios.at(page).send('REPORT_FAILED').named('"Failed to punch page", MF_FAILED ($i)');
  return -EBUSY;
}

/**
 * MF_DELAYED goes through, and the reference of the page cache is one that has to be expected. Who else holds the page makes
 * a failure of it, as everywhere in memory_failure(): a fault under way does, for the moment.
 */
export function* delayedPasses(g: Gmem, folio: Folio, page: Folio): Routine<number> {
  const own = ownReferences(folio);
  function* hasExtraRefcount(): Routine<number> {
    const count = g.refcounts.at(folio);
    const isOthers = (references: number) => Number(references > own);
    if (!(yield* count.apply<boolean>(`% > ${own}`, 'boolean', { result: isOthers }))) {
      yield* g.folios.at(page).send('REPORT_HANDLED');
      return 0;
    }
    if (!(yield* count.apply<boolean>('is somebody else there', 'boolean', { result: isOthers }))) {
      yield* g.folios.at(page).send('REPORT_FAILED');
    }
    return -EBUSY;
  }
  return yield* atomic('has_extra_refcount($i)', hasExtraRefcount, errnoText);
}

/** __do_fault(): whether the page that a user fault got has failed. */
export function* isPoisonedForUser(g: Gmem, folio: Folio): Routine<boolean> {
  return yield* isPoisoned(g, folio);
}

/** Whether the memory of a page in a range has failed, by its flag. Somebody holds the invalidate lock, so none goes away. */
export function* anyPoisoned(g: Gmem, gfns: readonly Gfn[]): Routine<boolean> {
  if (!g.parts.poison) return false;
  for (const gfn of gfns) {
    const isPoisonedAt = yield* atomic('PageHWPoison($i)', function* () {
      const folio = yield* folioAt(g, gfn);
      return folio !== null && (yield* g.testHwpoison(folio));
    });
    if (isPoisonedAt) return true;
  }
  return false;
}
