/**
 * The routines of a scheme whose guest_memfd has contexts of its users (E2 in docs/kernel.md), in one order or another. Imported by
 * variants and mutations.
 */

import type { Routine } from '../../core/ops/routine.js';
import { alreadyEqual, preallocationFails, storeAttribute } from '../calls/convert.js';
import { truncateRange } from '../calls/filemap.js';
import { underExclusiveLock } from '../calls/get-pfn.js';
import { reclaimAtRemoval } from '../calls/lifetime.js';
import { ENOMEM } from '../errno.js';
import type { Gmem } from '../gmem.js';
import type { Access } from '../scenarios/scenario.js';
import type { Gfn, Scheme } from '../scheme.js';
import { answerPageRequest, bindPage, type IommuWays, iommuContext, unbindPage } from './iommu-context.js';
import { kvmContext } from './kvm-context.js';
import { getPage, invalidateUsers, type PhaseOrder } from './memory-provider.js';
import type { UserContext } from './user-context.js';
import { vmmContext } from './vmm-context.js';

/** How guest_memfd and its users work together. */
export interface UserWays extends PhaseOrder, IommuWays {
  /** Whether KVM's invalidation is open before it splits leaves, in phase 1. */
  readonly split: 'opened' | 'unopened';
}

/** As E2 is to be. */
export const USERS_IN_PHASES: UserWays = {
  prepare: 'all-first',
  type: 'compared',
  unmap: 'at-begin',
  bind: 'locked',
  requests: 'compared',
  split: 'opened',
};

const waysOfSchemes = new WeakMap<Scheme['setAttributes'], UserWays>();

/** How the users of a scheme are told; undefined where its guest_memfd knows none but KVM. */
export function userWaysOf({ setAttributes }: Pick<Scheme, 'setAttributes'>): UserWays | undefined {
  return waysOfSchemes.get(setAttributes);
}

/** What a scheme does with contexts of its users. */
export function userRoutines(ways: UserWays): Partial<Scheme> {
  const setAttributes = (g: Gmem, gfns: readonly Gfn[], to: Access) => setAttributesOfUsers(g, gfns, to, ways);
  waysOfSchemes.set(setAttributes, ways);
  return {
    setAttributes,
    *punchHole(g, gfns) {
      return yield* underExclusiveLock(g, () =>
        invalidateUsers(g, usersOf(g, ways), { gfns, why: 'punch' }, ways, () => truncateRange(g, gfns)),
      );
    },
    *getPfn(g, gfn, isPrivate) {
      const request = { gfn, as: isPrivate ? 'private' : 'shared' } as const;
      return yield* getPage(g, kvmContext(g, ways.split === 'opened'), request, ways);
    },
    /** The contexts have taken the page back before it left; but when files end, none of them is left for the inode's pages. */
    *freeFolio(g, folio) {
      if (g.parts.fileEnds) yield* reclaimAtRemoval(g, folio);
    },
    *deviceMap(g, gfn) {
      return yield* bindPage(g, gfn, ways);
    },
    *deviceUnmap(g, gfn) {
      return yield* unbindPage(g, gfn, ways);
    },
    *deviceFault(g, gfn) {
      return yield* answerPageRequest(g, gfn, ways, ways);
    },
  };
}

/** Everybody who uses the memory of an inode: the VMM first, which is the one that may have to be waited for. */
function usersOf(g: Gmem, ways: UserWays): readonly UserContext[] {
  const kvms = g.views.map((view) => kvmContext(view, ways.split === 'opened'));
  return [vmmContext(g), ...kvms, ...(g.parts.devices ? [iommuContext(g, ways)] : [])];
}

function* setAttributesOfUsers(g: Gmem, gfns: readonly Gfn[], to: Access, ways: UserWays): Routine<number> {
  return yield* underExclusiveLock(g, function* () {
    if (yield* alreadyEqual(g, to, gfns)) return 0;
    if (yield* preallocationFails(g)) return -ENOMEM;
    const range = { gfns, why: to === 'private' ? 'to-private' : 'to-shared' } as const;
    return yield* invalidateUsers(g, usersOf(g, ways), range, ways, function* () {
      for (const gfn of gfns) yield* storeAttribute(g, gfn, to);
    });
  });
}
