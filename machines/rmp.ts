/**
 * The RMP entry of one 4K page frame: who owns the frame, the hypervisor or a guest (AMD SEV-SNP).
 *
 * Written once as a region: the folio machine embeds it, and `rmpMachine` is the same region alone, to be drawn.
 * An unassigned entry is the hypervisor's; the kernel's threads avoid calling it shared, and so does this file.
 */

import { folioSetup } from './folio-setup.js';
import { stays } from './stays.js';
import { violation } from './violation.js';

/**
 * The RMP entry as a region config: unassigned, assigned, or absent where the machine has no RMP.
 *
 * Source: rmp_make_private, rmp_make_shared and sev_gmem_prepare (arch/x86/kvm/svm/sev.c); I3, I6 and I7 of
 * docs/kernel.md. A second hook call is the hook's own business: it looks the entry up and sends no second ASSIGN.
 */
export const rmpRegion = folioSetup.createStateConfig({
  initial: 'unassigned',
  on: stays(
    'ALLOCATE',
    'INSERT',
    'REMOVE',
    'MARK_UPTODATE',
    'GUEST_READ',
    'GUEST_WRITE',
    'HOST_READ',
    'UNMAP',
    'USER_MAP',
    'USER_UNMAP',
    'PIN',
    'UNPIN',
    'FREE_AS_IS',
    'VMSA_USE',
  ),
  states: {
    unassigned: {
      on: {
        ASSIGN: 'assigned',
        RMP_ABSENT: 'absent',
        MAP_PRIVATE: 'unpreparedMap',
        ...stays('UNASSIGN', 'CLEAR', 'POPULATE', 'HOST_WRITE', 'FREE', 'MAP_SHARED'),
      },
    },
    assigned: {
      tags: 'assigned',
      on: {
        UNASSIGN: 'unassigned',
        ASSIGN: 'doublePrepare',
        CLEAR: 'hostRmpFault',
        POPULATE: 'hostRmpFault',
        HOST_WRITE: 'hostRmpFault',
        FREE: 'freeWhileAssigned',
        MAP_SHARED: 'attributeMismatch',
        ...stays('MAP_PRIVATE', 'RMP_ABSENT'),
      },
    },
    absent: {
      on: stays(
        'ASSIGN',
        'UNASSIGN',
        'CLEAR',
        'POPULATE',
        'HOST_WRITE',
        'FREE',
        'MAP_PRIVATE',
        'MAP_SHARED',
        'RMP_ABSENT',
      ),
    },
    unpreparedMap: violation(
      'unprepared-map',
      'the guest has a private mapping of a page that the RMP does not give it: each access is a nested page fault ' +
        'with the RMP bit, and the vCPU makes no progress',
    ),
    doublePrepare: violation(
      'double-prepare',
      'the page is made private a second time: RMPUPDATE clears the validated bit, and the guest takes a #VC on a ' +
        'page that it had already accepted',
    ),
    hostRmpFault: violation(
      'host-rmp-fault',
      'the host takes an RMP page fault (#PF with the RMP bit) on its own store and the kernel dies',
    ),
    freeWhileAssigned: violation(
      'free-while-assigned',
      'the page frame goes back to the allocator while the RMP still gives it to the guest, and the first store of ' +
        'its next owner kills the kernel',
    ),
    attributeMismatch: violation(
      'attribute-mismatch',
      'the guest gets a shared mapping of a page that the RMP still holds as private',
    ),
  },
});

/** The RMP entry alone: the states and events of the folio machine's region `rmp`. */
export const rmpMachine = folioSetup.createMachine({ id: 'rmp', ...rmpRegion });
