/**
 * Variants and mutations about memslots that change (R14, R15, R17, R40, R43, R85 and R90 in docs/kernel.md). Parts of the lists in
 * variants.ts and mutations.ts.
 */

import type { Region } from '../../core/ops/layout.js';
import { bindOrRollBack, bindUnasked, replacing, unbindDyingToo, unbindUnlessDying } from '../calls/slot-set.js';
import { INVALID_SLOT, type Memslots } from '../world/memslots.js';
import type { Mutation } from './mutations.js';
import { answering, rewritten } from './rewrite.js';

const anyScheme = { words: 'any scheme', traits: {} };

/** A change of flags with KVM_MEM_GUEST_MEMFD as before, in some order; without the flag as the scheme has it. */
function replaced(name: string, title: string, order: Parameters<typeof replacing>[0]): Mutation {
  return {
    name,
    title,
    needs: anyScheme,
    change: (base) => ({
      changeSlotFlags: (g, slot, gfns, flags) =>
        flags === 'none' ? base.changeSlotFlags(g, slot, gfns, flags) : replacing(order)(g, slot, gfns),
    }),
  };
}

/** Other ways to bind, to unbind and to change. */
export const slotVariants: readonly Mutation[] = [
  {
    name: 'bind-rolled-back',
    title: 'KVM asks whether all bindings of a new memslot are stored, and takes them out again where they are not',
    needs: {
      words: 'bindings that are stored before the memslot is published',
      traits: {},
      misses: ({ bindSlot }) =>
        bindSlot === bindUnasked ? undefined : 'its bindings are stored behind the publication',
    },
    change: () => ({ bindSlot: bindOrRollBack }),
  },
  {
    name: 'unbind-dying',
    title: 'a memslot that is deleted takes its bindings out of a file whose last reference is gone as well',
    needs: {
      words: 'an unbinding that asks whether the file is alive',
      traits: {},
      misses: ({ unbindSlot }) =>
        unbindSlot === unbindUnlessDying ? undefined : 'its unbinding takes the bindings out in any case',
    },
    change: () => ({ unbindSlot: unbindDyingToo }),
  },
  replaced(
    'flags-replaced',
    'a memslot with guest_memfd may get other flags: its struct is replaced, published, and then the bindings follow',
    'publish-first',
  ),
];

/** A publication that does not wait for somebody, by the ops that it leaves out. */
function swapped(
  name: string,
  title: string,
  isLeftOut: (memslots: Memslots, region: Region | undefined, value: number) => boolean,
): Mutation {
  return {
    name,
    title,
    needs: anyScheme,
    change: (base) => ({
      swapMemslots: (g, place, value) =>
        rewritten(base.swapMemslots(g, place, value), ({ spec }) =>
          isLeftOut(g.memslots!, spec.region, value) ? answering(0) : undefined,
        ),
    }),
  };
}

/** Whether it is a part of synchronize_srcu(). */
function isOfReaders({ srcu }: Memslots, region: Region | undefined): boolean {
  return [srcu.gracePeriod.latch.region, srcu.index.region, ...srcu.readers.map((each) => each.region)].some(
    (each) => each === region,
  );
}

/** What is forgotten where a memslot changes. */
export const slotMutations: readonly Mutation[] = [
  swapped(
    'invalid-not-awaited',
    'a memslot that goes is flushed without waiting for faults that have found it before it was invalid',
    (memslots, region, value) => value === INVALID_SLOT && isOfReaders(memslots, region),
  ),
  swapped(
    'readers-not-awaited',
    'a memslot is freed without waiting for faults that have found it: a fault reads what is freed',
    isOfReaders,
  ),
  swapped(
    'notifiers-not-awaited',
    'memslots are published while a notifier of the MMU is under way: its end finds another memslot than its start',
    ({ notifiers }, region) => region === notifiers.region,
  ),
  {
    name: 'retry-on-invalid',
    title: 'who takes a fault again under SRCU goes on at a memslot that is about to go',
    needs: anyScheme,
    change: () => ({
      *leavesInvalidSlot() {
        return false;
      },
    }),
  },
  replaced(
    'bindings-replaced-first',
    'a memslot with guest_memfd gets other flags: the bindings are replaced before the new struct is published',
    'bindings-first',
  ),
  replaced(
    'bindings-not-replaced',
    'a memslot with guest_memfd gets other flags, and the bindings lead to the struct that is freed',
    'publish-only',
  ),
  {
    name: 'guest-memfd-toggled',
    title: 'a memslot may lose KVM_MEM_GUEST_MEMFD by a change of flags, for which nobody unbinds it',
    needs: anyScheme,
    change: (base) => ({
      changeSlotFlags: (g, slot, gfns, flags) =>
        flags === 'none' ? replacing('publish-only', false)(g, slot, gfns) : base.changeSlotFlags(g, slot, gfns, flags),
    }),
  },
];
