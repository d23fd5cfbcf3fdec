/**
 * One page of the secure EPT of a TD, as the TDX module keeps it: whether it is there, whether the guest has accepted it, and how
 * far KVM has come with taking it away. A leaf of 2M is its pages moving together. One instance a gfn, in worlds of arch tdx;
 * imported by the gmem model.
 *
 * What the module refuses with an error KVM takes for a bug of its own: it marks the VM as dead (KVM_BUG_ON()), and no vCPU of it
 * runs again. Blocking keeps whether the page was accepted, and so does DEMOTE; REMOVE does not, and the page's content goes.
 */

import { setup } from 'xstate';
import { violation } from './violation.js';

/** What can happen to a page of the S-EPT. */
export const septEvents = [
  /** TDH.MEM.PAGE.AUG: KVM adds the page; the guest has to accept it. */
  'AUG',
  /** TDH.MEM.PAGE.ADD: KVM adds a page of the launch image, which needs no accepting. */
  'ADD',
  /** TDH.MR.EXTEND measures a page of the launch image. */
  'EXTEND',
  /** TDG.MEM.PAGE.ACCEPT by the guest. */
  'ACCEPT',
  /** TDH.MEM.RANGE.BLOCK: no translation through the leaf is made any more. */
  'BLOCK',
  /** TDH.MEM.TRACK, and every vCPU has left the guest since: no translation from before is left. */
  'TRACK',
  /** TDH.MEM.PAGE.REMOVE, of a page that KVM was asked to take away. */
  'REMOVE',
  /** The same of a page that goes only because it has one leaf with others. */
  'REMOVE_UNASKED',
  /** TDH.MEM.PAGE.DEMOTE: the leaf becomes leaves of 4K. */
  'DEMOTE',
  /** TDH.PHYMEM.PAGE.RECLAIM of a page of a TD that has no key any more: there is no S-EPT to take it out of. */
  'RECLAIM',
] as const;

const setUp = setup({
  types: {} as {
    events: { type: (typeof septEvents)[number] };
    tags: 'present' | 'accepted' | 'blocked' | 'violation';
  },
});

/** The life of a page in the S-EPT: I11 and I19 of docs/kernel.md. */
export const septMachine = setUp.createMachine({
  id: 'sept',
  initial: 'free',
  states: {
    free: {
      on: {
        AUG: 'pending',
        ADD: 'mapped',
        EXTEND: 'refused',
        TRACK: {},
        ACCEPT: 'refused',
        BLOCK: 'refused',
        REMOVE: 'refused',
        REMOVE_UNASKED: 'refused',
        DEMOTE: 'refused',
        RECLAIM: 'refused',
      },
    },
    pending: {
      tags: 'present',
      on: {
        ACCEPT: 'mapped',
        BLOCK: 'blockedPending',
        TRACK: {},
        AUG: 'refused',
        ADD: 'refused',
        EXTEND: 'refused',
        REMOVE: 'notBlocked',
        REMOVE_UNASKED: 'notBlocked',
        DEMOTE: 'notBlocked',
        RECLAIM: 'free',
      },
    },
    mapped: {
      tags: ['present', 'accepted'],
      on: {
        ACCEPT: {},
        BLOCK: 'blockedMapped',
        TRACK: {},
        AUG: 'refused',
        ADD: 'refused',
        EXTEND: {},
        REMOVE: 'notBlocked',
        REMOVE_UNASKED: 'notBlocked',
        DEMOTE: 'notBlocked',
        RECLAIM: 'free',
      },
    },
    blockedPending: {
      tags: 'blocked',
      on: {
        TRACK: 'trackedPending',
        BLOCK: {},
        AUG: 'refused',
        ADD: 'refused',
        EXTEND: 'refused',
        ACCEPT: 'refused',
        REMOVE: 'notTracked',
        REMOVE_UNASKED: 'notTracked',
        DEMOTE: 'notTracked',
        RECLAIM: 'free',
      },
    },
    blockedMapped: {
      tags: ['blocked', 'accepted'],
      on: {
        TRACK: 'trackedMapped',
        BLOCK: {},
        AUG: 'refused',
        ADD: 'refused',
        EXTEND: 'refused',
        ACCEPT: 'refused',
        REMOVE: 'notTracked',
        REMOVE_UNASKED: 'notTracked',
        DEMOTE: 'notTracked',
        RECLAIM: 'free',
      },
    },
    trackedPending: {
      tags: 'blocked',
      on: {
        REMOVE: 'free',
        REMOVE_UNASKED: 'free',
        DEMOTE: 'pending',
        RECLAIM: 'free',
        BLOCK: {},
        TRACK: {},
        AUG: 'refused',
        ADD: 'refused',
        EXTEND: 'refused',
        ACCEPT: 'refused',
      },
    },
    trackedMapped: {
      tags: ['blocked', 'accepted'],
      on: {
        REMOVE: 'free',
        REMOVE_UNASKED: 'lostAccept',
        DEMOTE: 'mapped',
        RECLAIM: 'free',
        BLOCK: {},
        TRACK: {},
        AUG: 'refused',
        ADD: 'refused',
        EXTEND: 'refused',
        ACCEPT: 'refused',
      },
    },
    lostAccept: violation(
      'lost-accept',
      'the guest loses a page that it has accepted and that nobody asked for: what it wrote there is gone, its next access finds ' +
        'the page pending, and the VM is killed',
    ),
    notBlocked: violation(
      'vm-dead',
      'the TDX module refuses to take away what is not blocked, for vCPUs may still come by new translations of it, and KVM marks ' +
        'the VM as dead',
    ),
    notTracked: violation(
      'vm-dead',
      'the TDX module refuses to take away what vCPUs in the guest may have a translation of from before it was blocked, and KVM ' +
        'marks the VM as dead',
    ),
    refused: violation('vm-dead', 'the TDX module refuses what KVM asks for, and KVM marks the VM as dead'),
  },
});
