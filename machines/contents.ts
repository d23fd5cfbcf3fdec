/**
 * Region `contents` of the folio machine: whose data the page holds.
 *
 * Real residue reads back as noise on SNP and TDX, because they encrypt; the model taints the data and looks at no
 * bytes. Joined by machines/folio.ts.
 */

import { folioSetup } from './folio-setup.js';
import { stays } from './stays.js';
import { violation } from './violation.js';

/** I1 (no leak) and I2 (no lost guest write) of docs/kernel.md. `scrambled`: readable, but under another key. */
export const contents = folioSetup.createStateConfig({
  initial: 'residue',
  on: stays('ALLOCATE', 'INSERT', 'REMOVE', 'MARK_UPTODATE', 'UNMAP', 'USER_UNMAP', 'PIN', 'UNPIN', 'RMP_ABSENT'),
  states: {
    residue: {
      tags: 'residue',
      on: {
        CLEAR: 'zero',
        POPULATE: 'image',
        GUEST_WRITE: 'guest',
        HOST_WRITE: 'host',
        GUEST_READ: 'leak',
        HOST_READ: 'leak',
        MAP_PRIVATE: 'leak',
        MAP_SHARED: 'leak',
        USER_MAP: 'leak',
        VMSA_USE: 'leak',
        ...stays('FREE', 'FREE_AS_IS', 'ASSIGN', 'UNASSIGN'),
      },
    },
    zero: {
      on: {
        POPULATE: 'image',
        GUEST_WRITE: 'guest',
        HOST_WRITE: 'host',
        FREE: 'residue',
        FREE_AS_IS: 'residue',
        ...stays(
          'VMSA_USE',
          'CLEAR',
          'GUEST_READ',
          'HOST_READ',
          'MAP_PRIVATE',
          'MAP_SHARED',
          'USER_MAP',
          'ASSIGN',
          'UNASSIGN',
        ),
      },
    },
    image: {
      tags: 'image',
      on: {
        GUEST_WRITE: 'guest',
        HOST_WRITE: 'host',
        UNASSIGN: 'scrambled',
        FREE: 'residue',
        FREE_AS_IS: 'residue',
        CLEAR: 'lostImage',
        POPULATE: 'populateOverwrite',
        ...stays('VMSA_USE', 'GUEST_READ', 'HOST_READ', 'MAP_PRIVATE', 'MAP_SHARED', 'USER_MAP', 'ASSIGN'),
      },
    },
    guest: {
      on: {
        HOST_WRITE: 'host', // a shared page is written by both
        ASSIGN: 'scrambled', // written while the page was shared
        UNASSIGN: 'scrambled',
        FREE: 'residue',
        FREE_AS_IS: 'residue',
        CLEAR: 'lostGuestData',
        POPULATE: 'lostGuestData',
        ...stays('VMSA_USE', 'GUEST_WRITE', 'GUEST_READ', 'HOST_READ', 'MAP_PRIVATE', 'MAP_SHARED', 'USER_MAP'),
      },
    },
    host: {
      on: {
        CLEAR: 'zero',
        POPULATE: 'image', // I2 protects guest data and the image, not what a host process wrote
        GUEST_WRITE: 'guest',
        ASSIGN: 'scrambled',
        FREE: 'residue',
        FREE_AS_IS: 'residue',
        ...stays(
          'VMSA_USE',
          'HOST_WRITE',
          'GUEST_READ',
          'HOST_READ',
          'MAP_PRIVATE',
          'MAP_SHARED',
          'USER_MAP',
          'UNASSIGN',
        ),
      },
    },
    scrambled: {
      on: {
        CLEAR: 'zero',
        POPULATE: 'image',
        GUEST_WRITE: 'guest',
        HOST_WRITE: 'host',
        FREE: 'residue',
        FREE_AS_IS: 'residue',
        ...stays('VMSA_USE', 'GUEST_READ', 'HOST_READ', 'MAP_PRIVATE', 'MAP_SHARED', 'USER_MAP', 'ASSIGN', 'UNASSIGN'),
      },
    },
    leak: violation('leak', 'the new owner of the page frame can read what its previous owner left there'),
    lostImage: violation(
      'lost-write',
      'the host clears a page of the launch image, and the guest starts from zeroes that were never measured',
    ),
    lostGuestData: violation('lost-write', 'the host overwrites what the guest wrote, and the guest cannot tell'),
    populateOverwrite: violation(
      'populate-overwrite',
      'a second populate replaces a page of the launch image that was already in place',
    ),
  },
});
