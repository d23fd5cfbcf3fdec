/**
 * A bit per index says "cleared and prepared", with atomic bit operations and no lock of its own: "KVM: gmem: track
 * preparedness a page at a time" of 2024-11, as it was reviewed (S4 in docs/kernel.md). Faults test and set the bit
 * under the folio lock; a punch clears it once the folio is gone, when nothing keeps the next one away. uptodate is
 * left to user faults.
 */

import type { Bitmap } from '../../core/ops/cell.js';
import { within } from '../../core/ops/routine.js';
import { defineScheme, type Gfn } from '../scheme.js';
import { gfnsOf, pageOf } from '../world/folio-ref.js';
import { PageArrays } from '../world/parted.js';
import { fillsBlock, shownWith } from '../world/shown.js';
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

  /** Of a large folio each page of the slot that has no bit; if the slot shows all, the hook may give them to the guest at once. */
  *prepareFolio(g, folio, gfn) {
    const missing: Gfn[] = [];
    for (const each of shownWith(gfn, gfnsOf(folio, gfn))) {
      if (!(yield* g.scheme.testPrepared(g, pageOf(folio, each), each))) missing.push(each);
    }
    if (missing.length === 0) return 0;
    return yield* within('kvm_gmem_prepare_folio', g.version, function* () {
      for (const each of missing) yield* g.clearPage(pageOf(folio, each));
      for (const each of missing) {
        const error = yield* g.arch.prepare(g, fillsBlock(gfn) ? folio : pageOf(folio, each), pageOf(folio, each));
        if (error !== 0) return error;
      }
      for (const each of missing) yield* g.scheme.markPrepared(g, pageOf(folio, each), each);
      return 0;
    });
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
