/**
 * The dynamic PAMT of a region of 2M of the host's memory: whether the TDX module has what it keeps about the pages of 4K in it.
 * KVM gives it two pages for that before a TD gets the first of them, and takes them back behind the last. One instance a region, in
 * worlds with a dynamic PAMT; imported by the gmem model. What of it the module refuses is a bug of the kernel's count.
 */

import { setup } from 'xstate';
import { violation } from './violation.js';

/** What can happen to the PAMT of a region. */
export const pamtEvents = [
  /** TDH.PHYMEM.PAMT.ADD of a region. */
  'ADD',
  /** A TD gets a page of 4K of the region: AUG or ADD. */
  'USE',
  /** TDH.PHYMEM.PAMT.REMOVE of a region of which no TD has a page. */
  'REMOVE',
] as const;

const setUp = setup({ types: {} as { events: { type: (typeof pamtEvents)[number] }; tags: 'present' | 'violation' } });

/** The life of a region's PAMT: I25 of docs/kernel.md. */
export const pamtMachine = setUp.createMachine({
  id: 'pamt',
  initial: 'absent',
  states: {
    absent: { on: { ADD: 'present', USE: 'missing', REMOVE: 'missing' } },
    present: { tags: 'present', on: { ADD: 'addedTwice', USE: {}, REMOVE: 'absent' } },
    addedTwice: violation(
      'vm-dead',
      'the TDX module refuses to add the PAMT of a region that has it: KVM warns, the fault fails with -EIO whenever it is taken, and ' +
        'the TD never gets its page',
    ),
    missing: violation(
      'vm-dead',
      'the TDX module refuses a page of a region whose PAMT was removed, and KVM marks the VM as dead',
    ),
  },
});
