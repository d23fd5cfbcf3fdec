/**
 * Region `mapping` of the folio machine: the user page table entry. Joined by machines/folio.ts.
 */

import { folioSetup } from './folio-setup.js';
import { stays } from './stays.js';
import { violation } from './violation.js';

/** Whether a process on the host maps the page: I4 and I5 of docs/kernel.md, for user page tables. */
export const userMapping = folioSetup.createStateConfig({
  initial: 'unmapped',
  on: stays(
    'ALLOCATE',
    'INSERT',
    'CLEAR',
    'MARK_UPTODATE',
    'POPULATE',
    'GUEST_READ',
    'GUEST_WRITE',
    'HOST_READ',
    'HOST_WRITE',
    'MAP_SHARED',
    'UNMAP',
    'PIN',
    'UNPIN',
    'UNASSIGN',
    'VMSA_USE',
    'RMP_ABSENT',
  ),
  states: {
    unmapped: {
      on: { USER_MAP: 'mapped', ...stays('USER_UNMAP', 'REMOVE', 'FREE', 'FREE_AS_IS', 'ASSIGN', 'MAP_PRIVATE') },
    },
    mapped: {
      tags: 'mapped',
      on: {
        USER_UNMAP: 'unmapped',
        REMOVE: 'staleMapping',
        FREE: 'useAfterFree',
        FREE_AS_IS: 'useAfterFree',
        ASSIGN: 'attributeMismatch',
        MAP_PRIVATE: 'attributeMismatch',
        ...stays('USER_MAP'),
      },
    },
    staleMapping: violation(
      'stale-mapping',
      'the folio leaves the page cache while a process still maps it, and the process goes on using a page that is ' +
        'no longer in the file',
    ),
    useAfterFree: violation(
      'use-after-free',
      'the page frame goes back to the allocator while a process still maps it, and the process reads and writes ' +
        'the data of its next owner',
    ),
    attributeMismatch: violation(
      'attribute-mismatch',
      'the page becomes private while a process on the host still maps it, and the next store of that process hits ' +
        'guest memory',
    ),
  },
});
