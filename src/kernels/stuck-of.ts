/**
 * Stuck among those who wait: stuckAmong in src/core/run/stuck.ts once more, for all kernels. AssemblyScript.
 */

/**
 * The actors that are stuck, of those who wait, as a set. `ways`: where it stands by actor who is in its way; `finished`: who
 * takes no step any more.
 */
export function stuckOf(ways: usize, waiting: i32, finished: i32): i32 {
  let stuck = waiting;
  for (let before = -1; before !== stuck; ) {
    before = stuck;
    for (let rest = stuck; rest !== 0; rest &= rest - 1) {
      const actor = ctz(rest);
      if ((load<i32>(ways + ((<usize>actor) << 2)) & (stuck | finished)) === 0) stuck &= ~(1 << actor);
    }
  }
  return stuck;
}
