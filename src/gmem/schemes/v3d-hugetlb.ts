/**
 * The HugeTLB series with TDX splitting (V3d in docs/kernel.md): folios are large from the start, and split where a block has
 * shared pages. A conversion goes block by block, and of each it ends the invalidation before it restructures and stores.
 *
 * Left out: what TDX splits before a zap, the pool of HugeTLB with its reservations, and memcg.
 */

import type { Routine } from '../../core/ops/routine.js';
import { unmapThenCountUndrained } from '../calls/convert.js';
import { inBatches } from '../calls/convert-blocks.js';
import { allocFolio, getFolio, putFolio, truncateRange } from '../calls/filemap.js';
import { allocWhole } from '../calls/folio-blocks.js';
import { underExclusiveLock, underSharedLock } from '../calls/get-pfn.js';
import { orderOfFolio } from '../calls/map-level.js';
import { invalidateBegin, invalidateEnd } from '../calls/mmu.js';
import { mergeFolios, splitFolio } from '../calls/restructure.js';
import { EAGAIN, EINVAL } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { defineScheme, type Folio, type Gfn } from '../scheme.js';
import { batchesOf, blockOf, isSameGfn, orderOf, pageOf } from '../world/folio-ref.js';
import { v3Inplace } from './v3-inplace.js';

/** V3d in docs/kernel.md, as it was posted. */
export const v3dHugetlb = defineScheme(v3Inplace, {
  name: 'v3d-hugetlb',
  title: 'folios of HugeTLB, split where a block has shared pages; each block ends its invalidation, then stores',
  version: 'V3d',
  returnsReference: true,
  traits: { ...v3Inplace.traits, hook: 'every-fault', reference: 'returned', attributeStore: 'none' },

  *newFolio(g, gfn) {
    return yield* g.large === undefined ? allocFolio(g, gfn) : allocWhole(g, g.large);
  },
  freshFolio: splitUnlessPrivate,
  maxOrder: orderOfFolio,
  *getPfn(g, gfn) {
    return yield* underSharedLock(g, function* () {
      const folio = yield* getFolio(g, gfn);
      if (typeof folio === 'number') return folio;
      yield* g.scheme.clearFolio(g, folio, gfn);
      const error = yield* g.arch.prepare(g, folio);
      yield* g.unlockFolio(folio);
      if (error === 0) return folio;
      yield* putFolio(g, folio);
      return error;
    });
  },
  makeConvertible: unmapThenCountUndrained,
  setAttributes: inBatches({ range: 'block', freeze: 'spin', end: 'first' }),
  punchHole: punchBlocks,
});

/** kvm_gmem_get_folio() with a large folio of its own: it stays large only if all of its pages are private. */
function* splitUnlessPrivate(g: Gmem, gfn: Gfn, folio: Folio): Routine<Folio | number> {
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

/** kvm_gmem_punch_hole(): whole blocks only, and none that somebody on the host holds on to. */
function* punchBlocks(g: Gmem, gfns: readonly Gfn[]): Routine<number> {
  if (!gfns.every((gfn) => blockOf(gfn).every((page) => gfns.some((each) => isSameGfn(each, page))))) return -EINVAL;
  return yield* underExclusiveLock(g, function* () {
    for (const view of g.views) yield* invalidateBegin(view, gfns, [true, false]);
    const error = yield* g.scheme.makeConvertible(g, gfns);
    if (error === 0) {
      for (const [gfn] of batchesOf(gfns)) yield* mergeFolios(g, gfn);
      yield* truncateRange(g, gfns);
    }
    for (const view of g.views) yield* invalidateEnd(view, gfns);
    return error === 0 ? 0 : -EAGAIN;
  });
}
