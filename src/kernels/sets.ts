/**
 * Sets of actors, as bits. AssemblyScript, part of the walk kernel.
 */

import { NTH, PRIORITIES } from './walk-words';

/** The member of a set at a place among them, ascending. */
export function nth(set: i32, place: i32): i32 {
  if (<u32>set < 256) return load<u8>((set << 3) + place, NTH);
  return nthOfMany(set, place);
}

/** The member of a set with the highest priority, the first of several. */
export function highestOf(set: i32): i32 {
  let best = ctz(set);
  let priority = load<f64>(PRIORITIES + (best << 3));
  for (let rest = set & (set - 1); rest !== 0; rest &= rest - 1) {
    const actor = ctz(rest);
    const theirs = load<f64>(PRIORITIES + (actor << 3));
    if (theirs <= priority) continue;
    best = actor;
    priority = theirs;
  }
  return best;
}

function nthOfMany(set: i32, place: i32): i32 {
  for (; place > 0; place--) set &= set - 1;
  return ctz(set);
}
