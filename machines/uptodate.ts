/**
 * Region `uptodate` of the folio machine: the page flag. Joined by machines/folio.ts.
 */

import { folioSetup } from './folio-setup.js';
import { stays } from './stays.js';

/** PG_uptodate. What it stands for (cleared, or cleared and prepared) is the scheme's business, not the machine's. */
export const uptodate = folioSetup.createStateConfig({
  initial: 'clear',
  on: stays(
    'ALLOCATE',
    'INSERT',
    'REMOVE',
    'CLEAR',
    'POPULATE',
    'GUEST_READ',
    'GUEST_WRITE',
    'HOST_READ',
    'HOST_WRITE',
    'MAP_PRIVATE',
    'MAP_SHARED',
    'UNMAP',
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
    clear: { on: { MARK_UPTODATE: 'set', ...stays('FREE', 'FREE_AS_IS') } },
    set: { tags: 'uptodate', on: { FREE: 'clear', FREE_AS_IS: 'clear', ...stays('MARK_UPTODATE') } },
  },
});
