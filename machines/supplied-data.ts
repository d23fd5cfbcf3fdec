/**
 * Region `suppliedData` of the folio machine: whether the page holds what the handler of a userfaultfd has copied there for the
 * guest. In worlds with such a handler; joined by folio-machine-of.ts.
 */

import { KEEPS_DATA } from './data-kept.js';
import { folioSetup } from './folio-setup.js';
import { stays } from './stays.js';
import { violation } from './violation.js';

/** What was copied is the guest's, as on the machine that it has come from: nobody may clear it. */
export const suppliedData = folioSetup.createStateConfig({
  initial: 'absent',
  on: stays(...KEEPS_DATA),
  states: {
    absent: {
      on: {
        SUPPLY: 'kept',
        ...stays('CLEAR', 'POPULATE', 'GUEST_WRITE', 'HOST_WRITE', 'FREE', 'FREE_AS_IS', 'ASSIGN'),
      },
    },
    kept: {
      on: {
        CLEAR: 'lost',
        POPULATE: 'absent',
        GUEST_WRITE: 'absent', // what the guest writes the region `contents` keeps
        HOST_WRITE: 'absent', // and what the host writes there is its own
        FREE: 'absent',
        FREE_AS_IS: 'absent',
        ASSIGN: 'absent', // a page that becomes private reads as noise
        ...stays('SUPPLY'),
      },
    },
    lost: violation(
      'lost-write',
      'the host clears what the handler of a userfaultfd has copied into the page, and the guest finds zeroes in its stead',
    ),
  },
});
