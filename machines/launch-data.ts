/**
 * Region `launchData` of the folio machine: whether the host has written into the page what the launch is to measure where
 * it lies. In worlds whose populate has no source; joined by folio-machine-of.ts.
 */

import { KEEPS_DATA } from './data-kept.js';
import { folioSetup } from './folio-setup.js';
import { stays } from './stays.js';
import { violation } from './violation.js';

/** Data that was written while the page was shared must still be there when the page is measured. */
export const launchData = folioSetup.createStateConfig({
  initial: 'absent',
  on: stays(...KEEPS_DATA, 'ASSIGN'),
  states: {
    absent: {
      on: {
        HOST_WRITE: 'written',
        ...stays('CLEAR', 'POPULATE', 'GUEST_WRITE', 'FREE', 'FREE_AS_IS', 'LAUNCH_UPDATE'),
      },
    },
    written: {
      on: {
        CLEAR: 'lostLaunchData',
        POPULATE: 'absent',
        GUEST_WRITE: 'absent',
        FREE: 'absent',
        FREE_AS_IS: 'absent',
        LAUNCH_UPDATE: 'absent', // what was measured the region `contents` keeps
        ...stays('HOST_WRITE'),
      },
    },
    lostLaunchData: violation(
      'lost-write',
      'the host clears a page that was written in place for the launch, and zeroes are measured in its stead',
    ),
  },
});

/** What LAUNCH_UPDATE does to the contents of a page, by what they were. */
export const measuredContents = {
  residue: 'leak',
  zero: 'image',
  image: 'populateOverwrite',
  guest: 'image',
  host: 'image',
  scrambled: 'image', // RMPUPDATE comes first, and the firmware encrypts what lies there
} as const;
