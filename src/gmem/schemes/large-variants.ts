/**
 * Variants about large folios: what one clear, one flag and one hook may say of many pages (R2, R3 and "What a review asked" in
 * docs/kernel.md). Each is a patch on whatever scheme it is given. Part of the list in variants.ts.
 */

import type { CellArray } from '../../core/ops/cell.js';
import type { Op } from '../../core/ops/op.js';
import type { Routine } from '../../core/ops/routine.js';
import { defineArch } from '../arch/arch.js';
import { isGivenElsewhere } from '../arch/snp-rmp-owner.js';
import { atomic } from '../atomic.js';
import { forgetting } from '../calls/forgetting.js';
import { getPfnByAttribute, underSharedLock } from '../calls/get-pfn.js';
import { orderInSlot } from '../calls/map-level.js';
import { EINVAL } from '../errno.js';
import type { Gmem } from '../gmem.js';
import type { Folio, Gfn } from '../scheme.js';
import { gfnsOf, pageOf, pagesOf } from '../world/folio-ref.js';
import { PageArrays } from '../world/parted.js';
import { hookVariant } from './hook-variant.js';
import type { Mutation } from './mutations.js';
import { ANY, answering, rewritten, sameKind } from './rewrite.js';

/** What `clear-each-page` declares: of every page of the file, whether it was cleared. */
interface ClearedPages {
  readonly cleared: CellArray;
}

/** Variants about large folios. */
export const largeVariants: readonly Mutation[] = [
  {
    name: 'clear-each-page',
    title: 'the inode remembers of each page that it was cleared, and not of a folio; a page that leaves is forgotten',
    needs: {
      words: 'faults that ask for uptodate, under the invalidate lock',
      traits: { uptodate: ['cleared'], faultLock: ['shared', 'exclusive'] },
    },
    change: (base) => ({
      declare: (m, scenario): ClearedPages => ({
        ...(base.declare?.(m, scenario) as object | undefined),
        cleared: new PageArrays(m, scenario.maxOrder ?? 0).cells('page_cleared', scenario.gfns),
      }),
      *clearFolio(g, folio, gfn) {
        for (const each of gfnsOf(folio, gfn)) yield* forgetting(g, () => clearAt(g, pageOf(folio, each), each));
      },
      *indexTruncated(g, gfn) {
        yield* base.indexTruncated(g, gfn);
        // Of a folio that reaches out of the hole nothing has left.
        yield* atomic('page_cleared[$i] = 0, if i_pages[$i] == NULL', function* () {
          if (yield* g.pages.at(gfn).equals(null)) yield* clearedAt(g, gfn).write(0);
        });
      },
    }),
  },
  {
    name: 'forget-what-left',
    title: 'a punch forgets only what has left the page cache, and not that a page of a folio is prepared which stays',
    needs: { words: 'any scheme', traits: {} },
    change: (base) => ({
      *indexTruncated(g, gfn) {
        yield* atomic('if i_pages[$i] == NULL', function* () {
          if (yield* g.pages.at(gfn).equals(null)) yield* base.indexTruncated(g, gfn);
        });
      },
    }),
  },
  {
    name: 'arch-clears',
    title: 'the clearing of private memory is left to the arch hook, which clears the pages that it gives to the guest',
    needs: { words: 'faults that ask for uptodate', traits: { uptodate: ['cleared'] } },
    change: (base) => ({
      *clearFolio(g, folio, gfn) {
        if (!(yield* g.isPrivate(gfn))) yield* base.clearFolio(g, folio, gfn);
      },
      *assigning(g, page) {
        yield* g.clearPage(page);
      },
    }),
  },
  {
    name: 'map-one-page',
    title: 'max_order is 0 whatever the folio is: a fault maps the page that it is about, and no other',
    needs: { words: 'any scheme', traits: {} },
    change: (base) => ({
      mapFolio: (g, gfn, folio, isPrivate) =>
        base.mapFolio(
          g.with({ arch: defineArch(g.arch, { maxMappingOrder: () => answering(0) }) }),
          gfn,
          folio,
          isPrivate,
        ),
    }),
  },
  hookVariant(
    'prepare-page',
    'the hook is asked about the page of the fault, and not about the first one of its folio',
    {
      *prepare(g, folio, gfn) {
        return yield* g.arch.prepare(g, folio, pageOf(folio, gfn));
      },
    },
  ),
  hookVariant('prepare-every-page', 'the hook prepares every page of the folio that is not, and not the first alone', {
    *prepare(g, folio) {
      for (const page of [folio, ...pagesOf(folio).slice(1)]) {
        const error = yield* g.arch.prepare(g, page);
        if (error !== 0) return error;
      }
      return 0;
    },
  }),
  {
    name: 'prepare-if-private',
    title: 'the hook runs only where the attribute says private, as in V3b',
    needs: {
      words: 'faults that always call the arch hook, under the invalidate lock',
      traits: { hook: ['every-fault'], faultLock: ['shared', 'exclusive'] },
    },
    change: (base) => ({
      getPfn(g, gfn, isPrivate) {
        function* prepare(view: Gmem, ...pages: readonly [Folio, Folio?]): Routine<number> {
          return (yield* g.isPrivate(gfn)) ? yield* g.arch.prepare(view, ...pages) : 0;
        }
        return base.getPfn(g.with({ arch: defineArch(g.arch, { prepare }) }), gfn, isPrivate);
      },
    }),
  },
  {
    name: 'clamp-max-order',
    title: 'the lookup of a fault reports order 0 where its memslot does not show all of the folio',
    needs: {
      words: 'a lookup that reports the order of the folio, as those of v3d-hugetlb',
      traits: {},
      misses: ({ maxOrder }) => (maxOrder === orderInSlot ? 'its lookup asks the memslot already' : undefined),
    },
    change: () => ({ maxOrder: orderInSlot }),
  },
  hookVariant(
    'prepare-exact',
    'the hook is asked for what can be mapped and no more: the folio, or the page of the fault where max_order is 0',
    {
      *prepare(g, folio, gfn) {
        const order = yield* g.scheme.maxOrder(g, gfn, folio);
        const page = pageOf(folio, gfn);
        return yield* g.arch.prepare(g, order > 0 ? folio : page, page);
      },
    },
  ),
  hookVariant(
    'compare-gpa',
    'the hook compares the guest address that the RMP names with that of the fault: a page given elsewhere is an error',
    {
      *prepare(g, folio, gfn, hook) {
        return (yield* isGivenElsewhere(g, gfn, pageOf(folio, gfn))) ? -EINVAL : yield* hook();
      },
    },
  ),
  {
    name: 'populate-unmarked',
    title: 'populate leaves the flag of the folio alone, of which it has written one page',
    needs: {
      words: 'a populate that marks what it has written, next to faults without the invalidate lock',
      traits: { uptodate: ['cleared', 'cleared-and-prepared'], faultLock: ['none'] },
    },
    change: (base) => ({
      populate: (g, gfns) =>
        rewritten(base.populate(g, gfns), (op: Op<unknown>) =>
          sameKind(op, g.markUptodate(ANY)) ? answering(undefined) : undefined,
        ),
    }),
  },
  {
    name: 'return-reference',
    title: 'the lookup of a fault returns with its reference to the folio, as in V3a',
    needs: {
      words: 'a getPfn that drops its reference, as with in-place conversion',
      traits: { reference: ['dropped'], hook: ['if-private'], faultLock: ['shared'] },
    },
    change: () => ({
      returnsReference: true,
      *getPfn(g, gfn) {
        return yield* underSharedLock(g, () => getPfnByAttribute(g, gfn, true));
      },
    }),
  },
];

function clearedAt(g: Gmem, gfn: Gfn) {
  return g.own<ClearedPages>().cleared.at(gfn);
}

/** With the folio locked, and the invalidate lock held by who looked it up. */
function* clearAt(g: Gmem, page: Folio, gfn: Gfn): Routine {
  const isCleared = { result: (value: number) => (value === 1 ? 1 : 0) };
  if (yield* clearedAt(g, gfn).apply<boolean>('%', 'boolean', isCleared)) return;
  yield* g.clearPage(page);
  yield* clearedAt(g, gfn).write(1);
}
