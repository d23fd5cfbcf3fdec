/**
 * Variants in which the RMP's state lives as long as the binding of a memslot, and not as long as the page cache (S13 in
 * docs/kernel.md; a proposal of Vishal Annapurve). KVM takes pages back where it lets go of them: in the invalidation of a hole, once it
 * has zapped, and when a binding ends. free_folio() has nothing to do then. Part of the list in variants.ts.
 */

import type { Routine } from '../../core/ops/routine.js';
import { invalidateAndTruncate } from '../calls/fallocate.js';
import { folioAt } from '../calls/folio-blocks.js';
import type { Gmem } from '../gmem.js';
import type { Gfn, Scheme } from '../scheme.js';
import { pageOf } from '../world/folio-ref.js';
import type { Mutation } from './mutations.js';

const needs: Mutation['needs'] = {
  words: 'a page that is taken back when it leaves the page cache, by a hole of any range',
  traits: { reclaim: ['at-removal'] },
  misses: ({ punchHole }) => (punchHole === invalidateAndTruncate ? undefined : 'its punches are of whole blocks'),
};

/** Those about the lifetime of the RMP. */
export const bindingVariants: readonly Mutation[] = [
  {
    name: 'unassign-with-binding',
    title:
      'KVM takes a page back in the invalidation of its hole and when a memslot lets go of it; free_folio() does not',
    needs,
    change: (base) => ({
      *freeFolio() {},
      punchHole: (g, gfns) => base.punchHole(g.with({ scheme: takingBack(g.scheme) }), gfns),
    }),
  },
];

/** The scheme as an invalidation sees it that is behind a zap. */
function takingBack(scheme: Scheme): Scheme {
  return {
    ...scheme,
    *invalidating(g, gfn) {
      yield* takeBack(g, gfn);
      yield* scheme.invalidating(g, gfn);
    },
  };
}

/** Of one index: under the exclusive invalidate lock, so that the folio stays. */
function* takeBack(g: Gmem, gfn: Gfn): Routine {
  const folio = yield* folioAt(g, gfn);
  if (folio !== null) yield* g.arch.reclaim(g, pageOf(folio, gfn));
}
