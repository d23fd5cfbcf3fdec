/**
 * Variants about what a folio has besides its contents, the poison of a page and the direct map, and about who may bring one into
 * the page cache or map it (R57, R103, R106 and "A large folio that write(2) leaves over a shared page" in docs/kernel.md). Part of the list in variants.ts.
 */

import { carryMark, carryPoison } from '../calls/carry-flags.js';
import { batchOrderOf, inBatches } from '../calls/convert-blocks.js';
import { splitDirectMapFails } from '../calls/direct-map.js';
import { invalidateAndTruncate } from '../calls/fallocate.js';
import { underSharedLock } from '../calls/get-pfn.js';
import { poisonThenHandle } from '../calls/memory-failure.js';
import { resolveUnderLock } from '../calls/userfault.js';
import { EINVAL, ENOMEM } from '../errno.js';
import type { Scheme } from '../scheme.js';
import { coversBlocks, orderOf } from '../world/folio-ref.js';
import type { Mutation } from './mutations.js';

const splitsFolios: Mutation['needs'] = {
  words: 'a scheme that splits and merges folios, as v3d-hugetlb',
  traits: {},
  misses: (base) => (batchOrderOf(base) === undefined ? 'its folios are never split' : undefined),
};

/** Those about poison, the direct map and write(2). */
export const flagVariants: readonly Mutation[] = [
  {
    name: 'poison-by-page',
    title: 'a split gives the poison to the pages that have failed, and a merge takes that of any page',
    needs: splitsFolios,
    change: (base) => ({
      *carryFlags(g, folio, to) {
        yield* base.carryFlags(g, folio, to);
        yield* carryPoison(g, folio, to);
      },
    }),
  },
  {
    name: 'poison-rejected',
    title: 'a conversion of a block of which a page has failed is refused with -EHWPOISON before it changes anything',
    needs: splitsFolios,
    change: (base) => ({ setAttributes: inBatches({ ...batchOrderOf(base)!, poison: 'rejected' }) }),
  },
  {
    name: 'hugetlb-migratable',
    title: 'the large folios of the file are marked as migratable, so memory_failure() takes them and handles them',
    needs: splitsFolios,
    change: () => ({ memoryFailure: poisonThenHandle }),
  },
  {
    name: 'direct-map-by-page',
    title:
      'a large folio is taken out of the direct map page by page, so that its page table is split while that may fail',
    needs: {
      words: 'faults that take folios out of the direct map',
      traits: { directMap: ['marked', 'unmarked'] },
    },
    change: (base) => ({
      *zapDirectMap(g, folio) {
        const splits = g.parts.noDirectMap && orderOf(folio) > 0 && !(yield* g.testNoDirectMap(folio));
        if (splits && (yield* splitDirectMapFails(g, folio))) return -ENOMEM;
        return yield* base.zapDirectMap(g, folio);
      },
    }),
  },
  {
    name: 'direct-map-carried',
    title:
      'a split gives the mark of the direct map to every page; a merge keeps it if all have it, or puts pages back',
    needs: {
      words: 'a scheme that splits folios and marks what it takes out of the direct map',
      traits: { directMap: ['marked'] },
      misses: splitsFolios.misses!,
    },
    change: (base: Scheme) => ({
      *carryFlags(g, folio, to) {
        yield* carryMark(g, folio, to);
        yield* base.carryFlags(g, folio, to);
      },
    }),
  },
  {
    name: 'punch-unmerged',
    title: 'a punched hole removes the folios of a block as they are, and does not merge them first',
    needs: splitsFolios,
    change: () => ({
      *punchHole(g, gfns) {
        return coversBlocks(gfns) ? yield* invalidateAndTruncate(g, gfns) : -EINVAL;
      },
    }),
  },
  {
    name: 'write-under-lock',
    title: 'write(2) looks its folio up under the shared invalidate lock, as a user fault does',
    needs: { words: 'any scheme', traits: {} },
    change: (base) => ({
      writeBegin: (g, gfn) => underSharedLock(g, () => base.writeBegin(g, gfn)),
    }),
  },
  {
    name: 'continue-clears',
    title: 'UFFDIO_CONTINUE clears a folio that is not uptodate, as a user fault does, before it maps it',
    needs: { words: 'any scheme', traits: {} },
    change: (base) => ({
      *folioToContinue(g, gfn) {
        const folio = yield* base.folioToContinue(g, gfn);
        if (typeof folio !== 'number') yield* g.scheme.clearFolio(g, folio, gfn);
        return folio;
      },
    }),
  },
  {
    name: 'uffd-under-lock',
    title:
      'UFFDIO_COPY and UFFDIO_CONTINUE take the shared invalidate lock and ask for the attribute, as a user fault does',
    needs: { words: 'any scheme', traits: {} },
    change: () => ({ resolveUserfault: resolveUnderLock }),
  },
];
