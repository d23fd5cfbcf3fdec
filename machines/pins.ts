/**
 * Region `pins` of the folio machine: long-lived references by GUP. Joined by machines/folio.ts.
 */

import { folioSetup } from './folio-setup.js';
import { stays } from './stays.js';
import { violation } from './violation.js';

/** How many pins the page has: up to two, the model's bound. A pin may outlive removal, but not the last reference. */
export const pins = folioSetup.createStateConfig({
  initial: 'none',
  on: stays(
    'ALLOCATE',
    'INSERT',
    'REMOVE',
    'CLEAR',
    'MARK_UPTODATE',
    'POPULATE',
    'GUEST_READ',
    'GUEST_WRITE',
    'HOST_READ',
    'HOST_WRITE',
    'MAP_SHARED',
    'UNMAP',
    'USER_MAP',
    'USER_UNMAP',
    'UNASSIGN',
    'VMSA_USE',
    'RMP_ABSENT',
  ),
  states: {
    none: { on: { PIN: 'one', UNPIN: 'notPinned', ...stays('FREE', 'FREE_AS_IS', 'ASSIGN', 'MAP_PRIVATE') } },
    one: {
      tags: 'pinned',
      on: {
        PIN: 'two',
        UNPIN: 'none',
        FREE: 'useAfterFree',
        FREE_AS_IS: 'useAfterFree',
        ASSIGN: 'attributeMismatch',
        MAP_PRIVATE: 'attributeMismatch',
      },
    },
    two: {
      tags: 'pinned',
      on: {
        UNPIN: 'one',
        PIN: 'pinBound',
        FREE: 'useAfterFree',
        FREE_AS_IS: 'useAfterFree',
        ASSIGN: 'attributeMismatch',
        MAP_PRIVATE: 'attributeMismatch',
      },
    },
    notPinned: violation('assertion', 'a page is unpinned that nobody has pinned'),
    pinBound: violation('assertion', 'the model leaves its bound: it counts at most two pins of a page'),
    useAfterFree: violation(
      'use-after-free',
      'the page frame goes back to the allocator while somebody still pins it, and their DMA lands in the data of ' +
        'its next owner',
    ),
    attributeMismatch: violation(
      'attribute-mismatch',
      'the page becomes private while somebody on the host still pins it and may write to it at any time',
    ),
  },
});
