/**
 * Stuck actors in the walk kernel: when somebody can be, as StuckActors in src/core/run/stuck.ts tells. AssemblyScript.
 */

import { stuckOf } from './stuck-of';
import * as L from './walk-words';

/** Whether somebody is stuck who must finish. */
function mustFinishAndIsStuck(unfinished: i32): bool {
  const actors = load<i32>(L.ACTORS);
  let waiting = 0;
  for (let actor = 0; actor < actors; actor++) if (load<i32>(L.WAYS + (actor << 2)) !== 0) waiting |= 1 << actor;
  return (stuckOf(L.WAYS, waiting, ~unfinished) & load<i32>(L.REQUIRED)) !== 0;
}

/** The same, asked behind a step that left its actor at rest and before which nobody was. */
export function isStuckBy(actor: i32, runnable: i32, unfinished: i32): bool {
  const bit = 1 << actor;
  if ((unfinished & bit) === 0) {
    const actors = load<i32>(L.ACTORS);
    for (let other = 0; other < actors; other++) {
      if ((load<i32>(L.WAYS + (other << 2)) & bit) !== 0) return mustFinishAndIsStuck(unfinished);
    }
    return false;
  }
  return (load<i32>(L.WAYS + (actor << 2)) & ~runnable) !== 0 && mustFinishAndIsStuck(unfinished);
}
