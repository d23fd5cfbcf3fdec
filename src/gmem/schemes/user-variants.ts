/**
 * Variants and mutations about devices and other users of the memory (R91 to R99 in docs/kernel.md). Parts of the lists in
 * variants.ts and mutations.ts.
 */

import type { Routine } from '../../core/ops/routine.js';
import { mapPinned, unmapPinned } from '../calls/dma.js';
import type { Gmem } from '../gmem.js';
import { USERS_IN_PHASES, type UserWays, userRoutines, userWaysOf } from '../users/user-routines.js';
import type { Mutation } from './mutations.js';
import { ANY, answering, rewritten, sameKind } from './rewrite.js';

const inPlace: Mutation['needs'] = {
  words: 'faults under the shared invalidate lock that return no reference, as with in-place conversion',
  traits: { faultLock: ['shared'], reference: ['dropped'] },
};
const withUsers: Mutation['needs'] = {
  words: 'contexts of users, as v3-inplace+user-contexts has them',
  traits: {},
  misses: (base) => (userWaysOf(base) === undefined ? 'its guest_memfd knows no user but KVM' : undefined),
};

/** Who else uses the memory, and what it is told. */
export const userVariants: readonly Mutation[] = [
  {
    name: 'device-pins',
    title: 'a page that is mapped for a device has a reference of the mapping, until it is unmapped',
    needs: { words: 'any scheme', traits: {} },
    change: () => ({ deviceMap: mapPinned, deviceUnmap: unmapPinned }),
  },
  {
    name: 'user-contexts',
    title:
      'KVM, the IOMMU and the VMM are contexts: each prepares, then each unmaps, then the page changes, then each is told',
    needs: inPlace,
    change: () => userRoutines(USERS_IN_PHASES),
  },
  wayVariant(
    'prepare-each-user',
    'a context prepares and unmaps before the next one prepares: one may fail behind what another has lost',
    { prepare: 'each' },
  ),
  wayVariant(
    'drain-page-requests',
    'the IOMMU waits in the begin of an invalidation until no page request is being answered',
    { requests: 'drained' },
  ),
  wayVariant('split-before-begin', 'KVM splits leaves while it prepares, and opens its invalidation only then', {
    split: 'unopened',
  }),
];

/** Planted bugs. */
export const userMutations: readonly Mutation[] = [
  wayVariant('bind-unlocked', 'pages are bound to the IOMMU without the invalidate lock', { bind: 'unlocked' }),
  wayVariant(
    'end-before-unmap',
    'the IOMMU unmaps when it is told of the end of an invalidation, and not of the begin',
    {
      unmap: 'behind-end',
    },
  ),
  wayVariant('type-unchecked', 'guest_memfd hands pages out without a look at what type of memory they are', {
    type: 'trusted',
  }),
  {
    name: 'iotlb-flush-missing',
    title: 'what is unmapped stays in the IOTLB of the device, whose translations nobody flushes',
    needs: { words: 'any scheme', traits: {} },
    change: (base) => ({
      setAttributes: (g, gfns, to) => unflushed(g, base.setAttributes(g, gfns, to)),
      punchHole: (g, gfns) => unflushed(g, base.punchHole(g, gfns)),
      deviceUnmap: (g, gfn) => unflushed(g, base.deviceUnmap(g, gfn)),
    }),
  },
];

function unflushed<T>({ iommu }: Gmem, routine: Routine<T>): Routine<T> {
  const { iotlb, trustedIotlb } = iommu ?? {};
  const flushes = [iotlb, trustedIotlb].flatMap((cells) => (cells === undefined ? [] : [cells.at(ANY).write(null)]));
  return rewritten(routine, (op) => (flushes.some((flush) => sameKind(op, flush)) ? answering(undefined) : undefined));
}

function wayVariant(name: string, title: string, change: Partial<UserWays>): Mutation {
  return { name, title, needs: withUsers, change: (base) => userRoutines({ ...userWaysOf(base)!, ...change }) };
}
