/**
 * PCT in the walk kernel: src/explore/pct.ts once more, which tells what it does and why. AssemblyScript.
 */

import { drawBelow } from './random';
import { highestOf, nth } from './sets';
import * as L from './walk-words';

/** The first change after a pick, among those drawn so far. */
function changeAfter(pick: i32, drawn: i32): i32 {
  const changes = load<i32>(L.CHANGES);
  let next = i32.MAX_VALUE;
  for (let i = 0; i < drawn; i++) {
    const change = load<i32>(changes + (i << 2));
    if (change > pick && change < next) next = change;
  }
  return next;
}

/** A run begins. */
export function beginPct(): void {
  const changes = load<i32>(L.CHANGES);
  const count = load<i32>(L.CHANGE_COUNT);
  const actors = load<i32>(L.ACTORS);
  store<i32>(L.PICKS, 0);
  for (let actor = 0; actor < actors; actor++) {
    const other = drawBelow(actor + 1);
    store<f64>(L.PRIORITIES + (actor << 3), load<f64>(L.PRIORITIES + (other << 3)));
    store<f64>(L.PRIORITIES + (other << 3), <f64>(count + 1 + actor));
  }
  const picks = load<i32>(L.MOST_VISIBLE) + count - 1;
  for (let drawn = 0; drawn < count; drawn++) {
    let pick = 1 + drawBelow(picks - drawn);
    for (let taken = changeAfter(0, drawn); taken <= pick; taken = changeAfter(taken, drawn)) pick++;
    store<i32>(changes + (drawn << 2), pick);
  }
  store<i32>(L.NEXT_CHANGE, changeAfter(0, count));
}

/** An actor has gone back to the head of a retry loop. */
export function drawPctAgain(actor: i32): void {
  const actors = load<i32>(L.ACTORS);
  store<i32>(L.BEYOND, 1);
  let lowest = load<f64>(L.PRIORITIES);
  let top = lowest;
  for (let other = 1; other < actors; other++) {
    const theirs = load<f64>(L.PRIORITIES + (other << 3));
    if (theirs < lowest) lowest = theirs;
    if (theirs > top) top = theirs;
  }
  lowest -= 1;
  const span = top + 1 - lowest;
  const grains = load<i32>(L.PRIORITY_GRAINS);
  store<f64>(L.PRIORITIES + (actor << 3), lowest + (span * <f64>drawBelow(grains)) / <f64>grains);
}

/** Who takes the next step, one of those who can. */
export function pickByPct(runnable: i32): i32 {
  const count = load<i32>(L.CHANGE_COUNT);
  let picks = load<i32>(L.PICKS) + 1;
  let best: i32;
  if (picks > load<i32>(L.MOST_VISIBLE) + count) store<i32>(L.BEYOND, 1);
  if (picks > load<i32>(L.FAIR_FROM)) best = nth(runnable, drawBelow(popcnt(runnable)));
  else {
    best = highestOf(runnable);
    while (picks === load<i32>(L.NEXT_CHANGE)) {
      const changes = load<i32>(L.CHANGES);
      let place = 0;
      while (load<i32>(changes + (place << 2)) !== picks) place++;
      store<f64>(L.PRIORITIES + (best << 3), <f64>(place + 1));
      store<i32>(L.NEXT_CHANGE, changeAfter(picks, count));
      picks++;
      best = highestOf(runnable);
    }
  }
  store<i32>(L.PICKS, picks);
  return best;
}
