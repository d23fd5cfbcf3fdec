/**
 * Region `poison` of the folio machine: what memory failure has made of the frame. In worlds in which memory may fail;
 * joined by folio-machine-of.ts.
 *
 * The flag and the handling are two facts. In a correct kernel the flag comes first, so that who has seen none is stale
 * once the handling is over; `unmarked` is there for a kernel that does it the other way round. Where folios may be large the
 * flag is a cell besides, of each struct page, and what is here is the truth: whoever finds no flag says so (HAND_OUT).
 */

import { folioSetup } from './folio-setup.js';
import { stays } from './stays.js';
import { violation } from './violation.js';

/** PG_hwpoison, and whether kvm_gmem_error_folio() is over: I24 of docs/kernel.md. */
export const poison = folioSetup.createStateConfig({
  initial: 'healthy',
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
    'UNMAP',
    'VMSA_USE',
    'USER_UNMAP',
    'PIN',
    'UNPIN',
    'ASSIGN',
    'UNASSIGN',
    'RMP_ABSENT',
  ),
  states: {
    healthy: {
      on: {
        POISON: 'poisoned',
        ERROR_HANDLED: 'unmarked',
        ...stays('FREE', 'FREE_AS_IS', 'MAP_PRIVATE', 'MAP_SHARED', 'USER_MAP'),
        ...stays('HAND_OUT', 'REPORT_HANDLED', 'REPORT_FAILED'),
      },
    },
    poisoned: {
      tags: 'hwpoison',
      on: {
        ERROR_HANDLED: 'handled',
        FREE: 'freedWhilePoisoned',
        FREE_AS_IS: 'freedWhilePoisoned',
        HAND_OUT: 'handedOut',
        REPORT_HANDLED: 'reportedTooEarly',
        ...stays('POISON', 'MAP_PRIVATE', 'MAP_SHARED', 'USER_MAP', 'REPORT_FAILED'),
      },
    },
    handled: {
      tags: 'hwpoison',
      on: {
        MAP_PRIVATE: 'mappedAgain',
        MAP_SHARED: 'mappedAgain',
        USER_MAP: 'mappedAgain',
        FREE: 'freedWhilePoisoned',
        FREE_AS_IS: 'freedWhilePoisoned',
        HAND_OUT: 'handedOut',
        REPORT_FAILED: 'reportedFailed',
        ...stays('POISON', 'ERROR_HANDLED', 'REPORT_HANDLED'),
      },
    },
    unmarked: {
      on: {
        POISON: 'handled',
        MAP_PRIVATE: 'mappedAgain',
        MAP_SHARED: 'mappedAgain',
        USER_MAP: 'mappedAgain',
        FREE: 'freedWhilePoisoned',
        FREE_AS_IS: 'freedWhilePoisoned',
        REPORT_FAILED: 'reportedFailed',
        ...stays('ERROR_HANDLED', 'HAND_OUT', 'REPORT_HANDLED'),
      },
    },
    freedWhilePoisoned: violation(
      'use-after-free',
      'the page frame goes back to the allocator though its memory has failed, and its next owner reads the error',
    ),
    mappedAgain: violation(
      'stale-mapping',
      'a page whose memory has failed is mapped after memory failure has taken its mappings away, and the next access ' +
        'is a machine check',
    ),
    reportedTooEarly: violation(
      'assertion',
      'memory failure tells its caller that the page was dealt with, and the guest can still reach it',
    ),
    reportedFailed: violation(
      'assertion',
      'memory failure answers -EBUSY and its caller kills the process with SIGBUS, though nobody can reach the page and ' +
        'a later access would have been told',
    ),
    handedOut: violation(
      'stale-mapping',
      'a page whose memory is known to have failed is handed out: the flag that says so is not that of its folio, and the ' +
        'next access is a machine check',
    ),
  },
});

/** The poison alone: the states and events of the folio machine's region `poison`. */
export const poisonMachine = folioSetup.createMachine({ id: 'poison', ...poison });
