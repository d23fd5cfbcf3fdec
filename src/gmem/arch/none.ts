/**
 * No architecture hooks and no RMP: a VM without confidential memory, as in the recorded workloads.
 */

import type { Op } from '../../core/ops/op.js';
import type { Routine } from '../../core/ops/routine.js';
import type { Gmem } from '../gmem.js';
import type { Folio } from '../scheme.js';
import { notedArch } from './arch.js';

/** guest_memfd without CONFIG_HAVE_KVM_ARCH_GMEM_PREPARE and _INVALIDATE. The base of all the others. */
export const archNone = notedArch({
  name: 'none',
  hasMirroredRoots: false,
  *prepare(): Routine<number> {
    return 0;
  },
  *mappedPrivate(): Routine {},
  *maxMappingOrder(_g: Gmem, _page: Folio, _isPrivate: boolean, order: number): Routine<number> {
    return order;
  },
  *refusesAccess(): Routine<boolean> {
    return false;
  },
  *handleRefusal(): Routine {},
  *splitLeaves(): Routine<number> {
    return 0;
  },
  *refusesDma(): Routine<boolean> {
    return false;
  },
  *hostStore(_g: Gmem, _page: Folio, store: Op<void>): Routine {
    yield* store;
  },
  *reclaim(): Routine {},
  *makeShared(): Routine {},
  *postPopulate(g: Gmem, folio: Folio, faultOnSource?: () => Routine): Routine<number> {
    if (faultOnSource !== undefined) yield* faultOnSource();
    yield* g.folios.at(folio).send('POPULATE').named('memcpy($i)');
    return 0;
  },
  *postPopulateInPlace(g: Gmem, folio: Folio): Routine<number> {
    yield* launchUpdate(g, folio);
    return 0;
  },
});

/** The launch measures a page and encrypts it where it lies. */
export function launchUpdate(g: Gmem, folio: Folio): Op<void> {
  return g.folios.at(folio).send('LAUNCH_UPDATE').named('SNP_LAUNCH_UPDATE($i)');
}
