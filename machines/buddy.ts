/**
 * The buddy allocator, as a block of 2^k page frames is to it: which of its frames are handed out.
 *
 * Frames refuse what is wrong by themselves (presence.ts); this machine only knows which blocks are whole, for who
 * allocates a large folio. One instance a block, in worlds with large folios. Imported by the gmem model.
 */

import { setup } from 'xstate';

/** `TAKE` and `GIVE` are about all frames, `TAKE1` and `GIVE1` about the frame at place 1. */
export type BuddyEvent = { readonly type: string };

const buddySetup = setup({ types: {} as { events: BuddyEvent; tags: string } });

/** A block of `frames` frames (2 or 4). Tags: `whole` when no frame is handed out, `free0`, `free1`, ... of a frame. */
export function buddyMachineOf(frames: number) {
  const places = Array.from({ length: frames }, (_, place) => place);
  const patterns = Array.from({ length: 2 ** frames }, (_, pattern) => pattern);
  const nameOf = (pattern: number) => `taken${pattern.toString(2).padStart(frames, '0')}`;
  const all = 2 ** frames - 1;
  const stateOf = (pattern: number) => ({
    tags: [
      ...(pattern === 0 ? ['whole'] : []),
      ...places.filter((place) => (pattern & (1 << place)) === 0).map((place) => `free${place}`),
    ],
    on: {
      TAKE: nameOf(all),
      GIVE: nameOf(0),
      ...Object.fromEntries(places.map((place) => [`TAKE${place}`, nameOf(pattern | (1 << place))])),
      ...Object.fromEntries(places.map((place) => [`GIVE${place}`, nameOf(pattern & ~(1 << place))])),
    },
  });
  return buddySetup.createMachine({
    id: `buddy${frames}`,
    initial: nameOf(0),
    states: Object.fromEntries(patterns.map((pattern) => [nameOf(pattern), stateOf(pattern)])),
  });
}
