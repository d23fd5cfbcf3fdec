/**
 * Variants: named other ways to do one thing that a scheme does, as kernel versions and proposals do it, written as
 * `scheme+variant`. Each is a patch on whatever scheme it is given, as a mutation is, but no bug that was planted: what
 * comes of it is what one wants to know. Imported by the scheme lookup and by tests.
 */

import { ModelError } from '../../core/errors.js';
import { type BatchOrder, batchOrderOf, inBatches } from '../calls/convert-blocks.js';
import { byWorkList } from '../calls/convert-work-list.js';
import {
  forgetNoDirectMap,
  refusedIfMarked,
  rememberNoDirectMap,
  restoreIfMarked,
  zapThenMark,
} from '../calls/direct-map.js';
import { putFolio, truncateRange } from '../calls/filemap.js';
import { allocPage, rangeIsEmpty } from '../calls/folio-blocks.js';
import { clearOnce, clearWhole } from '../calls/get-pfn.js';
import { getFolioRef, leakFolio, leaveToWorker, putThenReclaim } from '../calls/lifetime.js';
import { anyPoisoned, delayedPasses } from '../calls/memory-failure.js';
import { invalidateVmsaAt, loadVmsaChecked, loadVmsaUnchecked } from '../calls/vmsa.js';
import { EHWPOISON } from '../errno.js';
import type { TraitNeeds } from '../traits.js';
import { blockOf, pagesOf } from '../world/folio-ref.js';
import { bindingVariants } from './binding-variants.js';
import { endVariants } from './end-variants.js';
import { flagVariants } from './flag-variants.js';
import { largeVariants } from './large-variants.js';
import { linkVariants } from './link-variants.js';
import type { Mutation } from './mutations.js';
import { hasWorker, LARGE_FROM_THE_START, poolVariants } from './pool-variants.js';
import { answering } from './rewrite.js';
import { rmpoptVariants } from './rmpopt-variants.js';
import { septVariants } from './sept-variants.js';
import { slotVariants } from './slot-variants.js';
import { tdVariants } from './td-variants.js';
import { userVariants } from './user-variants.js';

/** A named change of a scheme that is another way and no planted bug. */
export type Variant = Mutation;

const anyScheme = { words: 'any scheme', traits: {} };
const reclaimsAtRemoval: { words: string; traits: TraitNeeds } = {
  words: 'a page that is taken back when it leaves the page cache',
  traits: { reclaim: ['at-removal'] },
};

/** All variants. */
export const variants: readonly Variant[] = [
  {
    name: 'clear-whole-folio',
    title: 'whoever finds a large folio not uptodate clears all of its pages, and not the first alone',
    needs: { words: 'faults that ask for uptodate', traits: { uptodate: ['cleared'] } },
    change: () => ({ clearFolio: clearWhole }),
  },
  batchVariant('store-inside', 'a conversion stores the attribute before it ends its invalidation', { end: 'last' }),
  batchVariant(
    'prepare-first',
    'a conversion does all that can fail first, freezes every folio of the block by a try, and ends its invalidation last',
    { freeze: 'try-first', end: 'last' },
  ),
  {
    name: 'work-list',
    title:
      'a conversion writes its blocks down first, converts them in one invalidation, and goes back where one fails',
    needs: LARGE_FROM_THE_START,
    change: () => ({ setAttributes: byWorkList({ noMemory: 'returned', index: 'signed' }) }),
  },
  {
    name: 'split-before-insert',
    title:
      'a block that has shared pages gets folios of one page from the start, and no large one that is split afterwards',
    needs: LARGE_FROM_THE_START,
    change: (base) => ({
      *newFolio(g, gfn) {
        if (g.large === undefined) return yield* base.newFolio(g, gfn);
        if (g.large.metadata !== undefined) {
          throw new ModelError('a block of folios of one page is no huge page; set hugetlbPool to false');
        }
        for (const page of blockOf(gfn)) if (!(yield* g.isPrivate(page))) return yield* allocPage(g, g.large, gfn);
        return yield* (yield* rangeIsEmpty(g, gfn)) ? base.newFolio(g, gfn) : allocPage(g, g.large, gfn);
      },
      freshFolio: (_g, _gfn, folio) => answering(folio),
    }),
  },
  {
    name: 'clear-before-merge',
    title: 'pages that no flag says are cleared are cleared before their folios are merged into one',
    needs: LARGE_FROM_THE_START,
    change: () => ({
      *mergingFolios(g, folios) {
        for (const folio of folios) yield* clearOnce(g, folio);
      },
    }),
  },
  {
    name: 'drop-reference',
    title: 'the lookup of a fault returns without its reference to the folio, as with in-place conversion',
    needs: { words: 'a getPfn that returns with a reference', traits: { reference: ['returned'] } },
    change: (base) => ({
      returnsReference: false,
      *getPfn(g, gfn, isPrivate) {
        const folio = yield* base.getPfn(g, gfn, isPrivate);
        if (typeof folio !== 'number') yield* putFolio(g, folio);
        return folio;
      },
    }),
  },
  {
    name: 'clear-at-allocation',
    title: 'a folio is cleared and marked uptodate before it enters the page cache, whoever allocates it',
    needs: { words: 'faults that ask for uptodate', traits: { uptodate: ['cleared'] } },
    change: (base) => ({
      *newFolio(g, gfn) {
        const folio = yield* base.newFolio(g, gfn);
        if (folio === null) return null;
        for (const page of pagesOf(folio)) yield* g.clearPage(page);
        yield* g.markUptodate(folio);
        return folio;
      },
    }),
  },
  {
    name: 'reclaim-at-last-put',
    title: 'a page is taken back from the guest when its last reference goes, not when it leaves the page cache',
    needs: reclaimsAtRemoval,
    change: () => ({ *freeFolio() {}, putFolio: putThenReclaim }),
  },
  {
    name: 'reclaim-by-worker',
    title:
      'a page that leaves the page cache is left to a worker with a reference; the worker takes it back, then puts it',
    needs: { ...reclaimsAtRemoval, misses: hasWorker },
    change: () => ({
      *freeFolio(g, folio) {
        yield* getFolioRef(g, folio);
        yield* leaveToWorker(g, folio);
      },
      *freeWork(g, folio) {
        yield* g.arch.reclaim(g, folio);
        yield* putFolio(g, folio);
      },
    }),
  },
  {
    name: 'reclaim-by-worker-unheld',
    title:
      'a page that leaves the page cache is left to a worker without a reference: it is free before it is taken back',
    needs: { ...reclaimsAtRemoval, misses: hasWorker },
    change: () => ({
      freeFolio: leaveToWorker,
      *freeWork(g, folio) {
        yield* g.arch.reclaim(g, folio);
      },
    }),
  },
  {
    name: 'leak-unreclaimed',
    title: 'a page that leaves the file and cannot be taken back from the guest is never freed',
    needs: anyScheme,
    change: () => ({
      *reclaimFailed(g, folio) {
        yield* leakFolio(g, folio);
      },
    }),
  },
  {
    name: 'remove-rejected',
    title: 'a page that populate could not launch leaves the page cache',
    needs: anyScheme,
    change: () => ({
      *populateFailed(g, gfn) {
        yield* truncateRange(g, [gfn]);
      },
    }),
  },
  {
    name: 'one-arch-hook',
    title: 'one arch hook serves both intents: conversion to shared takes a page back as if the file gave it up',
    needs: anyScheme,
    change: () => ({
      *giveToHost(g, folio) {
        yield* g.arch.reclaim(g, folio);
      },
    }),
  },
  {
    name: 'vmsa-sequence-check',
    title: 'a vCPU that loads its VMSA compares mmu_invalidate_seq under mmu_lock, and asks again where it has moved',
    needs: {
      words: 'a load of the VMSA without a check',
      traits: { vmsaLoad: ['unchecked'] },
      misses: ({ loadVmsa }) => (loadVmsa === loadVmsaUnchecked ? undefined : 'its load takes a snapshot of its own'),
    },
    change: () => ({ loadVmsa: loadVmsaChecked }),
  },
  {
    name: 'vmsa-invalidation',
    title: 'the begin of an invalidation takes a VMSA in its range away, asks for a reload and kicks the vCPU',
    needs: { words: 'invalidations that leave vCPUs alone', traits: { vmsaInvalidation: ['none'] } },
    change: () => ({ invalidateVmsa: invalidateVmsaAt }),
  },
  {
    name: 'mf-delayed',
    title: 'memory_failure() passes MF_DELAYED on, and expects the reference of the page cache',
    needs: {
      words: 'a memory_failure() that takes MF_DELAYED for a failure',
      traits: { delayed: ['failed'] },
    },
    change: () => ({ actionResult: delayedPasses }),
  },
  {
    name: 'poison-refused',
    title: 'a conversion to private of a page whose memory has failed is -EHWPOISON, and not -EAGAIN',
    needs: anyScheme,
    change: (base) => ({
      *makeConvertible(g, gfns) {
        return (yield* anyPoisoned(g, gfns)) ? -EHWPOISON : yield* base.makeConvertible(g, gfns);
      },
    }),
  },
  {
    name: 'mf-folio-unlocked',
    title: 'memory_failure() unlocks the folio while kvm_gmem_error_folio() takes the invalidate lock and zaps',
    needs: { words: 'a scheme', traits: {} },
    change: (base) => ({
      *errorFolio(g, gfn, folio) {
        yield* g.unlockFolio(folio);
        yield* base.errorFolio(g, gfn, folio);
        yield* g.lockFolio(folio);
      },
    }),
  },
  {
    name: 'direct-map-v7',
    title: 'a folio is taken out of the direct map once it is cleared; its mark is stored by "&" and so never set',
    needs: { words: 'faults that leave the direct map alone', traits: { directMap: ['kept'] } },
    change: () => ({ zapDirectMap: zapThenMark(forgetNoDirectMap), restoreDirectMap: restoreIfMarked }),
  },
  {
    name: 'direct-map-v12',
    title: 'the same with the mark stored, which write(2) and populate ask before they copy',
    needs: { words: 'faults that leave the direct map alone', traits: { directMap: ['kept'] } },
    change: () => ({
      zapDirectMap: zapThenMark(rememberNoDirectMap),
      restoreDirectMap: restoreIfMarked,
      copyRefused: refusedIfMarked,
    }),
  },
  ...largeVariants,
  ...septVariants,
  ...tdVariants,
  ...flagVariants,
  ...poolVariants,
  ...linkVariants,
  ...bindingVariants,
  ...endVariants,
  ...slotVariants,
  ...rmpoptVariants,
  ...userVariants,
];

/** Another order of the conversions that go block by block. */
function batchVariant(name: string, title: string, change: Partial<BatchOrder>): Variant {
  return {
    name,
    title,
    needs: {
      words: 'conversions that go block by block, as those of v3d-hugetlb',
      traits: {},
      misses: (base) =>
        batchOrderOf(base) === undefined ? 'its conversions take their whole range at once' : undefined,
    },
    change: (base) => ({ setAttributes: inBatches({ ...batchOrderOf(base)!, ...change }) }),
  };
}
