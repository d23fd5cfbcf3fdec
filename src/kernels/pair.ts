/**
 * Pair in the walk kernel: src/explore/pair.ts once more, which tells what it does and why. AssemblyScript.
 */

import { draw, drawBelow } from './random';
import * as L from './walk-words';

/** A run begins. */
export function beginPair(): void {
  store<i32>(L.PAIR_RUN, load<i32>(L.PAIR_RUN) + 1);
  store<i32>(L.PAIR_STEP, 0);
  store<i32>(L.PAIR_LOWEST, 0);
  store<i32>(L.PAIR_RESTING, 0);
  const changes = load<i32>(L.PAIR_CHANGES);
  const end = changes + (load<i32>(L.PAIR_CHANGE_COUNT) << 2);
  const mostVisible = load<i32>(L.MOST_VISIBLE);
  for (let change = changes; change < end; change += 4) store<i32>(change, 1 + drawBelow(mostVisible));
}

/** Who takes the next step, one of those who can. */
export function pickByPair(runnable: i32): i32 {
  const step = load<i32>(L.PAIR_STEP) + 1;
  store<i32>(L.PAIR_STEP, step);
  if (load<i32>(L.PAIR_RESTING) !== 0) wakeSome();
  let best = highest(runnable);
  const changes = load<i32>(L.PAIR_CHANGES);
  const end = changes + (load<i32>(L.PAIR_CHANGE_COUNT) << 2);
  for (let change = changes; change < end; change += 4) {
    if (load<i32>(change) !== step) continue;
    const lowest = load<i32>(L.PAIR_LOWEST) - 1;
    store<i32>(L.PAIR_LOWEST, lowest);
    store<f64>(priorityOf(best), <f64>lowest);
    best = highest(runnable);
  }
  return best;
}

/** An actor has gone back to the head of a retry loop. */
export function restInPair(actor: i32): void {
  const resting = load<i32>(L.PAIR_RESTING);
  if ((resting & (1 << actor)) !== 0 || drawBelow(2) === 1) return;
  store<i32>(L.PAIR_RESTING, resting | (1 << actor));
}

function wakeSome(): void {
  const before = load<i32>(L.PAIR_RESTING);
  const wakes = load<i32>(L.PAIR_WAKES);
  let resting = before;
  for (let rest = before; rest !== 0; rest &= rest - 1) {
    if (drawBelow(wakes) === 0) resting &= ~(rest & -rest);
  }
  store<i32>(L.PAIR_RESTING, resting);
}

function highest(runnable: i32): i32 {
  const resting = load<i32>(L.PAIR_RESTING);
  const awake = runnable & ~resting;
  if (awake === 0) {
    store<i32>(L.PAIR_RESTING, resting & ~runnable);
    return highest(runnable);
  }
  let best = -1;
  let priority = -Infinity;
  for (let rest = awake; rest !== 0; rest &= rest - 1) {
    const actor = ctz(rest);
    const theirs = load<f64>(priorityOf(actor));
    if (theirs <= priority) continue;
    best = actor;
    priority = theirs;
  }
  return best;
}

/** Where the priority of an actor's pending op is; drawn when it is looked at for the first time in a run. */
function priorityOf(actor: i32): i32 {
  const at = load<i32>(load<i32>(actor << 2, L.ROOTS) & ~L.ROOT_FLAGS, L.ROOT_PAIR);
  const run = load<i32>(L.PAIR_RUN);
  if (load<i32>(at, L.PAIR_DRAWN_IN) !== run) {
    store<i32>(at, run, L.PAIR_DRAWN_IN);
    store<f64>(at, <f64>draw());
  }
  return at;
}
