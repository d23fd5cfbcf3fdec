/**
 * Another TD of the host, which gets a page of memory of its own and gives it back: nobody of this VM's knows of it, but its pages lie
 * in the same regions, whose PAMT is dynamic (keys: docs/kernel.md). Imported by the registry.
 *
 * Of it there is no more than the frame, as the allocator and the TDX module know it: it has an mmu_lock of its own.
 */

import { type Routine, within } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { ENOMEM } from '../errno.js';
import type { Gmem } from '../gmem.js';
import type { Folio, Gfn } from '../scheme.js';
import { callKind } from './call-kind.js';
import { allocPage, freeFrames } from './folio-blocks.js';
import { unusePamt, usePamt } from './pamt.js';
import { allocFrame } from './reuse-frame.js';

/** Another TD gets a frame that is free and gives it back; of a block, the page at its gfn's place. */
export const otherTdCall = callKind({
  name: 'other-td',
  by: 'host',
  pages: 'one',
  takes: {},
  words: (gfns) => `another TD beside ${gfns}`,
  routine: (g) => (gfn) => useFrame(g, gfn),
});

function* useFrame(g: Gmem, gfn: Gfn): Routine<number> {
  return yield* within('another TD', '', function* () {
    const frame = yield* g.large === undefined ? allocFrame(g) : allocPage(g, g.large, gfn);
    if (frame === null) return -ENOMEM;
    if (g.sept !== undefined) yield* usedByTd(g, frame);
    yield* atomic('__free_pages($i)', function* () {
      yield* g.refcounts.at(frame).write(0);
      yield* freeFrames(g, frame);
    });
    return 0;
  });
}

function* usedByTd(g: Gmem, frame: Folio): Routine {
  if (g.pamt !== undefined) yield* g.scheme.pamtGet(g, frame);
  yield* atomic('TDH.MEM.PAGE.AUG($i)', function* () {
    yield* g.folios.at(frame).send('TD_AUG');
    yield* usePamt(g, frame);
  });
  yield* atomic('TDH.MEM.PAGE.REMOVE($i)', function* () {
    yield* g.folios.at(frame).send('TD_REMOVE');
    yield* unusePamt(g, frame);
  });
  if (g.pamt !== undefined) yield* g.scheme.pamtPut(g, frame);
}
