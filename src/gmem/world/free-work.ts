/**
 * Free work: the workers of a scheme that leaves folios to them when they leave the page cache. They stand behind all actors of
 * a scenario, whose numbers others hold on to. Used by whoever makes a world for actors.
 *
 * Where folios may be large there is one worker for each place in a block, because an unbound workqueue runs its items side by
 * side: two pages of a block may be worked on at once.
 */

import type { ModelBuilder } from '../../model/model-builder.js';
import type { DeferredWork } from '../../primitives/deferred.js';
import { folioFrom } from '../calls/folio-blocks.js';
import type { Gmem } from '../gmem.js';
import type { LargeFolios } from './large-folios.js';

const NAME = 'kvm_gmem_free_work';

/** Declares the workers, where the scheme has them: each takes one item at a time, first come first served. */
export function declareFreeWork(m: ModelBuilder, g: Gmem): void {
  const { freeWork } = g.scheme;
  if (freeWork === undefined) return;
  const { large } = g;
  g.world.freeWork =
    large === undefined ? [m.deferred(NAME, g.folios, (folio) => freeWork(g, folio))] : workers(m, g, large);
}

function workers(m: ModelBuilder, g: Gmem, large: LargeFolios): readonly DeferredWork[] {
  return Array.from({ length: large.inBlock }, (_, place) =>
    m.deferred(place === 0 ? NAME : `${NAME}.${place}`, large.blocks, function* (block) {
      // Which folio it is the worker reads when it comes to it, and not who has left it there.
      const folio = yield* folioFrom(large, block, place);
      yield* g.scheme.freeWork!(g, folio);
    }),
  );
}
