/**
 * The LRU-add batches of the CPUs (mm/swap.c), drained by a CPU itself. Imported by the registry.
 */

import type { Routine } from '../../core/ops/routine.js';
import type { Gmem } from '../gmem.js';
import type { Gfn } from '../scheme.js';
import { callKind } from './call-kind.js';
import { drainLru } from './filemap.js';

/** A CPU that drains its LRU-add batch, because it is full or because the CPU is busy with other folios. */
export const lruDrainCall = callKind({
  name: 'lru-drain',
  by: 'host',
  pages: 'range',
  takes: {},
  words: (gfns) => `drain ${gfns} from the LRU batch`,
  routine:
    (g) =>
    (...gfns) =>
      lruDrain(g, gfns),
});

function* lruDrain(g: Gmem, gfns: readonly Gfn[]): Routine<number> {
  yield* drainLru(g, gfns);
  return 0;
}
