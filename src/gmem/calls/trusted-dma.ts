/**
 * A device that the guest trusts with its private memory (TDX Connect: the IOMMU walks the S-EPT; keys: docs/kernel.md). It has no
 * IOPTE of its own: what KVM zaps is gone for it as well, once its IOTLB is flushed, which TRACK does not do for it. Imported by the
 * registry and by what zaps.
 */

import { ModelError } from '../../core/errors.js';
import type { Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { EFAULT, errnoText } from '../errno.js';
import type { Gmem } from '../gmem.js';
import type { Gfn } from '../scheme.js';
import { callKind } from './call-kind.js';

/** A write of a trusted device to private memory. */
export const trustedDmaWriteCall = callKind({
  name: 'trusted-dma-write',
  by: 'host',
  pages: 'one',
  takes: {},
  needs: ['trustedDevices'],
  words: (gfns) => `trusted dma write ${gfns}`,
  routine: (g) => (gfn) => trustedDmaWrite(g, gfn),
});

/** 0, or -EFAULT where the guest has mapped and accepted nothing: such a device has no page requests. */
function* trustedDmaWrite(g: Gmem, gfn: Gfn): Routine<number> {
  const iotlb = g.iommu?.trustedIotlb;
  if (iotlb === undefined) throw new ModelError('a world without trusted devices has no IOTLB of them');
  function* attempt(): Routine<number> {
    const known = yield* iotlb!.at(gfn).read();
    if (known === null && !(yield* isUsable(g, gfn))) return -EFAULT;
    const page = known ?? (yield* g.privateSptes.at(gfn).read());
    if (page === null) return -EFAULT;
    if (known === null) yield* iotlb!.at(gfn).write(page);
    yield* g.folios.at(page).send('GUEST_WRITE');
    return 0;
  }
  return yield* atomic('trusted DMA write $i', attempt, errnoText);
}

function* isUsable(g: Gmem, gfn: Gfn): Routine<boolean> {
  return g.sept === undefined || (yield* g.sept.at(gfn).is('accepted'));
}

/** What a zap does besides for a trusted device, before it removes the page. A part of its section. */
export function* flushTrustedIotlb(g: Gmem, gfn: Gfn): Routine {
  const iotlb = g.iommu?.trustedIotlb;
  if (iotlb !== undefined) yield* iotlb.at(gfn).write(null);
}
