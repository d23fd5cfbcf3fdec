/**
 * States of runs: numbers of some limbs of 64 bits, the lowest first. AssemblyScript, part of the kernel of sorted runs.
 */

/** Limbs of a state, and their bytes. */
export let limbs: i32 = 1;
export let wide: usize = 8;

/** States have so many limbs from now on. */
export function setLimbs(count: i32): void {
  limbs = count;
  wide = (<usize>count) << 3;
}

/** Below 0, 0 or above, as one state is before, the same as, or behind another. */
export function compareStates(one: usize, other: usize): i32 {
  for (let k = <i32>wide - 8; k >= 0; k -= 8) {
    const left = load<u64>(one + k);
    const right = load<u64>(other + k);
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

/** Copies a state. */
export function copy(from: usize, to: usize): void {
  for (let k: usize = 0; k < wide; k += 8) store<u64>(to + k, load<u64>(from + k));
}
