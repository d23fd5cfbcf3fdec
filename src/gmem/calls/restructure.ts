/**
 * Restructuring: a large folio is split into folios of one page, or these are merged, in place and in the page cache
 * (hugetlb_restructuring.c of the HugeTLB series, V3d in docs/kernel.md). Nobody looks at a folio meanwhile: it is frozen,
 * with no references, and a lookup that meets it tries again. Imported by schemes.
 *
 * Of a folio that is poisoned a split only warns. Left out: the folio lock, which restructuring does not take either, and that
 * the flags of all pages but the first are lost where HugeTLB gives their struct pages up (hugetlb_vmemmap_optimize_folio()).
 */

import { choose } from '../../core/ops/choice.js';
import type { Op } from '../../core/ops/op.js';
import type { Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { EAGAIN, ENOMEM } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Folio, Gfn } from '../scheme.js';
import { blockOf, orderOf, pageCountOf, pagesOf } from '../world/folio-ref.js';
import { addToLru } from './filemap.js';
import { folioAt } from './folio-blocks.js';
import { LARGE_LEAF } from './map-level.js';

/** How a folio is frozen: by waiting for whoever holds a reference, or by a try that gives up (-EAGAIN). */
export type Freeze = 'spin' | 'try';

/** Splits the folio at a gfn into folios of one page, if it is a large one. 0, -EAGAIN or -ENOMEM. */
export function* splitFolio(g: Gmem, gfn: Gfn, freeze: Freeze = 'spin'): Routine<number> {
  const folio = yield* atomic('filemap_get_folio($i)', () => folioAt(g, gfn));
  if (folio === null || orderOf(folio) === 0) return 0;
  return yield* inFunction('kvm_gmem_split_folio_in_filemap', g.version, function* () {
    if (yield* memoryFails(g, 'xas_split_alloc() fails')) return -ENOMEM;
    const error = yield* freezeFolio(g, folio, freeze);
    if (error !== 0) return error;
    if (yield* memoryFails(g, 'hugetlb_vmemmap_restore_folio() fails')) {
      yield* unfreeze(g, folio);
      return -ENOMEM;
    }
    yield* splitFrozen(g, gfn, folio);
    return 0;
  });
}

/** What cannot fail of a split: the pages of a frozen folio become folios, with its flags, and are thawed one by one. */
export function* splitFrozen(g: Gmem, gfn: Gfn, folio: Folio): Routine {
  const [, ...tails] = pagesOf(folio);
  yield* atomic('split_folio($i)', function* () {
    for (const view of g.views) for (const isPrivate of [true, false]) yield* noLargeLeaf(view, gfn, isPrivate);
    if (yield* g.testUptodate(folio)) for (const page of tails) yield* g.markUptodate(page);
    if (hasFlags(g)) yield* g.scheme.carryFlags(g, folio, 'pages');
    yield* g.large!.orders.at(g.large!.blockOf(folio)).write(0);
  });
  for (const [place, page] of pagesOf(folio).entries()) {
    yield* unfreeze(g, page);
    yield* addToLru(g, blockOf(gfn)[place], page);
  }
}

/** I15, at a split: nothing maps the folio as a whole. */
function noLargeLeaf(g: Gmem, gfn: Gfn, isPrivate: boolean): Op<void> {
  return g
    .leaves(isPrivate)!
    .at(gfn)
    .apply<void>('no large leaf', 'none', {
      violation: (order) => (order === 0 ? undefined : { kind: 'stale-mapping', words: LARGE_LEAF }),
    });
}

/** Merges the folios of the block of a gfn into a large one, if they are all there. 0 or -EAGAIN. */
export function* mergeFolios(g: Gmem, gfn: Gfn, freeze: Freeze = 'spin'): Routine<number> {
  const pages = yield* smallFoliosOf(g, gfn);
  if (pages === undefined) return 0;
  return yield* inFunction('kvm_gmem_merge_folio_in_filemap', g.version, function* () {
    const error = yield* freezeFolios(g, pages, freeze);
    if (error === 0) yield* mergeFrozen(g, gfn, pages);
    return error;
  });
}

/** What cannot fail of a merge: the frozen folios of a block become one, whose flags are those of the head. */
export function* mergeFrozen(g: Gmem, gfn: Gfn, folios: readonly Folio[]): Routine {
  const large = g.large!;
  const folio = large.whole(large.blockOf(folios[0]));
  yield* g.scheme.mergingFolios(g, folios);
  yield* atomic('merge_folio($i)', function* () {
    for (const page of blockOf(gfn)) yield* g.pages.at(page).write(folio);
    yield* large.orders.at(large.blockOf(folio)).write(large.order);
    if (hasFlags(g)) yield* g.scheme.carryFlags(g, folio, 'folio');
  });
  yield* unfreeze(g, folio);
}

/** Whether folios have flags besides uptodate. */
function hasFlags({ parts }: Gmem): boolean {
  return parts.poison || parts.noDirectMap;
}

/** The folios of the block of a gfn where each page has one; undefined where the folio is large, or a page has none. */
export function* smallFoliosOf(g: Gmem, gfn: Gfn): Routine<readonly Folio[] | undefined> {
  if (g.large === undefined) return undefined;
  const found = yield* atomic('filemap_get_folios($i)', function* () {
    const first = yield* folioAt(g, gfn);
    if (first === null || orderOf(first) > 0) return null;
    for (const page of blockOf(gfn)) if (!(yield* g.pages.at(page).equals(first))) return null;
    return first;
  });
  if (found === null) return undefined;
  return pagesOf(g.large.whole(g.large.blockOf(found)));
}

/** Freezes all of these folios, or none. 0 or -EAGAIN. */
export function* freezeFolios(g: Gmem, folios: readonly Folio[], freeze: Freeze): Routine<number> {
  for (const [at, folio] of folios.entries()) {
    const error = yield* freezeFolio(g, folio, freeze);
    if (error === 0) continue;
    for (const frozen of folios.slice(0, at)) yield* unfreeze(g, frozen);
    return error;
  }
  return 0;
}

/** folio_ref_freeze(): nobody but the page cache may hold a reference. 0, or -EAGAIN where it is tried and somebody does. */
function* freezeFolio(g: Gmem, folio: Folio, freeze: Freeze): Routine<number> {
  const count = g.refcounts.at(folio);
  const expected = pageCountOf(folio);
  if (freeze === 'spin') {
    yield* spinUntilFrozen(g, folio);
    return 0;
  }
  const frozen = yield* count.cmpxchg(expected, 0).named(`folio_ref_freeze($i, ${expected})`);
  return frozen ? 0 : -EAGAIN;
}

function spinUntilFrozen(g: Gmem, folio: Folio): Op<void> {
  const expected = pageCountOf(folio);
  const isAlone = (count: number) => count === expected;
  return g.refcounts
    .at(folio)
    .waitUntil(isAlone, () => 0)
    .named(`while (!folio_ref_freeze($i, ${expected}))`);
}

/** folio_ref_unfreeze(): what the page cache has of references. */
export function unfreeze(g: Gmem, folio: Folio): Op<void> {
  return g.refcounts
    .at(folio)
    .write(pageCountOf(folio))
    .named(`folio_ref_unfreeze($i, ${pageCountOf(folio)})`);
}

/** An allocation that may fail, where the scenario lets it. */
export function* memoryFails(g: Gmem, what: string): Routine<boolean> {
  return g.scenario.allocationFails && (yield* choose(2, what, ['no', 'yes'])) === 1;
}
