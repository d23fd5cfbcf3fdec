/**
 * Search table: the states of a search, each once, as StateTable in src/space/state-table.ts, over memory that is laid out
 * once. AssemblyScript, part of the search kernel.
 */

import {
  buffer,
  hashes,
  IS_SHARED,
  keys,
  parents,
  shared,
  slots,
  sorting,
  sources,
  tell,
  told,
  width,
} from './search-layout';
import { HOLE, PENDING, PLACES, SIZE, SORTED, STRETCHES, TAKEN_PLACES, TOUCHED } from './search-words';

/** What a hash begins with. */
export const HASH: i32 = 0x9e3779b9;

/** Number of slots less 1. */
let slotMask: i32 = -1;

export function mixed(hash: i32, word: i32): i32 {
  const product = (hash ^ word) * 0x85ebca6b;
  return product ^ (product >>> 15);
}

export function finalHash(hash: i32): i32 {
  const product = hash * 0xc2b2ae35;
  return product ^ (product >>> 16);
}

export function stateHash(state: usize): i32 {
  let hash: i32 = HASH;
  for (let k: usize = 0; k < <usize>width; k++) hash = mixed(hash, load<i32>(state + (k << 2)));
  return finalHash(hash);
}

function equals(number: i32, packed: usize): bool {
  const wide = (<usize>width) << 2;
  return areSame(keys + <usize>number * wide, packed, wide);
}

/** Whether two states of so many bytes are the same: two words are compared at a time. */
function areSame(one: usize, other: usize, wide: usize): bool {
  const pairs = wide & ~7;
  for (let k: usize = 0; k < pairs; k += 8) if (load<u64>(one + k) !== load<u64>(other + k)) return false;
  return pairs === wide || load<u32>(one + pairs) === load<u32>(other + pairs);
}

/** Hashes the successors from one on: those that the other half has added. */
export function hashFrom(first: i32): void {
  const end = told(PENDING);
  for (let i = first; i < end; i++) store<i32>(hashes + ((<usize>i) << 2), stateHash(buffer + <usize>(i * width) * 4));
}

/** The number of the state packed at an address, or -1. */
export function find(packed: usize): i32 {
  const hash = stateHash(packed);
  let slot = hash & slotMask;
  while (true) {
    const entry = load<i32>(slots + ((<usize>slot) << 2));
    if (entry === 0) return -1;
    if (((entry ^ hash) & ~slotMask) === 0 && equals((entry & slotMask) - 1, packed)) return (entry & slotMask) - 1;
    slot = (slot + 1) & slotMask;
  }
}

/** Adds the successors that wait; how many. Alone, it writes their numbers over their hashes, and there is room for all. */
export function addPending(): i32 {
  touchPending();
  return IS_SHARED ? addShared() : addOwn();
}

function touchPending(): void {
  const count = told(PENDING);
  const mask = slotMask;
  const wide = (<usize>width) << 2;
  // All slots, then all states that will be compared are touched first: so the processor waits for many at once.
  const slotsAt = slots;
  const keysAt = keys;
  const end = hashes + ((<usize>count) << 2);
  let seen = 0;
  for (let at = hashes; at < end; at += 4) seen ^= load<i32>(slotsAt + ((<usize>(load<i32>(at) & mask)) << 2));
  for (let at = hashes; at < end; at += 4) {
    const hash = load<i32>(at);
    const slot = slotsAt + ((<usize>(hash & mask)) << 2);
    const entry = load<i32>(slot);
    // Without a branch, which would be mispredicted as often as not.
    const isLike = i32(entry !== 0) & i32(((entry ^ hash) & ~mask) === 0);
    seen ^= load<i32>(select<usize>(keysAt + <usize>((entry & mask) - 1) * wide, slot, isLike));
  }
  tell(TOUCHED, seen);
}

function addOwn(): i32 {
  const count = told(PENDING);
  const mask = slotMask;
  const wide = (<usize>width) << 2;
  const slotsAt = slots;
  const keysAt = keys;
  const hashesAt = hashes;
  let size = told(SIZE);
  let packed = buffer;
  for (let i = 0; i < count; i++) {
    const hash = load<i32>(hashesAt + ((<usize>i) << 2));
    let slot = hash & mask;
    let number = -1;
    while (true) {
      const entry = load<i32>(slotsAt + ((<usize>slot) << 2));
      if (entry === 0) {
        number = size++;
        put(number, packed, i);
        store<i32>(slotsAt + ((<usize>slot) << 2), (hash & ~mask) | size);
        break;
      }
      number = (entry & mask) - 1;
      if (((entry ^ hash) & ~mask) === 0 && areSame(keysAt + <usize>number * wide, packed, wide)) break;
      slot = (slot + 1) & mask;
    }
    store<i32>(hashesAt + ((<usize>i) << 2), number);
    packed += wide;
  }
  tell(SIZE, size);
  tell(PENDING, 0);
  return count;
}

/** Writes a successor to a place. */
function put(number: i32, packed: usize, i: i32): void {
  const wide = (<usize>width) << 2;
  const key = keys + <usize>number * wide;
  const pairs = wide & ~7;
  for (let k: usize = 0; k < pairs; k += 8) store<u64>(key + k, load<u64>(packed + k));
  if (pairs !== wide) store<u32>(key + pairs, load<u32>(packed + pairs));
  store<i32>(parents + ((<usize>number) << 2), load<i32>(sources + ((<usize>i) << 2)));
}

/** Places of this thread's: the next one, and the end of them; places beyond which there are none. */
let place: i32 = 0;
let placesEnd: i32 = 0;
let mostPlaces: i32 = 0;

/** The same while others add. Ends at a state that finds no room. */
function addShared(): i32 {
  const count = told(PENDING);
  const mask = slotMask;
  let packed = buffer;
  let i = 0;
  for (; i < count; i++) {
    const hash = load<i32>(hashes + ((<usize>i) << 2));
    let slot = hash & mask;
    while (true) {
      const at = slots + ((<usize>slot) << 2);
      let entry = atomic.load<i32>(at);
      if (entry === 0) {
        if (!hasPlace()) {
          tell(PENDING, 0);
          return i;
        }
        put(place, packed, i);
        // Written first and published then: of two threads with the same state one wins, the other keeps its place.
        entry = atomic.cmpxchg<i32>(at, 0, (hash & ~mask) | (place + 1));
        if (entry === 0) {
          place++;
          break;
        }
      }
      if (((entry ^ hash) & ~mask) === 0 && equals((entry & mask) - 1, packed)) break;
      slot = (slot + 1) & mask;
    }
    packed += (<usize>width) << 2;
  }
  tell(PENDING, 0);
  return count;
}

/** Whether this thread has a place, if need be after it has taken more. */
function hasPlace(): bool {
  if (place < placesEnd) return true;
  const given = shared + ((<usize>PLACES) << 2);
  if (atomic.load<i32>(given) >= mostPlaces) return false;
  place = atomic.add<i32>(given, TAKEN_PLACES);
  placesEnd = min(place + TAKEN_PLACES, mostPlaces);
  return place < placesEnd;
}

/** Gives up the places of this thread's that hold no state. */
export function endLevel(): void {
  for (; place < placesEnd; place++) store<i32>(parents + ((<usize>place) << 2), HOLE);
}

/** Another thread has placed the states among so many slots; there are so many places. */
export function setSlots(length: i32, places: i32): void {
  slotMask = length - 1;
  mostPlaces = places;
}

/**
 * Gives `count` states so many words, each bit in another place. So many words in the buffer tell of some bits which word they
 * lie in, which they are, which word they go to, and by how many bits up (below 0: down).
 */
export function moveStates(count: i32, newWidth: i32, length: i32): void {
  const listEnd = buffer + ((<usize>length) << 2);
  const state = listEnd;
  const wide = (<usize>newWidth) << 2;
  // From the end on which no state overtakes another.
  const isWider = newWidth > width;
  for (let i = 0; i < count; i++) {
    const number = isWider ? count - 1 - i : i;
    const key = keys + <usize>number * ((<usize>width) << 2);
    // A word at a time: to call what fills memory takes longer than these few.
    for (let k: usize = 0; k < wide; k += 4) store<u32>(state + k, 0);
    for (let at = buffer; at < listEnd; at += 16) {
      const bits = load<u32>(key + ((<usize>load<u32>(at)) << 2)) & load<u32>(at, 4);
      const target = state + ((<usize>load<u32>(at, 8)) << 2);
      const by = load<i32>(at, 12);
      store<u32>(target, load<u32>(target) | (by < 0 ? bits >> -by : bits << by));
    }
    const to = keys + <usize>number * wide;
    for (let k: usize = 0; k < wide; k += 4) store<u32>(to + k, load<u32>(state + k));
  }
}

/**
 * Places all states anew, among so many slots. Some ten thousands at a time are sorted by the stretch of slots that they go to:
 * so neighbours are placed one after the other, and few pages are gone to at a time.
 */
export function rehash(length: i32): void {
  // What lies beyond was never written to: a page that is read first and then written to is made twice.
  memory.fill(slots, 0, (<usize>max(slotMask + 1, length)) << 2);
  slotMask = length - 1;
  const size = IS_SHARED ? load<i32>(shared + ((<usize>PLACES) << 2)) : told(SIZE);
  const shift = max(0, ctz(length) - ctz(STRETCHES));
  for (let first = 0; first < size; first += SORTED) {
    const count = sort(first, min(SORTED, size - first), shift);
    placeSorted(count);
  }
}

const SORTED_PAIRS: usize = <usize>SORTED * 4;
const STRETCH_ENDS: usize = <usize>SORTED * 12;

/** Sorts the states from one on by the stretch of slots they go to; how many there are. */
function sort(first: i32, count: i32, shift: i32): i32 {
  const mask = slotMask;
  const wide = (<usize>width) << 2;
  const ends = sorting + STRETCH_ENDS;
  memory.fill(ends, 0, <usize>STRETCHES * 4);
  for (let i = 0; i < count; i++) {
    if (isHole(first + i)) continue;
    const hash = stateHash(keys + <usize>(first + i) * wide);
    store<i32>(sorting + ((<usize>i) << 2), hash);
    const end = ends + ((<usize>((hash & mask) >>> shift)) << 2);
    store<i32>(end, load<i32>(end) + 1);
  }
  let sum = 0;
  for (let stretch: usize = 0; stretch < <usize>STRETCHES * 4; stretch += 4) {
    const states = load<i32>(ends + stretch);
    store<i32>(ends + stretch, sum);
    sum += states;
  }
  for (let i = 0; i < count; i++) {
    if (isHole(first + i)) continue;
    const hash = load<i32>(sorting + ((<usize>i) << 2));
    const end = ends + ((<usize>((hash & mask) >>> shift)) << 2);
    const at = load<i32>(end);
    store<i32>(end, at + 1);
    const pair = sorting + SORTED_PAIRS + ((<usize>at) << 3);
    store<i32>(pair, hash);
    store<i32>(pair, first + i + 1, 4);
  }
  return sum;
}

function placeSorted(count: i32): void {
  const mask = slotMask;
  const end = sorting + SORTED_PAIRS + ((<usize>count) << 3);
  for (let pair = sorting + SORTED_PAIRS; pair < end; pair += 8) {
    const hash = load<i32>(pair);
    let slot = hash & mask;
    while (load<i32>(slots + ((<usize>slot) << 2)) !== 0) slot = (slot + 1) & mask;
    store<i32>(slots + ((<usize>slot) << 2), (hash & ~mask) | load<i32>(pair, 4));
  }
}

function isHole(number: i32): bool {
  return IS_SHARED && load<i32>(parents + ((<usize>number) << 2)) === HOLE;
}
