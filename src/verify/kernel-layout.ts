/**
 * Kernel layout: which array lies where in the memory of a search kernel. All are laid out once, as long as they may become:
 * pages that nobody has written to take no room. Where threads share a search each has arrays of its own, an area. Used by
 * the tables that lie there.
 */

import { MOST_TAKEN, MOST_WIDTH, ROOM, SORTING_WORDS } from '../kernels/search-words.js';
import type { KernelMemory } from '../space/kernel.js';

const WORD_BYTES = Int32Array.BYTES_PER_ELEMENT;
/** The arrays begin here; what lies before is the compiler's. */
const START = 1 << 16;
/** Room of the looks at locks. */
export const LOOK_WORDS = 1 << 19;
/** Slots are kept at most this full. */
export const FULL_SLOTS = 0.75;
/** Beyond what trees may take: roots are made all the same. */
const SPARE_WORDS = 1 << 19;
/** Bytes of a memory up to which it is small, and room of the trees there and elsewhere. */
const SMALL_MEMORY = 2 ** 25;
const TREE_WORDS = { small: 1 << 20, usual: 1 << 22 };
/** An index of fewer slots is small; and slots at first, at the least. */
const SMALL = 1 << 22;
const FIRST_SLOTS = 1 << 15;

/** The arrays of one thread, and those of all, which come last but for the words that they share. */
export interface KernelArrays {
  readonly shared: Int32Array;
  readonly control: Int32Array;
  readonly perActor: Int32Array;
  readonly sources: Int32Array;
  readonly hashes: Int32Array;
  readonly movers: Uint8Array;
  readonly unfinished: Int32Array;
  /** Where one state is put that is looked for. */
  readonly sought: Int32Array;
  readonly buffer: Int32Array;
  readonly looks: Int32Array;
  /** Where states are sorted that are placed anew. */
  readonly sorting: Int32Array;
  readonly words: Int32Array<ArrayBuffer>;
  readonly slots: Int32Array;
  readonly parents: Int32Array;
  readonly keys: Int32Array;
}

/** Slots for so many states: an index that is small grows by four, for most grow on, and each time all states are placed anew. */
export function slotsFor(states: number): number {
  let slots = FIRST_SLOTS;
  while (states > slots * FULL_SLOTS) slots *= slots < SMALL ? 4 : 2;
  return slots;
}

export function powerOf2(most: number): number {
  return 2 ** Math.floor(Math.log2(most));
}

/** Words that trees may take in a memory of so many bytes. */
export function treeRoom(bytes: number): number {
  return (bytes <= SMALL_MEMORY ? TREE_WORDS.small : TREE_WORDS.usual) + SPARE_WORDS;
}

/** What an area holds besides trees, in words. */
const AREA = {
  control: 32,
  perActor: 4 * 32,
  sources: ROOM,
  hashes: ROOM,
  movers: ROOM / WORD_BYTES,
  unfinished: MOST_TAKEN,
  sought: MOST_WIDTH,
  buffer: ROOM * MOST_WIDTH,
  looks: LOOK_WORDS,
  sorting: SORTING_WORDS,
};

function areaWords(bytes: number): number {
  return Object.values(AREA).reduce((sum, words) => sum + words, treeRoom(bytes));
}

/** Words that all threads share. */
const SHARED = 32;

/** The slots that are worth while in a memory: as many as let all their states find room. */
function mostSlots(bytes: number, width: number, areas: number): number {
  const rest = (bytes - START) / WORD_BYTES - SHARED - areas * areaWords(bytes);
  return rest < 1 << 16 ? 0 : powerOf2(rest / (1 + FULL_SLOTS * (1 + width)));
}

/** The states of so many words that find room in a memory. */
export function mostStates({ buffer }: KernelMemory, width: number, areas = 1): number {
  return Math.floor(mostSlots(buffer.byteLength, width, areas) * FULL_SLOTS);
}

/** Lays out a memory for states that begin with so many words; the arrays of one of its areas. */
export function kernelArrays({ buffer }: KernelMemory, width: number, area = 0, areas = 1): KernelArrays {
  let at = START;
  const take = (words: number): Int32Array<ArrayBuffer> => {
    const array = new Int32Array(buffer, at, words);
    at += words * WORD_BYTES;
    return array;
  };
  const bytes = buffer.byteLength;
  const slots = mostSlots(bytes, width, areas);
  const shared = take(SHARED);
  const first = at;
  at = first + area * areaWords(bytes) * WORD_BYTES;
  const own = {
    control: take(AREA.control),
    perActor: take(AREA.perActor),
    sources: take(AREA.sources),
    hashes: take(AREA.hashes),
    movers: new Uint8Array(buffer, take(AREA.movers).byteOffset, ROOM),
    unfinished: take(AREA.unfinished),
    sought: take(AREA.sought),
    buffer: take(AREA.buffer),
    looks: take(AREA.looks),
    sorting: take(AREA.sorting),
    words: take(treeRoom(bytes)),
  };
  at = first + areas * areaWords(bytes) * WORD_BYTES;
  return {
    ...{ shared, ...own, slots: take(slots), parents: take(Math.floor(slots * FULL_SLOTS)) },
    keys: take(Math.floor((bytes - at) / WORD_BYTES)),
  };
}
