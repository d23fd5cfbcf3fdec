/**
 * Folios in blocks: looking folios up, allocating and freeing them where some are large. One large folio takes a whole block of
 * frames; a folio of one page takes the frame at its place. Imported by the other calls.
 */

import { here, type Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import type { Gmem } from '../gmem.js';
import type { Folio, Gfn } from '../scheme.js';
import { blockOf, orderOf, pagesOf, placeInBlock } from '../world/folio-ref.js';
import type { LargeFolios } from '../world/large-folios.js';

/** What the page cache holds at an index: a part of a section, because the order is looked at besides. */
export function* folioAt(g: Gmem, gfn: Gfn): Routine<Folio | null> {
  const block = yield* g.pages.at(gfn).read();
  if (block === null || g.large === undefined) return block;
  return (yield* isLarge(g.large, block)) ? g.large.whole(block) : g.large.range(block, placeInBlock(gfn));
}

/** The folio of a block of frames at a place, as whoever has only its page finds it. */
export function* folioFrom(large: LargeFolios, block: Folio, place: number): Routine<Folio> {
  const isHeadOfAll = place === 0 && (yield* isLarge(large, block));
  return isHeadOfAll ? large.whole(block) : large.range(block, place);
}

/** The page that a user PTE maps: large folios have none. */
export function* userPageAt(g: Gmem, gfn: Gfn): Routine<Folio | null> {
  return pageIn(g, gfn, yield* g.userPtes.at(gfn).read());
}

/** The page of a block of frames at which a gfn lies; what was read from a cell of the gfn, without large folios. */
export function pageIn(g: Gmem, gfn: Gfn, block: Folio | null): Folio | null {
  return block === null || g.large === undefined ? block : g.large.range(block, placeInBlock(gfn));
}

/** filemap_get_entry() in blocks: a folio that is frozen (no references, being split or merged) is waited for. */
export function* getEntryInBlock(g: Gmem, gfn: Gfn): Routine<Folio | null> {
  const again = yield* here();
  const found = yield* atomic('filemap_get_entry()', function* () {
    const folio = yield* folioAt(g, gfn);
    if (folio === null) return null;
    const got = yield* g.refcounts.at(folio).apply<boolean>('folio_try_get($i)', 'boolean', {
      next: (count) => (count > 0 ? count + 1 : count),
      result: (count) => (count > 0 ? 1 : 0),
    });
    return got ? folio : 0;
  });
  return typeof found === 'number' ? yield* again() : found;
}

/**
 * A folio for an index: a large one if its range of the page cache is empty and a block of frames is free, else one of one
 * page; null when there is none.
 */
export function* allocInBlock(g: Gmem, gfn: Gfn): Routine<Folio | null> {
  const large = g.large!;
  const folio = (yield* rangeIsEmpty(g, gfn)) ? yield* allocWhole(g, large) : null;
  return folio ?? (yield* allocPage(g, large, gfn));
}

/** filemap_range_has_page() of the block of a gfn: whether it has none. */
export function* rangeIsEmpty(g: Gmem, gfn: Gfn): Routine<boolean> {
  return yield* atomic('!filemap_range_has_page($i)', function* () {
    for (const page of blockOf(gfn)) if (!(yield* g.pages.at(page).equals(null))) return false;
    return true;
  });
}

/** A large folio of its own, with one reference; null when no block is free. */
export function* allocWhole(g: Gmem, large: LargeFolios): Routine<Folio | null> {
  return yield* atomic('filemap_alloc_folio()', function* () {
    const block = yield* large.blocks.claim('whole', 'TAKE');
    if (block === null) return null;
    const folio = large.whole(block);
    yield* large.orders.at(block).write(large.order);
    for (const page of pagesOf(folio)) yield* g.folios.at(page).send('ALLOCATE');
    yield* g.refcounts.at(folio).write(1);
    return folio;
  });
}

/** A folio of one page for an index; null when no frame of its place is free. */
export function* allocPage(g: Gmem, large: LargeFolios, gfn: Gfn): Routine<Folio | null> {
  const place = placeInBlock(gfn);
  return yield* atomic('filemap_alloc_folio()', function* () {
    const block = yield* large.blocks.claim(`free${place}`, `TAKE${place}`);
    if (block === null) return null;
    const folio = large.range(block, place);
    yield* g.folios.at(folio).send('ALLOCATE');
    yield* g.refcounts.at(folio).write(1);
    return folio;
  });
}

/** free_unref_folio(): all frames of a folio go back. A part of the section that dropped its last reference. */
export function* freeFrames(g: Gmem, folio: Folio): Routine<void> {
  // free_pages_prepare() keeps a poisoned page from the free lists.
  if (g.parts.poison && (yield* g.testHwpoison(folio))) return;
  const event = g.parts.nextOwner ? 'FREE_AS_IS' : 'FREE';
  for (const page of pagesOf(folio)) yield* g.folios.at(page).send(event).named('free_unref_folio($i)');
  if (g.large === undefined) return;
  const block = g.large.blockOf(folio);
  if (orderOf(folio) > 0) yield* g.large.orders.at(block).write(0);
  yield* g.large.blocks.at(block).send(orderOf(folio) > 0 ? 'GIVE' : `GIVE${placeInBlock(folio)}`);
}

function* isLarge({ orders }: LargeFolios, block: Folio): Routine<boolean> {
  const result = (order: number) => (order > 0 ? 1 : 0);
  return yield* orders.at(block).apply<boolean>('folio_test_large($i)', 'boolean', { result });
}
