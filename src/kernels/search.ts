/**
 * Search kernel: takes up states of a search all of whose steps are remembered, and keeps the states. AssemblyScript;
 * src/verify/search-kernel.ts is its other half, which sees to what is not known here: steps that were never taken, steps
 * that break something, states in which nobody can go on. A state that needs any of that is left as it was.
 */

import {
  buffer,
  hashes,
  IS_SHARED,
  keys,
  looks,
  movers,
  parents,
  perActor,
  setWidth,
  sources,
  tell,
  told,
  unfinished,
  width,
  words,
} from './search-layout';
import { canonize, isSymmetric, twinsIn } from './search-symmetry';
import { finalHash, HASH, mixed, stateHash } from './search-table';
import {
  ALL_TAKEN,
  ASKS,
  AUDITED,
  AUDITS,
  CONFLICT,
  HOLE,
  IS_FULL,
  LOOPS,
  MOST_SUCCESSORS,
  NEVER_INDEPENDENT,
  NEXT,
  NO_CONFLICT,
  PENDING,
  ROOM,
  TRANSITIONS,
  UNTIL_AUDIT,
} from './search-words';
import { stuckOf } from './stuck-of';
import { childOf, wordAt } from './tree';
import {
  ENDS_CALL,
  FINISHED,
  FOR_ACTORS,
  GOES_AGAIN,
  IS_DESCRIBED,
  MAY_WAIT,
  ROOT,
  ROOT_FUTURE,
  ROOT_MASKS,
  ROOT_ROWS,
  ROOT_TRAITS,
  SLOW,
  TABLES,
  UNKNOWN,
  VIOLATES,
  WANTS_LOCK,
} from './tree-words';

export { layOut } from './search-layout';
export { setSymmetry } from './search-symmetry';
export { addPending, endLevel, find, hashFrom, moveStates, rehash, setSlots } from './search-table';

/** No actor's steps are enough; it is not known whether some actor's are. */
const NOBODY: i32 = -1;
const UNDECIDED: i32 = -2;

/** Per actor: who is in its way; behind these words its root, and the code of its local state. */
const ROOT_BYTES: usize = 32 * 4;
const CODE_BYTES: usize = 64 * 4;

let actors: i32 = 0;
/** Sets of actors: who must finish, and whose calls others wait for. */
let required: i32 = 0;
let awaited: i32 = 0;
/** Whether orders of steps are left out; whether looks at locks are taken. */
let reduces: bool = false;
let looksAtLocks: bool = false;
/** Words of what a step touches, and of what conflicts with an actor's future. */
let footprint: i32 = 0;
/** Slots of the looks at locks, less 1, and how many looks there are. */
let lookMask: i32 = 0;
let looked: i32 = 0;
/** Successors that wait, and whether some actor went back to the head of a retry loop, while states are taken up. */
let pending: i32 = 0;
let loops: bool = false;

/** Says what is searched. `ofFootprints`: words of one; `lookSlots`: of the looks at locks; 0 when none are taken. */
export function describe(
  ofWidth: i32,
  ofActors: i32,
  whoMust: i32,
  whoIsAwaited: i32,
  leavesOut: bool,
  ofFootprints: i32,
  lookSlots: i32,
): void {
  setWidth(ofWidth);
  actors = ofActors;
  required = whoMust;
  awaited = whoIsAwaited;
  reduces = leavesOut;
  footprint = ofFootprints;
  looksAtLocks = lookSlots > 0;
  lookMask = lookSlots - 1;
  forgetLooks();
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
    if (IS_SHARED && load<i32>(parents + ((<usize>number) << 2)) === HOLE) {
      number++;
      continue;
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
  const finished = placeActors(state);
  if (finished === UNDECIDED) return false;
  const only = reduces ? enough(state) : NOBODY;
  if (only === UNDECIDED) return false;
  const isFolded = isSymmetric();
  const trees = words;
  const count = actors;
  // What the steps of a twin lead to those of another lead to as well.
  const twins = isFolded && only === NOBODY ? twinsIn(state) : 0;
  const last = pending + MOST_SUCCESSORS;
  let at = pending;
  let waiting = 0;
  let blocked = 0;
  let moved = false;
  let again = false;
  for (let actor = 0; actor < count; actor++) {
    const root = rootAt(actor);
    if (root === FINISHED) continue;
    const traits = wordAt(trees, root + ROOT_TRAITS);
    if (looksAtLocks && (traits & WANTS_LOCK) !== 0 && !wasLookedAt(root, state)) return false;
    const isTried = only === NOBODY ? (twins & (1 << actor)) === 0 : only === actor;
    if (!isTried && (traits & MAY_WAIT) === 0) continue;
    let hasAll = true;
    const outcomes = isTried ? wordAt(trees, root) : 1;
    for (let choice = 0; choice < outcomes; choice++) {
      let tree = wordAt(trees, root + ROOT + choice);
      while (tree > 0) tree = childOf(trees, tree, state);
      if (tree === UNKNOWN) return false;
      const leaf = trees + ((<usize>~tree) << 2);
      const flags = load<i32>(leaf);
      if (flags >= SLOW) {
        if (flags === SLOW) return false;
        hasAll = false;
        const way = (flags & FOR_ACTORS) !== 0 ? load<i32>(leaf, 4) : 0;
        store<i32>(perActor + ((<usize>actor) << 2), way);
        if (way !== 0) waiting |= 1 << actor;
        blocked |= way;
        break;
      }
      if (!isTried) break;
      if (at === last) return false;
      if (!isFolded) emit(at, state, leaf + 4);
      else if (!emitFolded(at, state, leaf + 4)) return false;
      store<i32>(sources + ((<usize>at) << 2), number);
      store<u8>(movers + <usize>at, <u8>actor);
      at++;
      if ((flags & GOES_AGAIN) !== 0) again = true;
    }
    if (isTried && hasAll) moved = true;
  }
  // Nearly always those who are in the way are at work.
  if ((blocked & (waiting | finished)) !== 0 && stuckOf(perActor, waiting, finished) !== 0) return false;
  if (!moved) return false;
  if (again) loops = true;
  store<i32>(unfinishedAt, required & ~finished);
  pending = at;
  return true;
}

/** Notes where each actor is in a state; the set of those that have finished, UNDECIDED if not all is known of all. */
function placeActors(state: usize): i32 {
  const trees = words;
  const count = actors;
  let finished = 0;
  for (let actor = 0; actor < count; actor++) {
    const at = perActor + ((<usize>actor) << 2);
    const table = trees + ((<usize>wordAt(trees, TABLES + actor)) << 2);
    const code = (load<u32>(state + ((<usize>load<u32>(table)) << 2)) >> load<u32>(table, 4)) & load<u32>(table, 8);
    const root = load<i32>(table + ((<usize>code) << 2), 12);
    if (root === UNKNOWN) return UNDECIDED;
    if (root === FINISHED) finished |= 1 << actor;
    else if ((wordAt(trees, root + ROOT_TRAITS) & IS_DESCRIBED) === 0) return UNDECIDED;
    store<i32>(at, root, ROOT_BYTES);
    store<u32>(at, code, CODE_BYTES);
  }
  return finished;
}

function rootAt(actor: i32): i32 {
  return load<i32>(perActor + ((<usize>actor) << 2), ROOT_BYTES);
}

/** Writes the state that a leaf makes of another, and its hash. */
function emit(at: i32, state: usize, changes: usize): void {
  const wide = (<usize>width) << 2;
  const target = buffer + <usize>at * wide;
  let hash: i32 = HASH;
  for (let k: usize = 0; k < wide; k += 4) {
    const change = changes + (k << 1);
    const packed = (load<i32>(state + k) & load<i32>(change)) | load<i32>(change, 4);
    store<i32>(target + k, packed);
    hash = mixed(hash, packed);
  }
  store<i32>(hashes + ((<usize>at) << 2), finalHash(hash));
}

/** Writes the canonical form of that state, and its hash; false when only the other half can. */
function emitFolded(at: i32, state: usize, changes: usize): bool {
  const target = buffer + <usize>(at * width) * 4;
  const end = (<usize>width) << 2;
  for (let k: usize = 0; k < end; k += 4) {
    const change = changes + (k << 1);
    store<i32>(target + k, (load<i32>(state + k) & load<i32>(change)) | load<i32>(change, 4));
  }
  if (!canonize(target)) return false;
  store<i32>(hashes + ((<usize>at) << 2), stateHash(target));
  return true;
}

/** An actor whose steps are enough: OrderReduction in src/space/por.ts. */
function enough(state: usize): i32 {
  const trees = words;
  const count = actors;
  for (let actor = 0; actor < count; actor++) {
    const root = rootAt(actor);
    if (root === FINISHED) continue;
    const rows = wordAt(trees, root + ROOT_ROWS);
    if (rows === NEVER_INDEPENDENT || !isIndependent(actor, rows)) continue;
    const isEnough = areAllEnough(actor, root, state);
    if (isEnough !== NOBODY) return isEnough;
  }
  return NOBODY;
}

/** Whether a step of an actor is independent of all that the others may do. */
function isIndependent(actor: i32, rows: i32): bool {
  const trees = words;
  const count = actors;
  const rowsAt = trees + ((<usize>rows) << 2);
  for (let other = 0; other < count; other++) {
    if (other === actor) continue;
    const code = load<u32>(perActor + ((<usize>other) << 2), CODE_BYTES);
    const at = trees + ((<usize>load<i32>(rowsAt + ((<usize>other) << 2))) << 2) + code;
    let known = load<u8>(at);
    if (known === 0) {
      known = conflict(rows + actors, rootAt(other)) ? <u8>CONFLICT : <u8>NO_CONFLICT;
      store<u8>(at, known);
    }
    if (known === CONFLICT) return false;
  }
  return true;
}

/** Whether what a step touches conflicts with what an actor may still do. */
function conflict(step: i32, root: i32): bool {
  if (root === FINISHED) return false;
  const future = wordAt(words, root + ROOT_FUTURE);
  for (let i = 0; i < footprint; i++) if ((wordAt(words, step + i) & wordAt(words, future + i)) !== 0) return true;
  return false;
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
    const root = childOf(words, wordAt(words, TABLES + actor), state);
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
