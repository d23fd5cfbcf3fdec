/**
 * Variants in which the RMP's state lives as long as the binding of a memslot, and not as long as the page cache (S13 in
 * docs/kernel.md; a proposal of Vishal Annapurve). KVM takes pages back where it lets go of them: in the invalidation of a hole, once it
 * has zapped, and when a binding ends. free_folio() has nothing to do then. Part of the list in variants.ts.
 */

import type { Routine } from '../../core/ops/routine.js';
import { isGivenToThis } from '../arch/snp-rmp-owner.js';
import { invalidateAndTruncate } from '../calls/fallocate.js';
import { folioAt } from '../calls/folio-blocks.js';
import { thenForgotten } from '../calls/forgetting.js';
import { moveGuestUnderSlotsLock } from '../calls/guest-identity.js';
import type { Gmem } from '../gmem.js';
import type { Folio, Gfn, Scheme } from '../scheme.js';
import { pageOf } from '../world/folio-ref.js';
import type { Mutation } from './mutations.js';
import { answering } from './rewrite.js';

const needs: Mutation['needs'] = {
  words: 'a page that is taken back when it leaves the page cache, by a hole of any range',
  traits: { reclaim: ['at-removal'] },
  misses: ({ punchHole }) => (punchHole === invalidateAndTruncate ? undefined : 'its punches are of whole blocks'),
};

/** Those about the lifetime of the RMP. */
export const bindingVariants: readonly Mutation[] = [
  bindingVariant('unassign-with-binding', 'when any memslot lets go of it', function* () {
    return true;
  }),
  bindingVariant('unassign-with-last-binding', 'when the last memslot of all VMs lets go of it', isLast),
  bindingVariant(
    'unassign-own-with-binding',
    'when a memslot of the guest that it belongs to lets go of it',
    isGivenToThis,
  ),
  {
    name: 'move-under-slots-lock',
    title:
      'a guest moves to another VM under the slots_lock of the one that it leaves: none of its bindings can end then',
    needs: { words: 'any scheme', traits: {} },
    change: () => ({ moveGuest: moveGuestUnderSlotsLock }),
  },
];

/** Whether a page is to be taken back at the end of a binding of its index. */
type Ends = (g: Gmem, page: Folio) => Routine<boolean>;

function bindingVariant(name: string, when: string, ends: Ends): Mutation {
  return {
    name,
    title: `KVM takes a page back in the invalidation of its hole, and ${when}; free_folio() does not`,
    needs,
    change: (base) => ({
      *freeFolio() {},
      punchHole: (g, gfns) => base.punchHole(g.with({ scheme: takingBack(g.scheme) }), gfns),
      *bindingEnds(g, gfns) {
        yield* base.bindingEnds(g, gfns);
        for (const gfn of gfns) yield* thenForgotten(() => takeBackAtEnd(g, gfn, ends));
      },
    }),
  };
}

/** No other file has a binding of the index; the list of files is that of the inode. */
function* isLast(g: Gmem): Routine<boolean> {
  for (const { file } of g.views) {
    if (file === g.file || file.end === undefined) continue;
    if ((yield* file.end.slotPointer.read()) === 1) return false;
  }
  return true;
}

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

/** The same when a binding ends. Whose page it was is looked at before: afterwards, where that guest is by then. */
function* takeBackAtEnd(g: Gmem, gfn: Gfn, ends: Ends): Routine {
  const folio = yield* folioAt(g, gfn);
  if (folio === null) return;
  const page = pageOf(folio, gfn);
  const guest = (yield* g.world.frames.rmpGuests?.at(page).read() ?? answering(0)) as number;
  if (!(yield* ends(g, page))) return;
  yield* g.arch.reclaim(g, page);
  if (guest === 0) return;
  for (const { file } of g.views) {
    if (file === g.file) continue;
    yield* file.vm.identity!.guest.apply<void>('the guest of the page is gone', 'none', {
      violation: (now) => (now === guest ? MOVED : undefined),
    });
  }
}

const MOVED = {
  kind: 'lost-write',
  words: 'a page is taken from a guest that has moved to another VM: what it has in there is gone',
} as const;
