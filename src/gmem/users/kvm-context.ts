/**
 * KVM as a user of the memory of a file (kvm_gmem_context; E2 in docs/kernel.md): turns what guest_memfd tells it into
 * its MMU notifier protocol, and is the only one who calls the architecture. One context for each VM that has the file.
 */

import type { Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { makeShared } from '../calls/convert.js';
import { folioAt } from '../calls/folio-blocks.js';
import { invalidateBegin, invalidateEnd, zapOpened } from '../calls/mmu.js';
import { mayLoseAccepted } from '../calls/open-and-zap.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import { pageOf, wholeBlocks } from '../world/folio-ref.js';
import type { Invalidation, UserContext } from './user-context.js';

/** The context of one VM. `opensFirst`: whether its invalidation is open before it splits leaves, as it has to be. */
export function kvmContext(g: Gmem, opensFirst: boolean): UserContext {
  const inContext = <T>(name: string, body: () => Routine<T>) =>
    inFunction(`kvm_gmem_context_${name}`, g.version, body);
  const splits = (range: Invalidation) => mayLoseAccepted(g, range.gfns, rootsOf(range));
  const isOpen = (range: Invalidation) => opensFirst && splits(range);
  return {
    mayAccess: ['private', 'shared'],
    *prepare(range) {
      if (!splits(range)) return 0;
      return yield* inContext('prepare', function* () {
        // For whole blocks: a fault on the rest of one would map it as large as it was before the zap comes.
        if (opensFirst) yield* invalidateBegin(g, [], rootsOf(range), wholeBlocks(range.gfns));
        const error = yield* g.arch.splitLeaves(g, range.gfns, false);
        if (error !== 0 && opensFirst) yield* invalidateEnd(g, range.gfns);
        return error;
      });
    },
    *abandon(range) {
      if (isOpen(range)) yield* inContext('abandon', () => invalidateEnd(g, range.gfns));
    },
    *begin(range) {
      yield* inContext('begin', () =>
        isOpen(range) ? zapOpened(g, range.gfns, rootsOf(range)) : invalidateBegin(g, range.gfns, rootsOf(range)),
      );
    },
    *takeBack({ why }, gfn) {
      if (why === 'to-private') return;
      yield* inContext('take_back', function* () {
        if (why === 'to-shared') return yield* makeShared(g, gfn);
        const folio = yield* atomic('the page of $i', () => folioAt(g, gfn));
        if (folio !== null) yield* g.arch.reclaim(g, pageOf(folio, gfn));
      });
    },
    *end(range) {
      yield* inContext('end', () => invalidateEnd(g, range.gfns));
    },
    *makeReady(folio, as) {
      return as === 'private' ? yield* inContext('make_ready', () => g.arch.prepare(g, folio)) : 0;
    },
  };
}

/** A conversion takes the mappings of the old kind, a hole all of them. */
function rootsOf({ why }: Invalidation): readonly boolean[] {
  return why === 'punch' ? [true, false] : [why === 'to-shared'];
}
