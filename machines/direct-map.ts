/**
 * Regions `directMap` and `noDirectMap` of the folio machine: the kernel's own mapping of a frame, and the bit in
 * folio->private that remembers that it is gone. In worlds whose file has GUEST_MEMFD_FLAG_NO_DIRECT_MAP; joined by
 * folio-machine-of.ts.
 */

import { folioSetup } from './folio-setup.js';
import { stays } from './stays.js';
import { violation } from './violation.js';

/**
 * The entry of the direct map: I23 of docs/kernel.md, and what the kernel itself may do to the page. A guest and a process
 * have mappings of their own.
 */
export const directMap = folioSetup.createStateConfig({
  initial: 'present',
  on: stays(
    'ALLOCATE',
    'INSERT',
    'REMOVE',
    'MARK_UPTODATE',
    'GUEST_READ',
    'GUEST_WRITE',
    'HOST_READ',
    'HOST_WRITE',
    'UNMAP',
    'VMSA_USE',
    'USER_UNMAP',
    'PIN',
    'UNPIN',
    'ASSIGN',
    'UNASSIGN',
    'RMP_ABSENT',
    'SET_NO_DIRECT_MAP',
    'CLEAR_NO_DIRECT_MAP',
  ),
  states: {
    present: {
      on: {
        ZAP_DIRECT_MAP: 'zapped',
        MAP_PRIVATE: 'stillMapped',
        MAP_SHARED: 'stillMapped',
        USER_MAP: 'stillMapped',
        ...stays('RESTORE_DIRECT_MAP', 'CLEAR', 'POPULATE', 'DIRECT_MAP_COPY', 'FREE', 'FREE_AS_IS'),
      },
    },
    zapped: {
      on: {
        RESTORE_DIRECT_MAP: 'present',
        CLEAR: 'hole',
        POPULATE: 'hole',
        DIRECT_MAP_COPY: 'hole',
        FREE: 'freedWithHole',
        FREE_AS_IS: 'freedWithHole',
        ...stays('ZAP_DIRECT_MAP', 'MAP_PRIVATE', 'MAP_SHARED', 'USER_MAP'),
      },
    },
    hole: violation(
      'host-page-fault',
      'the host stores through its direct map where the page was taken out of it, takes a page fault in the kernel and ' +
        'dies',
    ),
    freedWithHole: violation(
      'host-page-fault',
      'the page frame goes back to the allocator without its entry in the direct map, and the first store of its next ' +
        'owner kills the kernel',
    ),
    stillMapped: violation(
      'unprepared-map',
      'a page is handed out that is still in the direct map: whatever reads kernel memory reads the guest, and nothing ' +
        'will take the page out of it later',
    ),
  },
});

/** KVM_GMEM_FOLIO_NO_DIRECT_MAP in folio->private; the allocator hands out a page with folio->private zeroed. */
export const noDirectMap = folioSetup.createStateConfig({
  initial: 'clear',
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
    'MAP_PRIVATE',
    'MAP_SHARED',
    'UNMAP',
    'VMSA_USE',
    'USER_MAP',
    'USER_UNMAP',
    'PIN',
    'UNPIN',
    'ASSIGN',
    'UNASSIGN',
    'RMP_ABSENT',
    'ZAP_DIRECT_MAP',
    'RESTORE_DIRECT_MAP',
    'DIRECT_MAP_COPY',
  ),
  states: {
    clear: { on: { SET_NO_DIRECT_MAP: 'set', ...stays('CLEAR_NO_DIRECT_MAP', 'FREE', 'FREE_AS_IS') } },
    set: {
      tags: 'no-direct-map',
      on: { CLEAR_NO_DIRECT_MAP: 'clear', FREE: 'clear', FREE_AS_IS: 'clear', ...stays('SET_NO_DIRECT_MAP') },
    },
  },
});
