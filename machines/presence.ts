/**
 * Region `presence` of the folio machine: who holds the page frame.
 *
 * Joined by machines/folio.ts. References are not counted here: FREE is the last one being dropped.
 */

import { folioSetup } from './folio-setup.js';
import { stays } from './stays.js';
import { violation } from './violation.js';

/**
 * With the allocator, allocated, in the page cache, or removed from it and still referenced: I4 and I6 of
 * docs/kernel.md.
 *
 * A removed folio may be read and written until it is freed (pins outlive removal), but not mapped again.
 */
export const presence = folioSetup.createStateConfig({
  initial: 'free',
  on: stays('UNMAP', 'USER_UNMAP', 'UNPIN', 'UNASSIGN', 'RMP_ABSENT'),
  states: {
    free: {
      tags: 'free',
      on: {
        ALLOCATE: 'allocated',
        INSERT: 'usedWhileFree',
        REMOVE: 'usedWhileFree',
        FREE: 'usedWhileFree',
        FREE_AS_IS: 'usedWhileFree',
        CLEAR: 'usedWhileFree',
        MARK_UPTODATE: 'usedWhileFree',
        POPULATE: 'usedWhileFree',
        GUEST_READ: 'usedWhileFree',
        GUEST_WRITE: 'usedWhileFree',
        HOST_READ: 'usedWhileFree',
        HOST_WRITE: 'usedWhileFree',
        MAP_PRIVATE: 'usedWhileFree',
        MAP_SHARED: 'usedWhileFree',
        USER_MAP: 'usedWhileFree',
        PIN: 'usedWhileFree',
        VMSA_USE: 'usedWhileFree',
        ASSIGN: 'usedWhileFree',
      },
    },
    allocated: {
      on: {
        INSERT: 'cached',
        FREE: 'free',
        FREE_AS_IS: 'free',
        ALLOCATE: 'allocatedTwice',
        REMOVE: 'notInPageCache',
        MAP_PRIVATE: 'mappedOutsidePageCache',
        MAP_SHARED: 'mappedOutsidePageCache',
        USER_MAP: 'mappedOutsidePageCache',
        VMSA_USE: 'runOutsidePageCache',
        ...stays(
          'CLEAR',
          'MARK_UPTODATE',
          'POPULATE',
          'GUEST_READ',
          'GUEST_WRITE',
          'HOST_READ',
          'HOST_WRITE',
          'PIN',
          'ASSIGN',
        ),
      },
    },
    cached: {
      tags: 'cached',
      on: {
        REMOVE: 'removed',
        ALLOCATE: 'allocatedTwice',
        INSERT: 'insertedTwice',
        FREE: 'freedInPageCache',
        FREE_AS_IS: 'freedInPageCache',
        ...stays(
          'CLEAR',
          'MARK_UPTODATE',
          'POPULATE',
          'GUEST_READ',
          'GUEST_WRITE',
          'HOST_READ',
          'HOST_WRITE',
          'MAP_PRIVATE',
          'MAP_SHARED',
          'USER_MAP',
          'PIN',
          'ASSIGN',
          'VMSA_USE',
        ),
      },
    },
    removed: {
      on: {
        FREE: 'free',
        FREE_AS_IS: 'free',
        ALLOCATE: 'allocatedTwice',
        INSERT: 'insertedTwice',
        REMOVE: 'notInPageCache',
        MAP_PRIVATE: 'mappedOutsidePageCache',
        MAP_SHARED: 'mappedOutsidePageCache',
        USER_MAP: 'mappedOutsidePageCache',
        VMSA_USE: 'runOutsidePageCache',
        ...stays(
          'CLEAR',
          'MARK_UPTODATE',
          'POPULATE',
          'GUEST_READ',
          'GUEST_WRITE',
          'HOST_READ',
          'HOST_WRITE',
          'PIN',
          'ASSIGN',
        ),
      },
    },
    usedWhileFree: violation(
      'use-after-free',
      'the kernel uses a page frame that is on the free list and may belong to somebody else by now',
    ),
    allocatedTwice: violation(
      'use-after-free',
      'the allocator hands out a page frame that is still in use, and two owners write to it',
    ),
    insertedTwice: violation(
      'use-after-free',
      'a folio enters the page cache a second time, so that one of its removals frees it under the other',
    ),
    notInPageCache: violation(
      'use-after-free',
      'a folio that is not in the page cache is removed from it, and a reference is dropped that somebody else owns',
    ),
    freedInPageCache: violation(
      'use-after-free',
      'the page frame goes back to the allocator while the page cache still hands it out',
    ),
    mappedOutsidePageCache: violation(
      'stale-mapping',
      'a folio that is not in the page cache is mapped: no later punch or conversion will find the mapping, and it ' +
        'outlives the folio',
    ),
    runOutsidePageCache: violation(
      'stale-mapping',
      'a vCPU runs on a VMSA page that is not in the page cache: the file has given it up, and nothing will take the vCPU ' +
        'off it before the frame has another owner',
    ),
  },
});
