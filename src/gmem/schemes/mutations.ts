/**
 * Mutations: named one-change bugs, written as `scheme+mutation`. Each is a patch on whatever scheme it is given; the
 * ones that a scheme cannot have are refused by name. Imported by the scheme lookup and by tests.
 */

import { type Routine, within } from '../../core/ops/routine.js';
import { onlyPageCache, storeAttribute } from '../calls/convert.js';
import { getFolio, putFolio, unmapUser } from '../calls/filemap.js';
import { clearOnce, underSharedLock } from '../calls/get-pfn.js';
import { beingInvalidated, invalidateEnd } from '../calls/mmu.js';
import { dropFolio, isPageFaultStale, snapshotThenAttribute, tdpMmuMap } from '../calls/page-fault.js';
import { populateWithGupInside } from '../calls/populate.js';
import { EAGAIN, RET_PF_FIXED, RET_PF_RETRY } from '../errno.js';
import type { Gmem } from '../gmem.js';
import type { Folio, Gfn, Scheme } from '../scheme.js';
import type { PreparedBitmap } from './bitmap-nolock.js';
import { cmpxchgTristate, type Tristate } from './cmpxchg-tristate.js';
import { v1UptodatePrepared } from './v1-uptodate-prepared.js';
import { v2HookEveryFault } from './v2-hook-every-fault.js';
import { v3Inplace } from './v3-inplace.js';

/** A named change of a scheme. */
export interface Mutation {
  readonly name: string;
  /** One line: what it breaks, and the race it opens. */
  readonly title: string;
  /** Which schemes can have it, in words, and the test. Omitted: all. */
  readonly needs?: { readonly words: string; readonly of: (base: Scheme) => boolean };
  /** The routines it changes. */
  readonly change: (base: Scheme) => Partial<Scheme>;
}

const hasBitmap = {
  words: 'a scheme with a prepared bitmap',
  of: (base: Scheme) => base.declare !== undefined && base.prepareFolio === v1UptodatePrepared.prepareFolio,
};
const tracksPrepared = {
  words: 'a scheme that tracks what is prepared (testPrepared, markPrepared)',
  of: (base: Scheme) => base.prepareFolio === v1UptodatePrepared.prepareFolio,
};
const hooksEveryFault = {
  words: 'a scheme that prepares as v2-hook-every-fault does',
  of: (base: Scheme) => base.prepareFolio === v2HookEveryFault.prepareFolio && base.getPfn === v2HookEveryFault.getPfn,
};
const hooksUnderFolioLock = {
  words: 'a scheme with the kvm_gmem_get_pfn() of v1, v2 or v3',
  of: (base: Scheme) => base.getPfn === v1UptodatePrepared.getPfn || base.getPfn === v3Inplace.getPfn,
};
const isTristate = {
  words: 'a scheme with the states of cmpxchg-tristate',
  of: (base: Scheme) => base.invalidating === cmpxchgTristate.invalidating,
};
const takesSnapshot = {
  words: 'a scheme that takes the snapshot as v1 does',
  of: (base: Scheme) => base.faultinPfn === snapshotThenAttribute,
};

/** All mutations, by the part of the fault they touch. */
export const mutations: readonly Mutation[] = [
  {
    name: 'no-seq-check',
    title: 'the retry checks forget mmu_invalidate_seq and look at the count only (R18)',
    change: () => ({ invalidateRetry: beingInvalidated }),
  },
  {
    name: 'snapshot-late',
    title: 'mmu_invalidate_seq is read again after the folio was looked up (R18)',
    change: (base) => ({
      *getPfn(g, gfn, isPrivate) {
        const folio = yield* base.getPfn(g, gfn, isPrivate);
        yield* g.invalidateSeq.take();
        return folio;
      },
    }),
  },
  {
    name: 'check-outside-mmu-lock',
    title: 'the fault is checked for staleness before mmu_lock is taken (R18)',
    change: () => ({
      *mapFolio(g, gfn, folio, isPrivate) {
        const stale = yield* isPageFaultStale(g, gfn);
        yield* g.mmuLock.readLock();
        if (!stale) yield* tdpMmuMap(g, gfn, folio, isPrivate);
        yield* dropFolio(g, folio);
        yield* g.mmuLock.readUnlock();
        return stale ? RET_PF_RETRY : RET_PF_FIXED;
      },
    }),
  },
  {
    name: 'attribute-before-snapshot',
    title: 'the attribute is read before mmu_invalidate_seq (R21)',
    needs: takesSnapshot,
    change: () => ({
      faultinPfn: (g, gfn, isPrivate) =>
        within('kvm_mmu_faultin_pfn', g.version, function* () {
          const matches = (yield* g.isPrivate(gfn)) === isPrivate;
          yield* g.invalidateSeq.take();
          return matches;
        }),
    }),
  },
  {
    name: 'seq-after-count',
    title: 'the end of an invalidation drops the count before it advances the sequence',
    change: () => ({
      *invalidateEnd(g) {
        yield* g.invalidateInProgress.add(-1);
        yield* g.invalidateSeq.bump();
      },
    }),
  },
  {
    name: 'end-before-store',
    title: 'a conversion ends its invalidation before it stores the attribute (R21)',
    change: () => ({
      *storeAndEnd(g, gfns, to) {
        yield* invalidateEnd(g);
        for (const gfn of gfns) yield* storeAttribute(g, gfn, to);
      },
    }),
  },
  {
    name: 'refcount-accepts-mapcount',
    title: 'a conversion counts references before it unmaps, and takes the mapping for expected (R26)',
    change: () => ({
      *makeConvertible(g, gfns) {
        for (const gfn of gfns) if (!(yield* onlyPageCache(g, gfn, true))) return -EAGAIN;
        for (const gfn of gfns) yield* unmapUser(g, gfn);
        return 0;
      },
    }),
  },
  {
    name: 'gup-under-lock',
    title: 'populate pins its source inside the exclusive invalidate lock (R11)',
    change: (base) =>
      base.populate === v1UptodatePrepared.populate
        ? {}
        : { populate: populateWithGupInside({ clearFirst: base.populate !== v2HookEveryFault.populate }) },
  },
  {
    name: 'unlock-before-hook',
    title: 'the folio is unlocked before the arch hook runs',
    needs: hooksUnderFolioLock,
    change: (base) => ({
      *getPfn(g, gfn) {
        const body = () => unlockThenHook(g, gfn, base);
        return yield* base.returnsReference ? body() : underSharedLock(g, body);
      },
    }),
  },
  {
    name: 'mark-before-hook',
    title: 'the folio is marked prepared before the hook has succeeded (R6)',
    needs: tracksPrepared,
    change: () => ({
      *prepareFolio(g, folio, gfn) {
        if (yield* g.scheme.testPrepared(g, folio, gfn)) return 0;
        return yield* within('kvm_gmem_prepare_folio', g.version, function* () {
          yield* g.clearHighpage(folio);
          yield* g.scheme.markPrepared(g, folio, gfn);
          return yield* g.arch.prepare(g, folio);
        });
      },
    }),
  },
  {
    name: 'mark-before-clear',
    title: 'the folio is marked prepared before it is cleared',
    needs: tracksPrepared,
    change: () => ({
      *prepareFolio(g, folio, gfn) {
        if (yield* g.scheme.testPrepared(g, folio, gfn)) return 0;
        return yield* within('kvm_gmem_prepare_folio', g.version, function* () {
          yield* g.scheme.markPrepared(g, folio, gfn);
          yield* g.clearHighpage(folio);
          return yield* g.arch.prepare(g, folio);
        });
      },
    }),
  },
  {
    name: 'inverted-test',
    title: 'the test for uptodate is negated (R1)',
    needs: hooksEveryFault,
    change: () => ({
      *prepareFolio(g, folio) {
        if (yield* g.testUptodate(folio)) {
          yield* g.clearHighpage(folio);
          yield* g.markUptodate(folio);
        }
        return yield* g.arch.prepare(g, folio);
      },
    }),
  },
  {
    name: 'hook-before-clear',
    title: 'the hook assigns the page before the host clears it',
    needs: hooksEveryFault,
    change: () => ({
      *prepareFolio(g, folio) {
        const error = yield* g.arch.prepare(g, folio);
        if (error === 0) yield* clearOnce(g, folio);
        return error;
      },
    }),
  },
  {
    name: 'busy-not-awaited',
    title: 'truncation and conversion reset a busy index instead of waiting for it',
    needs: isTristate,
    change: () => ({ invalidating: v1UptodatePrepared.invalidating }),
  },
  {
    name: 'generation-late',
    title: 'the generation is looked at only after the folio was looked up (ABA)',
    needs: isTristate,
    change: (base) => ({
      *prepareFolio(g, folio, gfn) {
        yield* g.own<Tristate>().generation.at(gfn).take();
        return yield* base.prepareFolio(g, folio, gfn);
      },
    }),
  },
  {
    name: 'plain-bitmap-word',
    title: 'the bitmap is updated by a plain read-modify-write of its word (R5)',
    needs: hasBitmap,
    change: () => ({
      markPrepared: (g, _folio, gfn) => storeBit(g, gfn, true),
      indexTruncated: (g, gfn) => storeBit(g, gfn, false),
      folioMadeShared: (g, gfn) => storeBit(g, gfn, false),
    }),
  },
];

function* storeBit(g: Gmem, gfn: Gfn, value: boolean): Routine {
  const { prepared } = g.own<PreparedBitmap>();
  const word = yield* prepared.load(gfn);
  yield* prepared.store(gfn, word, value);
}

function* unlockThenHook(g: Gmem, gfn: Gfn, base: Scheme): Routine<Folio | number> {
  const folio = yield* getFolio(g, gfn);
  if (typeof folio === 'number') return folio;
  const prepared = tracksPrepared.of(base) && (yield* base.testPrepared(g, folio, gfn));
  if (!prepared) yield* tracksPrepared.of(base) ? g.clearHighpage(folio) : clearOnce(g, folio);
  yield* g.unlockFolio(folio);
  const hook = base.returnsReference ? !prepared : yield* g.isPrivate(gfn);
  const error = hook ? yield* g.arch.prepare(g, folio) : 0;
  if (error === 0 && tracksPrepared.of(base) && !prepared) yield* base.markPrepared(g, folio, gfn);
  if (error !== 0 || !base.returnsReference) yield* putFolio(g, folio);
  return error === 0 ? folio : error;
}
