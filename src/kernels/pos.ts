/**
 * POS in the walk kernel, with classes that are held back: src/explore/pos.ts, held-classes.ts and may-race.ts once more, which
 * tell what they do and why. AssemblyScript.
 */

import { draw, drawBelow } from './random';
import { highestOf } from './sets';
import * as L from './walk-words';

/** It is not known which word an op is on: its ref names none. */
const NO_CELL = -2;

/** A run begins, the one with that place among those of POS in its block. */
export function beginPos(place: i32): void {
  const most = load<i32>(L.HELD_MOST);
  if (most > 0) beginHolding(place % (most + 1));
  drawAll();
}

/** Who takes the next step, one of those who can; -1 when it is not known which steps race. */
export function pickByPos(runnable: i32): i32 {
  let best = highest(runnable);
  while (holdsNow(best)) best = highest(runnable);
  const root = rootOf(best);
  const actors = load<i32>(L.ACTORS);
  for (let actor = 0; actor < actors; actor++) {
    if (actor === best) drawFor(actor);
    else {
      const races = mayRace(root, rootOf(actor));
      if (races < 0) return -1;
      if (races !== 0) drawFor(actor);
    }
  }
  return best;
}

/** Somebody has gone back to the head of a retry loop. */
export function drawPosAgain(): void {
  if (load<i32>(L.HELD_ANY) !== 0 && drawBelow(load<i32>(L.HELD_LETS_GO)) === 0) {
    store<i32>(L.HELD_ANY, 0);
    store<i32>(L.HELD_RUN, load<i32>(L.HELD_RUN) + 1);
  }
  drawAll();
}

function rootOf(actor: i32): i32 {
  return load<i32>(actor << 2, L.ROOTS) & ~L.ROOT_FLAGS;
}

function drawAll(): void {
  const actors = load<i32>(L.ACTORS);
  for (let actor = 0; actor < actors; actor++) drawFor(actor);
}

function drawFor(actor: i32): void {
  store<f64>(L.PRIORITIES + (actor << 3), <f64>draw());
}

/** Draws so many steps at which a class is held back, ascending. */
function beginHolding(count: i32): void {
  store<i32>(L.HELD_RUN, load<i32>(L.HELD_RUN) + 1);
  store<i32>(L.HELD_STEP, 0);
  store<i32>(L.HELD_ANY, 0);
  store<i32>(L.HELD_OVER, 0);
  store<i32>(L.HELD_COUNT, count);
  const changes = load<i32>(L.HELD_CHANGES);
  const mostVisible = load<i32>(L.MOST_VISIBLE);
  for (let drawn = 0; drawn < count; drawn++) {
    const step = drawBelow(mostVisible);
    let at = changes + (drawn << 2);
    for (; at > changes && load<i32>(at - 4) > step; at -= 4) store<i32>(at, load<i32>(at - 4));
    store<i32>(at, step);
  }
}

/** Whether the op that an actor is about to run is held back from now on, once for each change; else a step is counted. */
function holdsNow(actor: i32): bool {
  if (load<i32>(L.HELD_MOST) === 0) return false;
  const over = load<i32>(L.HELD_OVER);
  const step = load<i32>(L.HELD_STEP);
  if (over === load<i32>(L.HELD_COUNT) || load<i32>(load<i32>(L.HELD_CHANGES) + (over << 2)) > step) {
    store<i32>(L.HELD_STEP, step + 1);
    return false;
  }
  store<i32>(L.HELD_OVER, over + 1);
  store<i32>(load<i32>(rootOf(actor), L.ROOT_CLASS), load<i32>(L.HELD_RUN));
  store<i32>(L.HELD_ANY, 1);
  return true;
}

/** Who has the highest priority, of those whose ops are not held back if there are any. */
function highest(runnable: i32): i32 {
  const free = load<i32>(L.HELD_ANY) !== 0 ? freeOf(runnable) : 0;
  return highestOf(free !== 0 ? free : runnable);
}

/** Those of a set whose ops are not held back. */
function freeOf(runnable: i32): i32 {
  const run = load<i32>(L.HELD_RUN);
  let free = 0;
  for (let rest = runnable; rest !== 0; rest &= rest - 1) {
    if (load<i32>(load<i32>(rootOf(ctz(rest)), L.ROOT_CLASS)) !== run) free |= rest & -rest;
  }
  return free;
}

/** Whether the steps at two roots may race: 1 if so; below 0 when that is not known. */
function mayRace(root: i32, other: i32): i32 {
  const traits = load<i32>(root, L.ROOT_OP_TRAITS);
  const theirs = load<i32>(other, L.ROOT_OP_TRAITS);
  if (((traits | theirs) & L.SPREADS_OUT) !== 0) return 1;
  const word = wordOf(root);
  if (word === NO_CELL) return -1;
  if (word >= 0) {
    const their = wordOf(other);
    if (their === NO_CELL) return -1;
    if (word === their) return ((traits | theirs) & L.MAY_STORE) !== 0 ? 1 : 0;
  }
  return (traits & theirs & L.RECORDS_GHOSTS) !== 0 && mayShareGhost(root, other) ? 1 : 0;
}

/** The word of the op at a root; -1 for none. */
function wordOf(root: i32): i32 {
  const first = load<i32>(root, L.ROOT_WORD);
  const ref = load<i32>(root, L.ROOT_REF);
  if (ref === 0) return first;
  const cell = (load<i32>(ref) - 1) >> load<i32>(root, L.ROOT_SHIFT);
  return <u32>cell < load<u32>(root, L.ROOT_CELLS) ? first + cell : NO_CELL;
}

function mayShareGhost(root: i32, other: i32): bool {
  const mine = load<i32>(root, L.ROOT_GHOSTS);
  const theirs = load<i32>(other, L.ROOT_GHOSTS);
  for (let i = load<i32>(mine) << 2; i > 0; i -= 4) {
    for (let j = load<i32>(theirs) << 2; j > 0; j -= 4) if (load<i32>(mine + i) === load<i32>(theirs + j)) return true;
  }
  return false;
}
