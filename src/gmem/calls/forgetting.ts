/**
 * Parts of a call after which nothing hangs on what they learned. Where folios may be large that is said, because a local state
 * is the history of a call's results, and what a call finds at each of several pages makes too many histories to be told apart.
 * Imported by the other calls and by architectures.
 */

import { inStages } from '../../core/ops/loop.js';
import type { Routine } from '../../core/ops/routine.js';
import type { Gmem } from '../gmem.js';
import type { Folio, Gfn } from '../scheme.js';
import { orderOf, placeInBlock } from '../world/folio-ref.js';

/** Runs a part and forgets what it learned. */
export function* forgetting(g: Gmem, part: () => Routine): Routine {
  if (g.large === undefined) return yield* part();
  yield* thenForgotten(part);
}

/** The same in every world. */
export function* thenForgotten(part: () => Routine): Routine {
  yield* inStages({ isOver: false }, function* ({ isOver }, again) {
    if (isOver) return;
    yield* part();
    yield* again({ isOver: true });
  });
}

/** The same of a part that may fail: 0, or its negative errno. */
export function* forgettingUnlessFailed(g: Gmem, part: () => Routine<number>): Routine<number> {
  if (g.large === undefined) return yield* part();
  return yield* inStages({ isOver: false }, function* ({ isOver }, again): Routine<number> {
    if (isOver) return 0;
    const error = yield* part();
    return error === 0 ? yield* again({ isOver: true }) : error;
  });
}

/** Looks a folio up and goes on with it, of all that was learned knowing only which one it is. A number ends it before. */
export function* withFolio(
  g: Gmem,
  gfn: Gfn,
  lookUp: () => Routine<Folio | number>,
  then: (folio: Folio) => Routine<number>,
): Routine<number> {
  const { large } = g;
  if (large === undefined) {
    const folio = yield* lookUp();
    return typeof folio === 'number' ? folio : yield* then(folio);
  }
  return yield* inStages(
    { block: null as Folio | null, order: 0 },
    function* ({ block, order }, again): Routine<number> {
      if (block !== null) return yield* then(large.range(block, order > 0 ? 0 : placeInBlock(gfn), order));
      const folio = yield* lookUp();
      if (typeof folio === 'number') return folio;
      return yield* again({ block: large.blockOf(folio), order: orderOf(folio) });
    },
  );
}
