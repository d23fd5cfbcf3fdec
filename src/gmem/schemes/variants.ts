/**
 * Variants: named other ways to do one thing that a scheme does, as kernel versions and proposals do it, written as
 * `scheme+variant`. Each is a patch on whatever scheme it is given, as a mutation is, but no bug that was planted: what
 * comes of it is what one wants to know. Imported by the scheme lookup and by tests.
 */

import { type BatchOrder, batchOrderOf, inBatches } from '../calls/convert-blocks.js';
import { clearWhole } from '../calls/get-pfn.js';
import { pagesOf } from '../world/folio-ref.js';
import type { Mutation } from './mutations.js';

/** A named change of a scheme that is another way and no planted bug. */
export type Variant = Mutation;

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
    name: 'clear-at-allocation',
    title: 'a folio is cleared and marked uptodate before it enters the page cache, whoever allocates it',
    needs: { words: 'faults that ask for uptodate', traits: { uptodate: ['cleared'] } },
    change: (base) => ({
      *newFolio(g, gfn) {
        const folio = yield* base.newFolio(g, gfn);
        if (folio === null) return null;
        for (const page of pagesOf(folio)) yield* g.clearHighpage(page);
        yield* g.markUptodate(folio);
        return folio;
      },
    }),
  },
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
