/**
 * Searched: what one search of a run of verify came to. Used by verification.
 */

import type { Met } from '../space/met.js';
import type { Plan } from '../space/plan.js';
import type { LockOrder } from './lock-order.js';
import type { ScratchState } from './scratch/scratch-run.js';
import type { Search } from './search.js';
import type { StateGraph } from './state-graph.js';

/** What a search collects besides states. */
export interface Extras {
  readonly graph?: StateGraph | undefined;
  readonly locks?: LockOrder | undefined;
}

/** A search that ran to its end or to a bound, with its plan. */
export interface Searched extends Extras {
  readonly search: Search;
  readonly plan: Plan;
  readonly met: Met;
  readonly states: number;
  readonly threads: number;
  /** Why it was given up; undefined when it was not. */
  readonly stoppedBy: string | undefined;
  /** Whether that was in the midst of a step. */
  readonly isCut?: boolean | undefined;
  /** The search that findings are taken from first, if it is another: one by one thread. */
  readonly shown?: Search | undefined;
  /** The folder that it was in, if it was on disk. */
  readonly folder?: ScratchState | undefined;
}
