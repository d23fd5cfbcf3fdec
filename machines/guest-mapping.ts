/**
 * Region `guest` of the folio machine: the guest's mapping (an SPTE, one VM). Joined by machines/folio.ts.
 */

import { folioSetup } from './folio-setup.js';
import { stays } from './stays.js';
import { violation } from './violation.js';

/**
 * Whether and how the guest maps the page: I4 (no stale mapping) and I5 (the mapping has the page's attribute) of
 * docs/kernel.md.
 */
export const guestMapping = folioSetup.createStateConfig({
  initial: 'unmapped',
  on: stays(
    'ALLOCATE',
    'INSERT',
    'CLEAR',
    'MARK_UPTODATE',
    'POPULATE',
    'HOST_READ',
    'HOST_WRITE',
    'USER_MAP',
    'USER_UNMAP',
    'PIN',
    'UNPIN',
    'VMSA_USE',
    'RMP_ABSENT',
  ),
  states: {
    unmapped: {
      on: {
        MAP_PRIVATE: 'private',
        MAP_SHARED: 'shared',
        GUEST_READ: 'goneMapping',
        GUEST_WRITE: 'goneMapping',
        ...stays('UNMAP', 'REMOVE', 'FREE', 'FREE_AS_IS', 'ASSIGN', 'UNASSIGN'),
      },
    },
    private: {
      tags: 'guest-private',
      on: {
        UNMAP: 'unmapped',
        REMOVE: 'staleMapping',
        FREE: 'useAfterFree',
        FREE_AS_IS: 'useAfterFree',
        UNASSIGN: 'unpreparedMap',
        MAP_SHARED: 'attributeMismatch',
        ...stays('MAP_PRIVATE', 'ASSIGN', 'GUEST_READ', 'GUEST_WRITE'),
      },
    },
    shared: {
      tags: 'guest-shared',
      on: {
        UNMAP: 'unmapped',
        REMOVE: 'staleMapping',
        FREE: 'useAfterFree',
        FREE_AS_IS: 'useAfterFree',
        ASSIGN: 'attributeMismatch',
        MAP_PRIVATE: 'attributeMismatch',
        ...stays('MAP_SHARED', 'UNASSIGN', 'GUEST_READ', 'GUEST_WRITE'),
      },
    },
    goneMapping: violation(
      'stale-mapping',
      'the guest reads or writes the page through a translation that is no longer there',
    ),
    staleMapping: violation(
      'stale-mapping',
      'the folio leaves the page cache while the guest still maps it, and the guest goes on using a page that is no ' +
        'longer its memory',
    ),
    useAfterFree: violation(
      'use-after-free',
      'the page frame goes back to the allocator while the guest still maps it, and the guest reads and writes the ' +
        'data of its next owner',
    ),
    unpreparedMap: violation(
      'unprepared-map',
      'the page is taken from the guest in the RMP while the guest still maps it as private: each access is a ' +
        'nested page fault with the RMP bit, and the vCPU makes no progress',
    ),
    attributeMismatch: violation(
      'attribute-mismatch',
      'the guest has the page mapped one way while it becomes the other, private against shared, and both sides ' +
        'believe it is theirs',
    ),
  },
});
