/**
 * Free work: the worker of a scheme that leaves folios to one when they leave the page cache. It stands behind all actors of a
 * scenario, whose numbers others hold on to. Used by whoever makes a world for actors.
 */

import type { ModelBuilder } from '../../model/model-builder.js';
import type { Gmem } from '../gmem.js';

/** Declares the worker, where the scheme has one: one item at a time, first come first served. */
export function declareFreeWork(m: ModelBuilder, g: Gmem): void {
  const { freeWork } = g.scheme;
  if (freeWork === undefined) return;
  g.world.freeWork = m.deferred('kvm_gmem_free_work', g.folios, (folio) => freeWork(g, folio));
}
