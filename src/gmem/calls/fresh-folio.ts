/**
 * A new folio where folios are large from the start: it is split once it is in the page cache, unless all of its pages are private
 * (V3d in docs/kernel.md). Imported by schemes and variants.
 */

import type { Routine } from '../../core/ops/routine.js';
import type { Gmem } from '../gmem.js';
import type { Folio, Gfn } from '../scheme.js';
import { blockOf, orderOf, pageOf } from '../world/folio-ref.js';
import { allocFolio, putFolio } from './filemap.js';
import { allocHuge } from './hugetlb-pool.js';
import { splitFolio } from './restructure.js';

/** The allocation: a whole block, or nothing. */
export function* newWholeFolio(g: Gmem, gfn: Gfn): Routine<Folio | null> {
  return yield* g.large === undefined ? allocFolio(g, gfn) : allocHuge(g, g.large);
}

/** kvm_gmem_get_folio() with a large folio of its own: it stays large only if all of its pages are private. */
export function* splitUnlessPrivate(g: Gmem, gfn: Gfn, folio: Folio): Routine<Folio | number> {
  if (orderOf(folio) === 0) return folio;
  let isPrivate = true;
  for (const page of blockOf(gfn)) isPrivate &&= yield* g.isPrivate(page);
  if (isPrivate) return folio;
  yield* g.unlockFolio(folio);
  yield* putFolio(g, folio);
  const error = yield* splitFolio(g, gfn);
  if (error !== 0) return error;
  return yield* lockSplit(g, pageOf(folio, gfn));
}

/** The folio of a page that was just split off. It is taken for unlocked: its lock bit is set by a plain store. */
function* lockSplit(g: Gmem, page: Folio): Routine<Folio> {
  const locked = yield* g.folioLocks.at(page).trylock().named('__folio_set_locked($i)');
  const words = 'a folio is locked by a plain store while somebody else has it locked, and both believe it is theirs';
  yield* g.refcounts.at(page).apply<void>('folio_get($i)', 'none', {
    next: (count) => count + 1,
    violation: () => (locked ? undefined : { kind: 'lock-misuse', words }),
  });
  return page;
}
