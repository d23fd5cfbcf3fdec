/**
 * Variants about whose a page is where several VMs have files of one inode (R83 in docs/kernel.md). Part of the list in variants.ts.
 */

import type { Bitmap } from '../../core/ops/cell.js';
import { isGivenElsewhere, isGivenToOther } from '../arch/snp-rmp-owner.js';
import { listUnderLock } from '../calls/link.js';
import { EINVAL } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { pageOf } from '../world/folio-ref.js';
import { PageArrays } from '../world/parted.js';
import type { PreparedBitmap } from './bitmap-nolock.js';
import { hookVariant } from './hook-variant.js';
import type { Mutation } from './mutations.js';

/** Those about linked files. */
export const linkVariants: readonly Mutation[] = [
  hookVariant(
    'compare-owner',
    'the hook compares the guest and its address that the RMP names with those of the fault: another owner is an error',
    {
      *prepare(g, folio, gfn, hook) {
        // Behind the hook's own lookup: where no lock orders hooks, another guest may get the page between a look and that one.
        const error = yield* hook();
        if (error !== 0) return error;
        const page = pageOf(folio, gfn);
        const isOthers =
          (g.world.frames.rmpAsids !== undefined && (yield* isGivenToOther(g, page))) ||
          (yield* isGivenElsewhere(g, gfn, page));
        return isOthers ? -EINVAL : 0;
      },
    },
  ),
  {
    name: 'link-under-lock',
    title: 'a file that is linked gets onto the list of its inode under the invalidate lock',
    needs: { words: 'any scheme', traits: {} },
    change: () => ({ listFile: listUnderLock }),
  },
  {
    name: 'prepared-by-vm',
    title: 'each VM that has a file of the inode has prepared bits of its own',
    needs: {
      words: 'a scheme with a bitmap of what is prepared',
      traits: { preparedBit: ['atomic'] },
    },
    change: (base) => ({
      declare(m, scenario) {
        const { gfns, maxOrder = 0, files = [] } = scenario;
        const arrays = new PageArrays(m, maxOrder);
        const first = base.declare!(m, scenario) as PreparedBitmap;
        const others = files.slice(1).map((_, other) => arrays.bitmap(`vm${other + 1}.prepared`, gfns));
        return { ...first, byVm: [first.prepared, ...others] } satisfies PreparedByVm;
      },
      *testPrepared(g, _folio, gfn) {
        return yield* preparedOf(g).test(gfn);
      },
      *markPrepared(g, _folio, gfn) {
        yield* preparedOf(g).set(gfn);
      },
      *indexTruncated(g, gfn) {
        for (const prepared of g.own<PreparedByVm>().byVm) yield* prepared.clear(gfn);
      },
      *folioMadeShared(g, gfn) {
        for (const prepared of g.own<PreparedByVm>().byVm) yield* prepared.clear(gfn);
      },
    }),
  },
];

/** What the scheme declares then: the bits of each VM, those of the first where they were. */
interface PreparedByVm extends PreparedBitmap {
  readonly byVm: readonly Bitmap[];
}

function preparedOf(g: Gmem): Bitmap {
  return g.own<PreparedByVm>().byVm[g.world.vms.indexOf(g.file.vm)];
}
