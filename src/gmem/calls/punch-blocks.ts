/**
 * kvm_gmem_punch_hole() where folios are large from the start: whole blocks only, and what becomes of those that are split (V3d in
 * docs/kernel.md). Imported by schemes and variants.
 */

import type { Routine } from '../../core/ops/routine.js';
import { EAGAIN, EINVAL } from '../errno.js';
import type { Gmem } from '../gmem.js';
import type { Gfn } from '../scheme.js';
import { batchesOf, coversBlocks } from '../world/folio-ref.js';
import { truncateRange } from './filemap.js';
import { underExclusiveLock } from './get-pfn.js';
import { invalidateEnd } from './mmu.js';
import { type Freeze, mergeFolios } from './restructure.js';

/** What a hole does about split folios: merges them before they leave, frozen in one of two ways, or leaves that for later. */
export type MergeAtPunch = Freeze | 'later';

/** kvm_gmem_punch_hole(), as a scheme has it: 0 or a negative errno. */
export type PunchHole = (g: Gmem, gfns: readonly Gfn[]) => Routine<number>;

const deferring = new WeakSet<PunchHole>();

/** Whether a scheme's holes leave split folios split, for whoever merges them later. */
export function defersMerge({ punchHole }: { readonly punchHole: PunchHole }): boolean {
  return deferring.has(punchHole);
}

/** Punches whole blocks, and, unless the merge is left for later, none that somebody on the host holds on to. */
export function punchBlocks(merge: MergeAtPunch): PunchHole {
  function* punchHole(g: Gmem, gfns: readonly Gfn[]): Routine<number> {
    if (!coversBlocks(gfns)) return -EINVAL;
    return yield* underExclusiveLock(g, function* () {
      const refused = yield* g.scheme.openAndZap(g, gfns, { roots: [true, false] });
      if (refused !== 0) return refused;
      for (const gfn of gfns) yield* g.scheme.invalidating(g, gfn);
      const error = merge === 'later' ? 0 : yield* mergeUnused(g, gfns, merge);
      if (error === 0) {
        yield* truncateRange(g, gfns);
        for (const gfn of gfns) yield* g.scheme.indexTruncated(g, gfn);
      }
      for (const view of g.views) yield* invalidateEnd(view, gfns);
      for (const gfn of gfns) yield* g.scheme.invalidated(g, gfn);
      return error;
    });
  }
  if (merge === 'later') deferring.add(punchHole);
  return punchHole;
}

function* mergeUnused(g: Gmem, gfns: readonly Gfn[], freeze: Freeze): Routine<number> {
  if ((yield* g.scheme.makeConvertible(g, gfns)) !== 0) return -EAGAIN;
  for (const [gfn] of batchesOf(gfns)) if ((yield* mergeFolios(g, gfn, freeze)) !== 0) return -EAGAIN;
  return 0;
}
