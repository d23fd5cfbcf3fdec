/**
 * The host's direct mapping of a block of frames, on SEV-SNP: one 2M entry until a page of the block gets an RMP entry of its
 * own. A store through the 2M entry faults if any of its pages is assigned, whichever it is for, so rmpupdate() splits the
 * mapping first (adjust_direct_map(), arch/x86/virt/svm/sev.c; R34 in docs/kernel.md). Clears, populate's and write(2)'s copies and
 * the next owner of a frame are asked. Used by snp.ts and snp-large.ts.
 */

import type { Op } from '../../core/ops/op.js';
import type { Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import type { Gmem } from '../gmem.js';
import type { Folio } from '../scheme.js';
import { pagesOf } from '../world/folio-ref.js';

/** adjust_direct_map() before a 4K RMPUPDATE: set_memory_4k(), unless that was done. Nothing makes one entry of it again. */
export function* adjustDirectMap(g: Gmem, page: Folio): Routine {
  if (g.large?.directMapSplit === undefined) return;
  yield* g.large.directMapSplit.at(page).write(1).named('adjust_direct_map($i)');
}

/** A store of the host to a page: through one 2M entry it reaches for the whole block. */
export function* storeThroughDirectMap(g: Gmem, page: Folio, store: Op<void>): Routine {
  const { large } = g;
  if (large?.directMapSplit === undefined) return yield* store;
  const split = large.directMapSplit.at(page);
  const label = store.spec.label;
  yield* atomic(label, function* () {
    const result = (value: number) => (value === 1 ? 1 : 0);
    if (!(yield* split.apply<boolean>('the direct mapping of $i is 4K', 'boolean', { result }))) {
      for (const each of pagesOf(large.whole(large.blockOf(page)))) {
        if (yield* g.folios.at(each).is('assigned')) {
          yield* split.apply<void>('store through the 2M direct mapping of $i', 'none', { violation: () => FAULT });
        }
      }
    }
    yield* store;
  });
}

const FAULT = {
  kind: 'host-rmp-fault',
  words:
    'the host stores to a page through a 2M entry of its direct mapping, of which another page is assigned to a guest: it ' +
    'takes an RMP page fault (#PF with the RMP bit) and the kernel dies',
} as const;
