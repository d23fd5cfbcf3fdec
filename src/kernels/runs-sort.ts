/**
 * Sorting of states, by digits, the lowest first; digits that are the same in all states are passed over. AssemblyScript, part
 * of the kernel of sorted runs.
 */

import { copy, limbs, wide } from './runs-states';
import { DIGIT, DIGITS } from './runs-words';

const RADIX: i32 = 1 << DIGIT;

/** Where digits are counted. */
let counts: usize = 0;

export function setCounts(at: usize): void {
  counts = at;
}

/** Sorts states; not 0 when they lie in `spare` then. */
export function sort(keys: usize, spare: usize, count: i32): i32 {
  let from = keys;
  let to = spare;
  for (let limb = 0; limb < limbs; limb++) {
    const at = (<usize>limb) << 3;
    countDigits(from + at, count);
    for (let digit = 0; digit < DIGITS; digit++) {
      const table = counts + <usize>(digit * RADIX) * 4;
      if (isSame(table, count)) continue;
      place(from, to, count, at, <u64>(digit * DIGIT), table);
      const swapped = from;
      from = to;
      to = swapped;
    }
  }
  return from === keys ? 0 : 1;
}

function countDigits(limb: usize, count: i32): void {
  memory.fill(counts, 0, <usize>(DIGITS * RADIX) * 4);
  const end = limb + <usize>count * wide;
  for (let at = limb; at < end; at += wide) {
    let rest = load<u64>(at);
    for (let table = counts; rest !== 0; table += <usize>RADIX * 4) {
      const slot = table + ((<usize>(rest & (RADIX - 1))) << 2);
      store<i32>(slot, load<i32>(slot) + 1);
      rest >>= DIGIT;
    }
  }
  // What ended early has zeros above.
  for (let digit = 0; digit < DIGITS; digit++) {
    const table = counts + <usize>(digit * RADIX) * 4;
    let others = 0;
    for (let value = 1; value < RADIX; value++) others += load<i32>(table + ((<usize>value) << 2));
    store<i32>(table, count - others);
  }
}

function isSame(table: usize, count: i32): bool {
  for (let value = 0; value < RADIX; value++) {
    const found = load<i32>(table + ((<usize>value) << 2));
    if (found !== 0) return found === count;
  }
  return true;
}

function place(from: usize, to: usize, count: i32, limb: usize, shift: u64, table: usize): void {
  let next = 0;
  for (let value = 0; value < RADIX; value++) {
    const slot = table + ((<usize>value) << 2);
    const found = load<i32>(slot);
    store<i32>(slot, next);
    next += found;
  }
  const end = from + <usize>count * wide;
  if (limbs === 1) {
    for (let at = from; at < end; at += 8) {
      const key = load<u64>(at);
      const slot = table + ((<usize>((key >> shift) & (RADIX - 1))) << 2);
      const number = load<i32>(slot);
      store<i32>(slot, number + 1);
      store<u64>(to + ((<usize>number) << 3), key);
    }
    return;
  }
  for (let at = from; at < end; at += wide) {
    const slot = table + ((<usize>((load<u64>(at + limb) >> shift) & (RADIX - 1))) << 2);
    const number = load<i32>(slot);
    store<i32>(slot, number + 1);
    copy(at, to + <usize>number * wide);
  }
}
