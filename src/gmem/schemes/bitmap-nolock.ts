/**
 * A bit per index says "cleared and prepared", with atomic bit operations and no lock of its own: "KVM: gmem: track
 * preparedness a page at a time" of 2024-11, as it was reviewed (S4 in docs/kernel.md). Faults test and set the bit
 * under the folio lock; a punch clears it once the folio is gone, when nothing keeps the next one away. uptodate is
 * left to user faults.
 */

import type { Bitmap } from '../../core/ops/cell.js';
import { defineScheme } from '../scheme.js';
import { pageOf } from '../world/folio-ref.js';
import { PageArrays } from '../world/parted.js';
import { v1UptodatePrepared } from './v1-uptodate-prepared.js';

/** What the bitmap schemes declare. */
export interface PreparedBitmap {
  readonly prepared: Bitmap;
}

/** S4 in docs/kernel.md. */
export const bitmapNolock = defineScheme(v1UptodatePrepared, {
  name: 'bitmap-nolock',
  title: 'a prepared bit per index, atomic bit operations, no lock',
  version: 'S4',
  traits: { ...v1UptodatePrepared.traits, uptodate: 'unused', preparedBit: 'atomic' },

  declare: (m, { gfns, maxOrder = 0 }): PreparedBitmap => ({
    prepared: new PageArrays(m, maxOrder).bitmap('prepared', gfns),
  }),

  *prepareFolio(g, folio, gfn) {
    return yield* v1UptodatePrepared.prepareFolio(g, pageOf(folio, gfn), gfn);
  },
  *testPrepared(g, _folio, gfn) {
    return yield* g.own<PreparedBitmap>().prepared.test(gfn);
  },
  *markPrepared(g, _folio, gfn) {
    yield* g.own<PreparedBitmap>().prepared.set(gfn);
  },
  *indexTruncated(g, gfn) {
    yield* g.own<PreparedBitmap>().prepared.clear(gfn);
  },
  *folioMadeShared(g, gfn) {
    yield* g.own<PreparedBitmap>().prepared.clear(gfn);
  },
});
