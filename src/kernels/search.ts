/**
 * Search kernel: takes up states of a search all of whose steps are remembered, and keeps the states. AssemblyScript;
 * src/verify/search-kernel.ts is its other half, which sees to everything that it does not know: steps that were never
 * taken, steps that break something, states in which nobody can go on. A state that needs any of that is left as it was.
 */

import { MOST_WIDTH, ROOM, SEEN_BYTES, TAKES, Taken } from './search-words';
import { childOf, leafBelow, wordAt } from './tree';
import {
  FINISHED,
  FOR_ACTORS,
  MAY_WAIT,
  ROOT,
  ROOT_MASKS,
  ROOT_ROWS,
  ROOT_TRAITS,
  SLOW,
  TABLES,
  UNKNOWN,
  WAITS,
  WANTS_LOCK,
} from './tree-words';
