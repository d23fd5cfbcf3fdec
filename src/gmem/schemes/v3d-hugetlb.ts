/**
 * The HugeTLB series with TDX splitting (V3d in docs/kernel.md): folios are large from the start, and split where a block has
 * shared pages. A conversion goes block by block, and of each it ends the invalidation before it restructures and stores.
 *
 * Left out: reservations of HugeTLB, and memcg. Of its pool the restructuring metadata is there, in
 * worlds that ask for it (`hugetlbPool`).
 */

import { unmapThenCountUndrained } from '../calls/convert.js';
import { inBatches } from '../calls/convert-blocks.js';
import { putFolio } from '../calls/filemap.js';
import { newWholeFolio, splitUnlessPrivate } from '../calls/fresh-folio.js';
import { getHealthyFolio, underSharedLock } from '../calls/get-pfn.js';
import { restoreHuge } from '../calls/hugetlb-pool.js';
import { orderOfFolio } from '../calls/map-level.js';
import { poisonThenIgnoreLarge } from '../calls/memory-failure.js';
import { punchBlocks } from '../calls/punch-blocks.js';
import { defineScheme } from '../scheme.js';
import { v3Inplace } from './v3-inplace.js';

/** V3d in docs/kernel.md, as it was posted. */
export const v3dHugetlb = defineScheme(v3Inplace, {
  name: 'v3d-hugetlb',
  title: 'folios of HugeTLB, split where a block has shared pages; each block ends its invalidation, then stores',
  version: 'V3d',
  returnsReference: true,
  traits: { ...v3Inplace.traits, hook: 'every-fault', reference: 'returned', attributeStore: 'none' },

  newFolio: newWholeFolio,
  freshFolio: splitUnlessPrivate,
  maxOrder: orderOfFolio,
  *getPfn(g, gfn) {
    return yield* underSharedLock(g, function* () {
      const folio = yield* getHealthyFolio(g, gfn);
      if (typeof folio === 'number') return folio;
      yield* g.scheme.clearFolio(g, folio, gfn);
      let error = yield* g.arch.prepare(g, folio);
      if (error === 0) error = yield* g.scheme.zapDirectMap(g, folio);
      yield* g.unlockFolio(folio);
      if (error === 0) return folio;
      yield* putFolio(g, folio);
      return error;
    });
  },
  makeConvertible: unmapThenCountUndrained,
  setAttributes: inBatches({ range: 'block', freeze: 'spin', end: 'first' }),
  punchHole: punchBlocks('spin'),
  memoryFailure: poisonThenIgnoreLarge,
  restoreMetadata: restoreHuge,
});
