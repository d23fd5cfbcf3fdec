/**
 * Picks: the strategies of the walk kernel, but for the random walk, whose picks are made in its loop. AssemblyScript.
 */

import { beginPair, pickByPair, restInPair } from './pair';
import { beginPct, drawPctAgain, pickByPct } from './pct';
import { beginPos, drawPosAgain, pickByPos } from './pos';
import * as L from './walk-words';

/** A run begins. */
export function beginPicks(): void {
  store<i32>(L.PICKED, -1);
  let place = load<i32>(L.PLACE);
  store<i32>(L.PLACE, place + 1);
  if (load<i32>(L.TAKES_TURNS) !== 0) {
    store<i32>(L.STRATEGY, (place & 1) === 0 ? L.BY_PAIR : L.BY_POS);
    place >>= 1;
  }
  const strategy = load<i32>(L.STRATEGY);
  if (strategy === L.BY_PCT) beginPct();
  else if (strategy === L.BY_PAIR) beginPair();
  else beginPos(place);
}

/** Tells the strategy what came of its last pick, and asks it for the next; -1 when it cannot say. */
export function pickNext(runnable: i32): i32 {
  const strategy = load<i32>(L.STRATEGY);
  const picked = load<i32>(L.PICKED);
  if (picked >= 0 && (load<i32>(L.PICKED_FLAGS) & L.WENT_BACK) !== 0) {
    if (strategy === L.BY_PCT) drawPctAgain(picked);
    else if (strategy === L.BY_PAIR) restInPair(picked);
    else drawPosAgain();
  }
  let actor: i32;
  if (strategy === L.BY_PCT) actor = pickByPct(runnable);
  else if (strategy === L.BY_PAIR) actor = pickByPair(runnable);
  else actor = pickByPos(runnable);
  store<i32>(L.PICKED, actor);
  store<i32>(L.PICKED_FLAGS, 0);
  return actor;
}
