/**
 * Verify: searches every execution of a model and says whether one of them breaks it.
 *
 * The search uses all reductions that are sound for the model (plan.ts). What is said of cycles, of the order of locks
 * and of the number of interleavings comes from searches that leave out no order. Every search runs in slices, between
 * which bounds, deadline and signal are looked at. This is the engine's entry; the command line and the library's users
 * call it.
 */

import type { ModelError } from '../core/errors.js';
import type { GrowingCell } from '../core/growing.js';
import type { Program } from '../core/program/program.js';
import { compileUnder, type Model } from '../model/model.js';
import type { ReductionsUsed } from '../space/plan.js';
import { refuseInsideWorker } from '../threads/inside-worker.js';
import type { Interleavings } from './count.js';
import type { Uncovered } from './coverage.js';
import type { VerifyFinding } from './finding-of.js';
import { checkVerifyOptions, type VerifyOptions, type VerifyPhase } from './options.js';
import type { ScratchState } from './scratch/scratch-run.js';
import { Verification } from './verification.js';

/** What the verdict holds for, as data. */
export interface VerifyBound {
  readonly model: string;
  readonly memoryModel: 'sequentially consistent';
  readonly actors: readonly { readonly name: string; readonly calls: number; readonly daemon: boolean }[];
  /** Arrays of objects with their sizes. */
  readonly objects: readonly { readonly name: string; readonly count: number }[];
  /** Locks and choices that the model declares fair, as traces print them: a round in which they are not is none. */
  readonly fair: readonly string[];
  /** What was not looked for, or not to the end. */
  readonly notChecked: readonly string[];
}

/** What a run of verify came to. */
export interface VerifyResult {
  /** `verified` only if the whole space was covered. */
  readonly verdict: 'verified' | 'violation' | 'inconclusive';
  /** Why the space was not covered; undefined when it was. */
  readonly stoppedBy: string | undefined;
  /** What the search was doing when it was given up, and the states that waited to be taken up. */
  readonly left: { readonly phase: VerifyPhase; readonly frontier: number } | undefined;
  /** Cells that grew as long as the search went; none when it came to its end. */
  readonly growing: readonly GrowingCell[];
  /** Distinct states; where reductions are used, of the reduced space. */
  readonly states: number;
  /** Steps tried, one for each state, actor and choice. */
  readonly transitions: number;
  /** Steps of the longest of the shortest paths to a state. */
  readonly depth: number;
  /** Breadth first: how many states are so many steps away, by that number. */
  readonly levels: readonly number[];
  /** States in which a run was complete, and in which nobody could go on. */
  readonly completed: number;
  readonly deadlocked: number;
  /** States in which a run was at its end though daemons go on, because all they can do is go round. */
  readonly endsBesideDaemons: number;
  /** Different final states (cells and results of calls) of completed runs. */
  readonly finalStates: number;
  /** Whether final states that differ only in which actor is which were too many to tell apart. */
  readonly finalStatesFolded: boolean;
  /** Memory that one state takes in all, with what is held in reserve. */
  readonly bytesPerState: number;
  /** Where a search on disk kept its states. */
  readonly folder?: ScratchState | undefined;
  /** Maximal runs, if they were counted. */
  readonly interleavings?: Interleavings | undefined;
  /** One for each signature; breadth first, those found first have the shortest runs. */
  readonly findings: readonly VerifyFinding[];
  readonly coverage: Uncovered | undefined;
  readonly bound: VerifyBound;
  readonly reductions: ReductionsUsed;
  /** Whether something that was asked for was left out because of the signal. */
  readonly interrupted: boolean;
  /** What is wrong with the model, where that ended the search early but something was found, or it was interrupted. */
  readonly refused: ModelError | undefined;
  /** Threads that searched. */
  readonly workersUsed: number;
  /** The compiled model: what traces of the findings are made from. */
  readonly program: Program;
}

/**
 * Verifies a model.
 *
 * @throws InputError for options that are not allowed; ModelError when the model breaks a rule of modelling, or does not
 * come back (with a guard); CutOff when it was interrupted before the model was made ready
 */
export async function verify(model: Model, options: VerifyOptions = {}): Promise<VerifyResult> {
  refuseInsideWorker('verifies');
  const checked = checkVerifyOptions(options);
  return new Verification(model, await compileUnder(model, checked.guard), checked).run();
}
