/**
 * The end of a folio: when its page is taken back from the guest and when its frame goes back to the allocator, in the ways
 * that were proposed (keys: docs/kernel.md). Imported by schemes and variants.
 *
 * A page that leaves the guest is unassigned; nothing is "set shared" by that, and no attribute changes. Whoever gets the frame
 * next finds what the RMP says of it.
 */

import { ModelError } from '../../core/errors.js';
import type { Op } from '../../core/ops/op.js';
import type { Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Folio } from '../scheme.js';
import { placeInBlock } from '../world/folio-ref.js';
import { freeFrames } from './folio-blocks.js';

/** kvm_gmem_free_folio() of every kernel that we read: the architecture takes the page back when it leaves the page cache. */
export function* reclaimAtRemoval(g: Gmem, folio: Folio): Routine {
  yield* inFunction('kvm_gmem_free_folio', g.version, () => g.arch.reclaim(g, folio));
}

/** folio_put(), folio_put_refs(): the last reference that goes gives the frames back, in one step. */
export function* putThenFree(g: Gmem, folio: Folio, references: number): Routine {
  yield* atomic(putLabel(references), function* () {
    if (yield* putTestzero(g, folio, references)) yield* freeFrames(g, folio);
  });
}

/**
 * folio_put() that takes the page back before it frees the frame. The hook may sleep (cond_resched() in
 * sev_gmem_invalidate(), which flushes caches besides), so no spinlock may be held where the last reference goes. What has
 * got a reference again meanwhile stays.
 */
export function* putThenReclaim(g: Gmem, folio: Folio, references: number): Routine {
  if (!(yield* atomic(putLabel(references), () => isLastPut(g, folio, references)))) return;
  yield* g.mmuLock.assertNotHeld('might_sleep()', 'it holds a spinlock');
  yield* g.arch.reclaim(g, folio);
  yield* atomic('free_unref_folio($i)', function* () {
    const isUnused = { result: (count: number) => Number(count === 0) };
    if (yield* g.refcounts.at(folio).apply<boolean>('% == 0', 'boolean', isUnused)) yield* freeFrames(g, folio);
  });
}

/** Takes one reference more, which nobody drops: the frame is lost, and has no next owner (snp_leak_pages()). */
export function leakFolio(g: Gmem, folio: Folio): Routine {
  return getFolioRef(g, folio, 'snp_leak_pages($i)');
}

/** folio_get() by who has a reference, or knows that nobody has one any more. `label`: what it is for. */
export function* getFolioRef(g: Gmem, folio: Folio, label = 'folio_get($i)'): Routine {
  yield* atomic(label, function* () {
    yield* g.refcounts.at(folio).add(1);
  });
}

/** queue_work(): the folio is left to the worker that the scheme has for its place. */
export function* leaveToWorker(g: Gmem, folio: Folio): Routine {
  const { freeWork } = g.world;
  if (freeWork === undefined)
    throw new ModelError(`scheme ${g.scheme.name} leaves folios to a worker, and declares no freeWork`);
  yield* freeWork[placeInBlock(folio)].defer(folio);
}

/** Drops references and no more: whether the last one was among them. A part of a section. */
export function* isLastPut(g: Gmem, folio: Folio, references: number): Routine<boolean> {
  return yield* putTestzero(g, folio, references);
}

/** What a step is called that drops references. */
export function putLabel(references: number): string {
  return references === 1 ? 'folio_put($i)' : `folio_put_refs($i, ${references})`;
}

function putTestzero(g: Gmem, folio: Folio, references: number): Op<boolean> {
  return g.refcounts.at(folio).apply<boolean>('put_page_testzero($i)', 'boolean', {
    next: (count) => count - references,
    result: (count) => (count === references ? 1 : 0),
    violation: (count) =>
      count < references ? { kind: 'use-after-free', words: 'a reference is dropped that nobody holds' } : undefined,
  });
}
