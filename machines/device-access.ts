/**
 * Regions `deviceData` and `deviceAccess` of the folio machine: what a device has written into a frame by DMA, and whose frame it
 * is that a device reaches through a translation which nobody has taken away. In worlds whose file is mapped for a device; joined
 * by folio-machine-of.ts.
 */

import { LOOKS_ON } from './data-kept.js';
import { folioSetup } from './folio-setup.js';
import { stays } from './stays.js';
import { violation } from './violation.js';

/** Events that neither region asks about: what a process or a mapping does to the frame. */
const OTHERS = stays(...LOOKS_ON, 'GUEST_WRITE', 'HOST_WRITE', 'DMA_READ');

/** I2 of docs/kernel.md, for what a device wrote into shared memory: it stays until the page has another use. */
export const deviceData = folioSetup.createStateConfig({
  initial: 'absent',
  on: { ...OTHERS, ...stays('ALLOCATE', 'DMA_STALE') },
  states: {
    absent: {
      on: { DMA_WRITE: 'written', ...stays('CLEAR', 'POPULATE', 'ASSIGN', 'UNASSIGN', 'REMOVE', 'FREE', 'FREE_AS_IS') },
    },
    written: {
      on: {
        CLEAR: 'lostDeviceData',
        POPULATE: 'absent',
        ASSIGN: 'absent', // under another key from here on
        UNASSIGN: 'absent',
        REMOVE: 'absent',
        FREE: 'absent',
        FREE_AS_IS: 'absent',
        ...stays('DMA_WRITE'),
      },
    },
    lostDeviceData: violation(
      'lost-write',
      'the host clears a page that a device has written to: the guest waits for data that came, and reads zeroes',
    ),
  },
});

/** I21 and I23 of docs/kernel.md: what is reached through a translation of a page that the file has given up. */
export const deviceAccess = folioSetup.createStateConfig({
  initial: 'free',
  on: { ...OTHERS, ...stays('CLEAR', 'POPULATE', 'ASSIGN', 'UNASSIGN', 'DMA_WRITE') },
  states: {
    free: { on: { ALLOCATE: 'owned', DMA_STALE: 'freeFrame', ...stays('REMOVE', 'FREE', 'FREE_AS_IS') } },
    owned: {
      on: { REMOVE: 'removed', FREE: 'free', FREE_AS_IS: 'free', DMA_STALE: 'nextOwner', ...stays('ALLOCATE') },
    },
    // Somebody of before still has a reference, and nobody else got the frame: nothing is hurt yet.
    removed: { on: { FREE: 'free', FREE_AS_IS: 'free', ...stays('ALLOCATE', 'REMOVE', 'DMA_STALE') } },
    freeFrame: violation(
      'use-after-free',
      'a device reads and writes a page frame that is on the free list, through a translation that nobody took away',
    ),
    nextOwner: violation(
      'use-after-free',
      'a device reads and writes memory of the next owner of a page frame, through a translation that nobody took away',
    ),
  },
});

/** What a device's write makes of the contents. */
export const writtenContents = {
  residue: 'host',
  zero: 'host',
  image: 'host',
  guest: 'host',
  host: 'host',
  scrambled: 'host',
} as const;

/** What a device's read makes of them: nothing, unless they are its predecessor's. */
export const readContents = {
  residue: 'leak',
  zero: 'zero',
  image: 'image',
  guest: 'guest',
  host: 'host',
  scrambled: 'scrambled',
} as const;

/** What an access of a device is where nothing but the mapping keeps it from private memory. */
export const accessOfPrivate = { unmapped: 'unmapped', private: 'attributeMismatch', shared: 'shared' } as const;
