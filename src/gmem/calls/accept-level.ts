/**
 * tdx_honor_guest_accept_level(): a guest that accepts less than KVM maps is told so by an EPT violation again and again, so KVM
 * splits the leaf, and maps nothing larger there any more (B4 of T1 and T2; keys: docs/kernel.md). Imported by schemes and by the
 * guest's ACCEPT.
 */

import type { Routine } from '../../core/ops/routine.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Gfn } from '../scheme.js';
import { splitLeaf } from './sept.js';

/**
 * The exit of an ACCEPT of 4K: 0, or the errno of the split. Once the mark is set nobody looks at the leaves of the block, so it is
 * set in the hold of mmu_lock in which there is no large leaf.
 */
export function* splitThenInhibit(g: Gmem, gfn: Gfn): Routine<number> {
  const mark = g.file.vm.guestInhibit?.at(gfn);
  if (mark === undefined) return 0;
  return yield* inFunction('tdx_honor_guest_accept_level', g.version, function* () {
    if ((yield* mark.read()) === 1) return 0;
    return yield* splitLeaf(g, gfn, false, () => mark.write(1));
  });
}
