/**
 * Region `tdPage` of the folio machine: whether a TD has the page frame. In worlds of arch tdx, whose TDX module keeps that for
 * each 4K of memory (PAMT), as the RMP does for SNP; joined by folio-machine-of.ts.
 *
 * A store of the host to a page of a TD does not fault. It breaks the integrity of what the TD has there, and the TD's next load
 * is a machine check.
 */

import { folioSetup } from './folio-setup.js';
import { stays } from './stays.js';
import { violation } from './violation.js';

/** I3 and I6 of docs/kernel.md, for a TD. */
export const tdPage = folioSetup.createStateConfig({
  initial: 'host',
  on: stays(
    'ALLOCATE',
    'INSERT',
    'REMOVE',
    'MARK_UPTODATE',
    'GUEST_READ',
    'GUEST_WRITE',
    'HOST_READ',
    'UNMAP',
    'MAP_PRIVATE',
    'USER_MAP',
    'USER_UNMAP',
    'PIN',
    'UNPIN',
    'ASSIGN',
    'UNASSIGN',
    'VMSA_USE',
    'RMP_ABSENT',
  ),
  states: {
    host: {
      on: {
        TD_AUG: 'td',
        TD_ADD: 'td',
        ...stays('TD_REMOVE', 'CLEAR', 'POPULATE', 'HOST_WRITE', 'FREE', 'FREE_AS_IS', 'MAP_SHARED'),
      },
    },
    td: {
      tags: 'td-page',
      on: {
        TD_REMOVE: 'host',
        TD_AUG: 'addedTwice',
        TD_ADD: 'addedTwice',
        CLEAR: 'hostStore',
        POPULATE: 'hostStore',
        HOST_WRITE: 'hostStore',
        FREE: 'freeWhileOwned',
        FREE_AS_IS: 'freeWhileOwned',
        MAP_SHARED: 'attributeMismatch',
      },
    },
    addedTwice: violation(
      'vm-dead',
      'the TDX module refuses to add a page that a TD has already, and KVM marks the VM as dead',
    ),
    hostStore: violation(
      'lost-write',
      "the host stores to a page of the TD with a key that is not the TD's, and the TD's next load from there is a machine check",
    ),
    freeWhileOwned: violation(
      'free-while-assigned',
      'the page frame goes back to the allocator while the S-EPT still maps it: its next owner and the TD share it, and a store ' +
        "of the one breaks the other's data",
    ),
    attributeMismatch: violation(
      'attribute-mismatch',
      'the guest gets a shared mapping of a page that the TD still has as private',
    ),
  },
});

/** The same alone. */
export const tdPageMachine = folioSetup.createMachine({ id: 'tdPage', ...tdPage });

/** What AUG makes of the contents: nobody reads them before the guest has accepted the page, which zeroes it. */
export const augmentedContents = {
  residue: 'zero',
  zero: 'zero',
  image: 'lostImage',
  guest: 'zero',
  host: 'zero',
  scrambled: 'zero',
} as const;

/** What is left of the contents when the page is taken from the TD: they were under its key. */
export const removedContents = {
  residue: 'residue',
  zero: 'zero',
  image: 'scrambled',
  guest: 'scrambled',
  host: 'host',
  scrambled: 'scrambled',
} as const;
