/**
 * The pool of HugeTLB, of which a block of frames is a huge page (V3d in docs/kernel.md): the restructuring metadata that is
 * kept about a page as long as guest_memfd has it, by the range of its frames, and how the page comes back to the pool. Imported by
 * schemes, variants and mutations. Nothing of it in worlds without such a pool.
 *
 * Left out: reservations, subpools and memcg, of which the metadata says whom to charge.
 */

import type { Op } from '../../core/ops/op.js';
import type { Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import type { Gmem } from '../gmem.js';
import type { Folio } from '../scheme.js';
import { orderOf } from '../world/folio-ref.js';
import type { LargeFolios } from '../world/large-folios.js';
import { allocWhole, freeFrames } from './folio-blocks.js';
import { isLastPut, putLabel, putThenFree } from './lifetime.js';

/** A huge page of the pool, as a folio that guest_memfd may split; null when the pool is empty. */
export function* allocHuge(g: Gmem, large: LargeFolios): Routine<Folio | null> {
  const folio = yield* allocWhole(g, large);
  if (folio !== null && large.metadata !== undefined) yield* storeMetadata(large, folio);
  return folio;
}

function storeMetadata(large: LargeFolios, folio: Folio): Op<void> {
  const words =
    'the huge page has the restructuring metadata of its last owner still: a WARN, and the subpool of that owner is charged';
  return large.metadata!.at(large.blockOf(folio)).apply<void>('xa_store_range(metadata, $i)', 'none', {
    next: () => 1,
    violation: (stored) => (stored === 0 ? undefined : { kind: 'assertion', words }),
  });
}

/** Gives the metadata of a huge page back to HugeTLB, which forgets it; a part of a split one has none of its own. */
export function* restoreHuge(g: Gmem, folio: Folio): Routine {
  if (orderOf(folio) > 0 && g.large?.metadata !== undefined) yield* eraseMetadata(g.large, folio);
}

/** The erasure in it. */
export function eraseMetadata(large: LargeFolios, folio: Folio): Op<void> {
  const words = 'the restructuring metadata of the huge page was erased before: the kernel reads it at NULL and dies';
  return large.metadata!.at(large.blockOf(folio)).apply<void>('xa_erase(metadata, $i)', 'none', {
    next: () => 0,
    violation: (stored) => (stored === 1 ? undefined : { kind: 'host-page-fault', words }),
  });
}

/** folio_put() that restores a huge page when its last reference goes, whether the page cache ever had it or not. */
export function* putThenRestore(g: Gmem, folio: Folio, references: number): Routine {
  if (orderOf(folio) === 0) return yield* putThenFree(g, folio, references);
  if (!(yield* atomic(putLabel(references), () => isLastPut(g, folio, references)))) return;
  yield* restoreHuge(g, folio);
  yield* backToPool(g, folio);
}

/** free_huge_folio(): nobody has a reference to the huge page, and the next one may have it. */
export function* backToPool(g: Gmem, folio: Folio): Routine {
  yield* atomic('free_huge_folio($i)', () => freeFrames(g, folio));
}
