/**
 * The next owner of a frame: another part of the host, which gets one that is free and stores to it. guest_memfd is not asked;
 * what it left of the frame in the RMP is found out here (keys: docs/kernel.md). Imported by the registry.
 */

import { type Routine, within } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { ENOMEM } from '../errno.js';
import type { Gmem } from '../gmem.js';
import type { Folio, Gfn } from '../scheme.js';
import { callKind } from './call-kind.js';
import { allocPage, freeFrames } from './folio-blocks.js';

/** A frame goes to somebody else and comes back. The allocator gives out what is free; of a block, the page at its gfn's place. */
export const reuseFrameCall = callKind({
  name: 'reuse-frame',
  by: 'host',
  pages: 'one',
  takes: {},
  needs: ['nextOwner'],
  words: (gfns) => `reuse a free frame beside ${gfns}`,
  routine: (g) => (gfn) => reuseFrame(g, gfn),
});

/** Gets a frame, stores to it, gives it back. 0 or -ENOMEM. */
export function* reuseFrame(g: Gmem, gfn: Gfn): Routine<number> {
  return yield* within('the next owner', '', function* () {
    const frame = yield* g.large === undefined ? allocFrame(g) : allocPage(g, g.large, gfn);
    if (frame === null) return -ENOMEM;
    yield* g.arch.hostStore(g, frame, g.folios.at(frame).send('HOST_WRITE').named('memset($i)'));
    yield* atomic('__free_pages($i)', function* () {
      yield* g.refcounts.at(frame).write(0);
      yield* freeFrames(g, frame);
    });
    return 0;
  });
}

/** alloc_pages() of somebody else: a frame that is free, with one reference; null when there is none. */
export function* allocFrame(g: Gmem): Routine<Folio | null> {
  return yield* atomic('alloc_pages()', function* () {
    const claimed = yield* g.folios.claim('free', 'ALLOCATE');
    if (claimed !== null) yield* g.refcounts.at(claimed).write(1);
    return claimed;
  });
}
