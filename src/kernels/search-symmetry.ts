/**
 * Symmetry in the search kernel: the canonical form of a packed state (src/space/canonical.ts), for groups whose members have
 * no identities that cells or registers hold. Tables say where what concerns each member lies; src/verify/kernel-symmetry.ts
 * makes them. AssemblyScript, part of the search kernel.
 */

import { perActor, sorting, width, words } from './search-layout';
import { GROUP, LATCH, OWN, OWN_TABLES } from './symmetry-words';

/** Per actor: which member takes the place of each. */
const ORDER_BYTES: usize = 96 * 4;

/** Where the groups lie, and how many there are. */
let tables: usize = 0;
let groups: i32 = 0;

/** Where one group lies: its size, how many fields each member has, how many latches there are. */
let size: i32 = 0;
let fields: i32 = 0;
let latches: i32 = 0;
let actorsAt: usize = 0;
let fieldsAt: usize = 0;
let translationsAt: usize = 0;
let latchesAt: usize = 0;

/** Says where the tables of so many groups lie. */
export function setSymmetry(place: i32, count: i32): void {
  tables = words + ((<usize>place) << 2);
  groups = count;
}

export function isSymmetric(): bool {
  return groups > 0;
}

/** Turns to a group; where the next one lies. */
function turnTo(group: usize): usize {
  size = load<i32>(group);
  fields = load<i32>(group, 4);
  latches = load<i32>(group, 8);
  actorsAt = group + ((<usize>GROUP) << 2);
  fieldsAt = actorsAt + ((<usize>size) << 2);
  translationsAt = fieldsAt + ((<usize>(size * fields * OWN)) << 2);
  latchesAt = translationsAt + ((<usize>(fields * OWN_TABLES)) << 2);
  return latchesAt + ((<usize>(latches * LATCH)) << 2);
}

/** Actors that tie with the one before them, as a set. */
export function twinsIn(state: usize): i32 {
  let twins = 0;
  let group = tables;
  for (let i = 0; i < groups; i++) {
    group = turnTo(group);
    for (let member = 1; member < size; member++)
      if (compare(state, member - 1, member) === 0) twins |= 1 << actorOf(member);
  }
  return twins;
}

/** Brings a packed state to its canonical form; false when that holds a value which has no code yet. */
export function canonize(state: usize): bool {
  let group = tables;
  for (let i = 0; i < groups; i++) {
    group = turnTo(group);
    if (!sortMembers(state) && !(moveFields(state) && renameLatches(state))) return false;
  }
  return true;
}

function actorOf(member: i32): i32 {
  return load<i32>(actorsAt + ((<usize>member) << 2));
}

function codeAt(state: usize, place: usize): u32 {
  return (load<u32>(state + ((<usize>load<u32>(place)) << 2)) >> load<u32>(place, 4)) & load<u32>(place, 8);
}

function setCode(state: usize, place: usize, code: u32): void {
  const at = state + ((<usize>load<u32>(place)) << 2);
  const shift = load<u32>(place, 4);
  store<u32>(at, (load<u32>(at) & ~(load<u32>(place, 8) << shift)) | (code << shift));
}

/** The value of what lies there: a table of them by code is told of behind the place. */
function valueAt(state: usize, place: usize): i32 {
  return load<i32>(words + ((<usize>(load<u32>(place, 12) + codeAt(state, place))) << 2));
}

function fieldOf(field: i32, member: i32): usize {
  return fieldsAt + ((<usize>((field * size + member) * OWN)) << 2);
}

/** Orders two members as #compare in src/space/canonical.ts does: by local state, latches, all else. */
function compare(state: usize, left: i32, right: i32): i32 {
  const one = valueAt(state, fieldOf(0, left));
  const other = valueAt(state, fieldOf(0, right));
  if (one !== other) return one < other ? -1 : 1;
  return compareFurther(state, left, right);
}

function compareFurther(state: usize, left: i32, right: i32): i32 {
  for (let i = 0; i < latches; i++) {
    const bits = valueAt(state, latchesAt + ((<usize>(i * LATCH)) << 2));
    const difference = ((bits >> actorOf(left)) & 1) - ((bits >> actorOf(right)) & 1);
    if (difference !== 0) return difference;
  }
  for (let field = 1; field < fields; field++) {
    const one = valueAt(state, fieldOf(field, left));
    const other = valueAt(state, fieldOf(field, right));
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}

function orderAt(place: i32): i32 {
  return load<i32>(perActor + ((<usize>place) << 2), ORDER_BYTES);
}

function setOrder(place: i32, member: i32): void {
  store<i32>(perActor + ((<usize>place) << 2), member, ORDER_BYTES);
}

/** Finds the order that sorts the group; whether it is sorted. */
function sortMembers(state: usize): bool {
  let isSorted = true;
  for (let place = 0; place < size; place++) {
    let at = place;
    while (at > 0 && compare(state, orderAt(at - 1), place) > 0) {
      setOrder(at, orderAt(at - 1));
      at--;
    }
    setOrder(at, place);
    if (at !== place) isSorted = false;
  }
  return isSorted;
}

/** Gives what lies in each member's fields to the one whose place it takes. */
function moveFields(state: usize): bool {
  const before = sorting;
  const wide = (<usize>width) << 2;
  // A word at a time: to call what copies memory takes longer than these few.
  for (let k: usize = 0; k < wide; k += 4) store<u32>(before + k, load<u32>(state + k));
  for (let field = 0; field < fields; field++) {
    const translation = translationsAt + ((<usize>(field * OWN_TABLES)) << 2);
    for (let place = 0; place < size; place++) {
      const from = orderAt(place);
      if (from === place) continue;
      const table = load<i32>(translation) + (from * size + place) * load<i32>(translation, 4);
      const code = codeAt(before, fieldOf(field, from));
      const translated = load<u32>(words + ((<usize>(<u32>table + code)) << 2));
      if (translated === 0) return false;
      setCode(state, fieldOf(field, place), translated - 1);
    }
  }
  return true;
}

/** Gives the bits of each member to the one whose place it takes. */
function renameLatches(state: usize): bool {
  for (let i = 0; i < latches; i++) {
    const latch = latchesAt + ((<usize>(i * LATCH)) << 2);
    const before = valueAt(state, latch);
    if (before === 0) continue;
    let bits = before;
    for (let place = 0; place < size; place++) {
      const to = actorOf(place);
      bits = (bits & ~(1 << to)) | (((before >> actorOf(orderAt(place))) & 1) << to);
    }
    if (bits === before) continue;
    const code = codeOf(bits, latch);
    if (code < 0) return false;
    setCode(state, latch, code);
  }
  return true;
}

/** The code of a value other than 0 in a field; -1 when it has none. */
function codeOf(value: i32, place: usize): i32 {
  const values = words + ((<usize>load<u32>(place, 12)) << 2);
  const last = load<i32>(place, 8);
  for (let code = 0; code <= last; code++) if (load<i32>(values + ((<usize>code) << 2)) === value) return code;
  return -1;
}
