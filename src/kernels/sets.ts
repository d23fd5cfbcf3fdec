/**
 * Sets of actors, as bits. AssemblyScript, part of the walk kernel.
 */

import { NTH } from './walk-words';

/** The member of a set at a place among them, ascending. */
export function nth(set: i32, place: i32): i32 {
  if (<u32>set < 256) return load<u8>((set << 3) + place, NTH);
  return nthOfMany(set, place);
}

function nthOfMany(set: i32, place: i32): i32 {
  for (; place > 0; place--) set &= set - 1;
  return ctz(set);
}
