/**
 * Search kernel: takes up states of a search all of whose steps are remembered, and keeps the states. AssemblyScript;
 * src/verify/search-kernel.ts is its other half, which sees to what is not known here: steps that were never taken, steps
 * that break something, states in which nobody can go on. A state that needs any of that is left as it was.
 */

import {
  ALL_TAKEN,
  ASKS,
  AUDITED,
  AUDITS,
  CONFLICT,
  IS_FULL,
  LOOPS,
  MOST_SUCCESSORS,
  NEVER_INDEPENDENT,
  NEXT,
  NO_CONFLICT,
  PENDING,
  ROOM,
  SIZE,
  TOUCHED,
  TRANSITIONS,
  UNTIL_AUDIT,
} from './search-words';
import { childOf, wordAt } from './tree';
import {
  ENDS_CALL,
  FINISHED,
  FOR_ACTORS,
  GOES_AGAIN,
  IS_DESCRIBED,
  MAY_WAIT,
  ROOT,
  ROOT_MASKS,
  ROOT_ROWS,
  ROOT_TRAITS,
  SLOW,
  TABLES,
  UNKNOWN,
  VIOLATES,
  WANTS_LOCK,
} from './tree-words';

/** No actor's steps are enough; it is not known whether some actor's are. */
const NOBODY: i32 = -1;
const UNDECIDED: i32 = -2;
/** What a hash begins with. */
const HASH: i32 = 0x9e3779b9;

// Where things lie, in bytes.
let control: usize = 0;
let words: usize = 0;
let keys: usize = 0;
let parents: usize = 0;
let slots: usize = 0;
/** Successors that wait: packed, the state that each comes from, who took the step, its hash. */
let buffer: usize = 0;
let sources: usize = 0;
let movers: usize = 0;
let hashes: usize = 0;
/** By place in a call: who has to finish and has not. */
let unfinished: usize = 0;
/** By actor: who is in its way. */
let ways: usize = 0;
let looks: usize = 0;

let width: i32 = 0;
let actors: i32 = 0;
/** Sets of actors: who must finish, and whose calls others wait for. */
let required: i32 = 0;
let awaited: i32 = 0;
/** Whether orders of steps are left out; whether looks at locks are taken. */
let reduces: bool = false;
let looksAtLocks: bool = false;
/** Number of slots less 1. */
let slotMask: i32 = -1;
/** The same of the looks at locks, and how many there are. */
let lookMask: i32 = 0;
let looked: i32 = 0;
/** Successors that wait, and whether some actor went back to the head of a retry loop, while states are taken up. */
let pending: i32 = 0;
let loops: bool = false;

/** Says where the arrays lie. */
export function layOut(
  controlAt: usize,
  wordsAt: usize,
  keysAt: usize,
  parentsAt: usize,
  slotsAt: usize,
  bufferAt: usize,
  sourcesAt: usize,
  moversAt: usize,
  hashesAt: usize,
  unfinishedAt: usize,
  waysAt: usize,
  looksAt: usize,
): void {
  control = controlAt;
  words = wordsAt;
  keys = keysAt;
  parents = parentsAt;
  slots = slotsAt;
  buffer = bufferAt;
  sources = sourcesAt;
  movers = moversAt;
  hashes = hashesAt;
  unfinished = unfinishedAt;
  ways = waysAt;
  looks = looksAt;
}

/** Says what is searched. `lookSlots`: of the looks at locks; 0 when none are taken. */
export function describe(
  ofWidth: i32,
  ofActors: i32,
  whoMust: i32,
  whoIsAwaited: i32,
  leavesOut: bool,
  lookSlots: i32,
): void {
  width = ofWidth;
  actors = ofActors;
  required = whoMust;
  awaited = whoIsAwaited;
  reduces = leavesOut;
  looksAtLocks = lookSlots > 0;
  lookMask = lookSlots - 1;
  forgetLooks();
}

function told(word: i32): i32 {
  return load<i32>(control + ((<usize>word) << 2));
}

function tell(word: i32, value: i32): void {
  store<i32>(control + ((<usize>word) << 2), value);
}

/** Takes up the states from `first` up to `end`, MOST_TAKEN of them at most; why it ended. */
export function expand(first: i32, end: i32): i32 {
  pending = told(PENDING);
  loops = false;
  const begin = pending;
  const untilAudit = begin + told(UNTIL_AUDIT);
  let code = ALL_TAKEN;
  let number = first;
  while (number < end) {
    if (pending > ROOM - MOST_SUCCESSORS) {
      code = IS_FULL;
      break;
    }
    const before = pending;
    if (!takeUp(number, unfinished + ((<usize>(number - first)) << 2))) {
      code = ASKS;
      break;
    }
    number++;
    if (pending >= untilAudit) {
      tell(AUDITED, before);
      code = AUDITS;
      break;
    }
  }
  tell(NEXT, number);
  tell(PENDING, pending);
  tell(UNTIL_AUDIT, untilAudit - pending);
  tell(TRANSITIONS, told(TRANSITIONS) + pending - begin);
  if (loops) tell(LOOPS, 1);
  return code;
}

/** Takes up a state; false when only the other half can. */
function takeUp(number: i32, unfinishedAt: usize): bool {
  const stateBytes = (<usize>width) << 2;
  const state = keys + <usize>number * stateBytes;
  const only = reduces ? enough(state) : NOBODY;
  if (only === UNDECIDED) return false;
  const last = pending + MOST_SUCCESSORS;
  let at = pending;
  let finished = 0;
  let waiting = 0;
  let blocked = 0;
  let moved = false;
  let again = false;
  for (let actor = 0; actor < actors; actor++) {
    const root = rootOf(actor, state);
    if (root === UNKNOWN) return false;
    if (root === FINISHED) {
      finished |= 1 << actor;
      continue;
    }
    const traits = wordAt(words, root + ROOT_TRAITS);
    if ((traits & IS_DESCRIBED) === 0) return false;
    if (looksAtLocks && (traits & WANTS_LOCK) !== 0 && !wasLookedAt(root, state)) return false;
    const isTried = only === NOBODY || only === actor;
    if (!isTried && (traits & MAY_WAIT) === 0) continue;
    let hasAll = true;
    const outcomes = isTried ? wordAt(words, root) : 1;
    for (let choice = 0; choice < outcomes; choice++) {
      let tree = wordAt(words, root + ROOT + choice);
      while (tree > 0) tree = childOf(words, tree, state);
      if (tree === UNKNOWN) return false;
      const leaf = words + ((<usize>~tree) << 2);
      const flags = load<i32>(leaf);
      if (flags >= SLOW) {
        if (flags === SLOW) return false;
        hasAll = false;
        const way = (flags & FOR_ACTORS) !== 0 ? load<i32>(leaf, 4) : 0;
        store<i32>(ways + ((<usize>actor) << 2), way);
        if (way !== 0) waiting |= 1 << actor;
        blocked |= way;
        break;
      }
      if (!isTried) break;
      if (at === last) return false;
      emit(at, state, leaf + 4);
      store<i32>(sources + ((<usize>at) << 2), number);
      store<u8>(movers + <usize>at, <u8>actor);
      at++;
      if ((flags & GOES_AGAIN) !== 0) again = true;
    }
    if (isTried && hasAll) moved = true;
  }
  // Nearly always those who are in the way are at work.
  if ((blocked & (waiting | finished)) !== 0 && isAnyStuck(waiting, finished)) return false;
  if (!moved) return false;
  if (again) loops = true;
  store<i32>(unfinishedAt, required & ~finished);
  pending = at;
  return true;
}

/** The root of an actor. */
function rootOf(actor: i32, state: usize): i32 {
  return childOf(words, wordAt(words, TABLES + actor), state);
}

/** Writes the state that a leaf makes of another, and its hash. */
function emit(at: i32, state: usize, changes: usize): void {
  let target = buffer + <usize>(at * width) * 4;
  let from = state;
  let change = changes;
  let hash: i32 = HASH;
  for (let k = 0; k < width; k++) {
    const packed = (load<i32>(from) & load<i32>(change)) | load<i32>(change, 4);
    store<i32>(target, packed);
    hash = mixed(hash, packed);
    from += 4;
    target += 4;
    change += 8;
  }
  store<i32>(hashes + ((<usize>at) << 2), finalHash(hash));
}

/** Whether somebody waits whom nobody can ever help: stuckAmong in src/core/run/stuck.ts. */
function isAnyStuck(waiting: i32, finished: i32): bool {
  let stuck = waiting;
  let before = -1;
  while (before !== stuck) {
    before = stuck;
    for (let rest = stuck; rest !== 0; rest &= rest - 1) {
      const actor = ctz(rest);
      if ((load<i32>(ways + ((<usize>actor) << 2)) & (stuck | finished)) === 0) stuck &= ~(1 << actor);
    }
  }
  return stuck !== 0;
}

/** An actor whose steps are enough: OrderReduction in src/space/por.ts. */
function enough(state: usize): i32 {
  for (let actor = 0; actor < actors; actor++) {
    const root = rootOf(actor, state);
    if (root === UNKNOWN) return UNDECIDED;
    if (root === FINISHED) continue;
    const rows = wordAt(words, root + ROOT_ROWS);
    if (rows === UNKNOWN) return UNDECIDED;
    if (rows === NEVER_INDEPENDENT) continue;
    const independent = isIndependent(actor, rows, state);
    if (independent === UNDECIDED) return UNDECIDED;
    if (independent === NOBODY) continue;
    const isEnough = areAllEnough(actor, root, state);
    if (isEnough !== NOBODY) return isEnough;
  }
  return NOBODY;
}

/** The actor, if its step is independent of all that the others may do. */
function isIndependent(actor: i32, rows: i32, state: usize): i32 {
  for (let other = 0; other < actors; other++) {
    if (other === actor) continue;
    const table = words + ((<usize>wordAt(words, TABLES + other)) << 2);
    const code = (load<u32>(state + ((<usize>load<u32>(table)) << 2)) >> load<u32>(table, 4)) & load<u32>(table, 8);
    const known = load<u8>(words + ((<usize>wordAt(words, rows + other)) << 2) + code);
    if (known === CONFLICT) return NOBODY;
    if (known !== NO_CONFLICT) return UNDECIDED;
  }
  return actor;
}

/** The actor, if what its steps do leaves them enough. */
function areAllEnough(actor: i32, root: i32, state: usize): i32 {
  const outcomes = wordAt(words, root);
  for (let choice = 0; choice < outcomes; choice++) {
    let tree = wordAt(words, root + ROOT + choice);
    while (tree > 0) tree = childOf(words, tree, state);
    if (tree === UNKNOWN) return UNDECIDED;
    const flags = wordAt(words, ~tree);
    if (flags === SLOW) return UNDECIDED;
    if (flags >= SLOW || (flags & (GOES_AGAIN | VIOLATES)) !== 0) return NOBODY;
    if ((flags & ENDS_CALL) !== 0 && (awaited & (1 << actor)) !== 0) return NOBODY;
  }
  return actor;
}

// Looks at locks: what a look would see depends on where the actor is and on a few bits of the state. A slot holds the
// root and these bits.

function lookAt(slot: i32): usize {
  return looks + <usize>slot * ((<usize>(width + 1)) << 2);
}

/** The slot of such a look, or the one where it would go. */
function lookSlot(root: i32, state: usize): i32 {
  const masks = words + ((<usize>wordAt(words, root + ROOT_MASKS)) << 2);
  let hash = mixed(HASH, root);
  for (let k: usize = 0; k < <usize>width; k++)
    hash = mixed(hash, load<i32>(state + (k << 2)) & load<i32>(masks + (k << 2)));
  let slot = finalHash(hash) & lookMask;
  while (true) {
    const entry = lookAt(slot);
    const holds = load<i32>(entry);
    if (holds === 0) return slot;
    let isSame = holds === root;
    for (let k: usize = 0; isSame && k < <usize>width; k++)
      isSame = load<i32>(entry + (k << 2), 4) === (load<i32>(state + (k << 2)) & load<i32>(masks + (k << 2)));
    if (isSame) return slot;
    slot = (slot + 1) & lookMask;
  }
}

function wasLookedAt(root: i32, state: usize): bool {
  if (wordAt(words, root + ROOT_MASKS) === UNKNOWN) return false;
  return load<i32>(lookAt(lookSlot(root, state))) !== 0;
}

/** The other half has looked at the locks in a state. */
export function noteLooks(number: i32): void {
  const state = keys + <usize>number * ((<usize>width) << 2);
  for (let actor = 0; actor < actors; actor++) {
    const root = rootOf(actor, state);
    if (root <= 0 || (wordAt(words, root + ROOT_TRAITS) & WANTS_LOCK) === 0) continue;
    if (looked * 2 > lookMask) forgetLooks();
    const masks = words + ((<usize>wordAt(words, root + ROOT_MASKS)) << 2);
    const entry = lookAt(lookSlot(root, state));
    if (load<i32>(entry) !== 0) continue;
    store<i32>(entry, root);
    for (let k: usize = 0; k < <usize>width; k++)
      store<i32>(entry + (k << 2), load<i32>(state + (k << 2)) & load<i32>(masks + (k << 2)), 4);
    looked++;
  }
}

/** All looks have to be taken again. */
export function forgetLooks(): void {
  looked = 0;
  if (lookMask >= 0) memory.fill(looks, 0, <usize>(lookMask + 1) * ((<usize>(width + 1)) << 2));
}

// The table: StateTable in src/space/state-table.ts, over memory that is laid out once.

function mixed(hash: i32, word: i32): i32 {
  const product = (hash ^ word) * 0x85ebca6b;
  return product ^ (product >>> 15);
}

function finalHash(hash: i32): i32 {
  const product = hash * 0xc2b2ae35;
  return product ^ (product >>> 16);
}

function hashOf(state: usize): i32 {
  let hash: i32 = HASH;
  for (let k: usize = 0; k < <usize>width; k++) hash = mixed(hash, load<i32>(state + (k << 2)));
  return finalHash(hash);
}

function equals(number: i32, packed: usize): bool {
  let key = keys + <usize>number * ((<usize>width) << 2);
  let at = packed;
  for (let k = 0; k < width; k++) {
    if (load<i32>(key) !== load<i32>(at)) return false;
    key += 4;
    at += 4;
  }
  return true;
}

/** Hashes the successors from one on: those that the other half has added. */
export function hashFrom(first: i32): void {
  const end = told(PENDING);
  for (let i = first; i < end; i++) store<i32>(hashes + ((<usize>i) << 2), hashOf(buffer + <usize>(i * width) * 4));
}

/** The number of the state packed at an address, or -1. */
export function find(packed: usize): i32 {
  const hash = hashOf(packed);
  let slot = hash & slotMask;
  while (true) {
    const entry = load<i32>(slots + ((<usize>slot) << 2));
    if (entry === 0) return -1;
    if (((entry ^ hash) & ~slotMask) === 0 && equals((entry & slotMask) - 1, packed)) return (entry & slotMask) - 1;
    slot = (slot + 1) & slotMask;
  }
}

/** Adds the successors that wait; writes their numbers over their hashes. There is room for all of them. */
export function addPending(): void {
  const count = told(PENDING);
  const mask = slotMask;
  let size = told(SIZE);
  const wide = (<usize>width) << 2;
  // All slots, then all states that will be compared are touched first: so the processor waits for many at once.
  let seen = 0;
  for (let i = 0; i < count; i++)
    seen ^= load<i32>(slots + ((<usize>(load<i32>(hashes + ((<usize>i) << 2)) & mask)) << 2));
  for (let i = 0; i < count; i++) {
    const hash = load<i32>(hashes + ((<usize>i) << 2));
    const entry = load<i32>(slots + ((<usize>(hash & mask)) << 2));
    if (entry !== 0 && ((entry ^ hash) & ~mask) === 0) seen ^= load<i32>(keys + <usize>((entry & mask) - 1) * wide);
  }
  tell(TOUCHED, seen);
  let packed = buffer;
  for (let i = 0; i < count; i++) {
    const hash = load<i32>(hashes + ((<usize>i) << 2));
    let slot = hash & mask;
    let number = -1;
    while (true) {
      const entry = load<i32>(slots + ((<usize>slot) << 2));
      if (entry === 0) {
        number = size++;
        const key = keys + <usize>number * wide;
        for (let k: usize = 0; k < wide; k += 4) store<i32>(key + k, load<i32>(packed + k));
        store<i32>(parents + ((<usize>number) << 2), load<i32>(sources + ((<usize>i) << 2)));
        store<i32>(slots + ((<usize>slot) << 2), (hash & ~mask) | size);
        break;
      }
      if (((entry ^ hash) & ~mask) === 0 && equals((entry & mask) - 1, packed)) {
        number = (entry & mask) - 1;
        break;
      }
      slot = (slot + 1) & mask;
    }
    store<i32>(hashes + ((<usize>i) << 2), number);
    packed += wide;
  }
  tell(SIZE, size);
  tell(PENDING, 0);
}

/** Places all states anew, among so many slots; the hashes of successors that wait are lost. */
export function rehash(length: i32): void {
  // What lies beyond was never written to.
  memory.fill(slots, 0, (<usize>(slotMask + 1)) << 2);
  const mask = length - 1;
  slotMask = mask;
  const size = told(SIZE);
  const wide = (<usize>width) << 2;
  let seen = 0;
  for (let first = 0; first < size; first += ROOM) {
    const count = min(ROOM, size - first);
    for (let i = 0; i < count; i++) {
      const hash = hashOf(keys + <usize>(first + i) * wide);
      store<i32>(hashes + ((<usize>i) << 2), hash);
      seen ^= load<i32>(slots + ((<usize>(hash & mask)) << 2));
    }
    for (let i = 0; i < count; i++) {
      const hash = load<i32>(hashes + ((<usize>i) << 2));
      let slot = hash & mask;
      while (load<i32>(slots + ((<usize>slot) << 2)) !== 0) slot = (slot + 1) & mask;
      store<i32>(slots + ((<usize>slot) << 2), (hash & ~mask) | (first + i + 1));
    }
  }
  tell(TOUCHED, seen);
}
