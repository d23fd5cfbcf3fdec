/**
 * Options of verify: defaults, and what is allowed.
 */

import { InputError } from '../core/errors.js';
import { unguarded, type WorkGuard } from '../core/guard.js';
import { didYouMean } from '../core/input-sentence.js';
import { refuseUnknownOptions } from '../core/known-options.js';
import type { Trace } from '../core/story/trace.js';
import { type SearchOrder, searchOrders } from './search-order.js';

/** What verify takes. */
export interface VerifyOptions {
  /** Breadth first gives the shortest counterexample. Default `breadth-first`. */
  readonly order?: SearchOrder;
  /** Goes on after the first violation, to one counterexample for each signature. Default false. */
  readonly all?: boolean;
  /**
   * States beyond which the search is given up; breadth first, a level that was begun is finished, so that what was
   * covered is the same for any number of workers. Default: no bound.
   */
  readonly maxStates?: number;
  /** Memory for states after which the search is given up. Default 4 GiB. */
  readonly maxMemoryBytes?: number;
  /** Asked now and then; once it says true the search is given up. */
  readonly deadline?: () => boolean;
  /** Stops the search soon; what was found is kept. */
  readonly signal?: AbortSignal;
  /** Called now and then. */
  readonly onProgress?: (progress: VerifyProgress) => void;
  /** Takes interchangeable actors for one another. Default true. */
  readonly symmetry?: boolean;
  /** Leaves out orders of steps that make no difference. Default true. */
  readonly por?: boolean;
  /** Takes equivalent local states for one. Default true. */
  readonly merge?: boolean;
  /** Counts the interleavings. Default false. */
  readonly count?: boolean;
  /** Looks for livelock and starvation. Default true. */
  readonly liveness?: boolean;
  /** Looks for locks that are taken in more than one order. Default true. */
  readonly lockOrder?: boolean;
  /** Lists the ops that no execution executed. Default true. */
  readonly coverage?: boolean;
  /** Worker threads. Default 1: this thread. */
  readonly workers?: number;
  /**
   * States that one thread searches before it shares the rest with others: less is done before they are ready; sixteen times
   * as many where a kernel takes them up. Default 500,000.
   */
  readonly aloneUntil?: number;
  /** Lets a kernel take up the states of large searches, which changes nothing but the time. Default true. */
  readonly kernel?: boolean;
  /**
   * A folder for a search on disk, of a space that no memory holds. It goes on where an earlier one was stopped. Livelock,
   * starvation and the order of locks are not looked for. Default: the search is in memory.
   */
  readonly scratch?: string;
  /** Milliseconds since any moment, for how much is done between two looks at the deadline. Default: none. */
  readonly clock?: () => number;
  /** Cuts off work that does not come back, such as a loop without end in the model. Default: nothing is cut off. */
  readonly guard?: WorkGuard;
  /** Writes the title of a finding from its run. Default: its signature. */
  readonly titleOf?: (trace: Trace) => string | undefined;
}

/** What a search is doing. */
export type VerifyPhase = 'search' | 'findings' | 'cycles and lock order' | 'count';

/** How far a search is. */
export interface VerifyProgress {
  readonly phase: VerifyPhase;
  readonly states: number;
  readonly transitions: number;
  /** States that wait to be taken up. */
  readonly frontier: number;
  readonly depth: number;
  readonly memoryBytes: number;
  /** Of a search on disk. */
  readonly diskBytes?: number;
  /** Signatures found. */
  readonly findings: number;
}

/** Options with the defaults filled in. */
export type CheckedVerifyOptions = Required<Omit<VerifyOptions, Unset>> & Pick<VerifyOptions, Unset>;

/** Options without a default. */
type Unset = 'signal' | 'onProgress' | 'titleOf' | 'clock' | 'scratch';

const NAMES = Object.keys({
  order: 1,
  all: 1,
  maxStates: 1,
  maxMemoryBytes: 1,
  deadline: 1,
  signal: 1,
  onProgress: 1,
  symmetry: 1,
  por: 1,
  merge: 1,
  count: 1,
  liveness: 1,
  lockOrder: 1,
  coverage: 1,
  workers: 1,
  aloneUntil: 1,
  kernel: 1,
  scratch: 1,
  clock: 1,
  guard: 1,
  titleOf: 1,
} satisfies Record<keyof VerifyOptions, 1>);

/** Checks options and fills in the defaults. Throws InputError that says what is allowed. */
export function checkVerifyOptions(options: VerifyOptions): CheckedVerifyOptions {
  refuseUnknownOptions('verify()', options, NAMES);
  const checked: CheckedVerifyOptions = {
    ...options,
    order: options.order ?? 'breadth-first',
    all: options.all ?? false,
    maxStates: options.maxStates ?? Number.POSITIVE_INFINITY,
    maxMemoryBytes: options.maxMemoryBytes ?? 4 * 2 ** 30,
    deadline: options.deadline ?? (() => false),
    symmetry: options.symmetry ?? true,
    por: options.por ?? true,
    merge: options.merge ?? true,
    count: options.count ?? false,
    liveness: options.liveness ?? true,
    lockOrder: options.lockOrder ?? true,
    coverage: options.coverage ?? true,
    workers: options.workers ?? 1,
    guard: options.guard ?? unguarded,
    aloneUntil: options.aloneUntil ?? 500_000,
    kernel: options.kernel ?? true,
  };
  if (!searchOrders.includes(checked.order)) {
    const { order } = checked;
    throw new InputError(
      `faultline: there is no order "${order}"; there are ${searchOrders.join(', ')}${didYouMean(order, searchOrders, '.')}`,
    );
  }
  whole('maxStates', checked.maxStates);
  whole('maxMemoryBytes', checked.maxMemoryBytes);
  whole('workers', checked.workers);
  whole('aloneUntil', checked.aloneUntil);
  if (checked.workers > 1 && checked.order === 'depth-first') {
    throw new InputError('faultline: a depth-first search runs in one worker; several search breadth-first.');
  }
  if (checked.scratch !== undefined) refuseOnDisk(checked);
  return checked;
}

/** What needs all states at hand. */
function refuseOnDisk({ count, order }: CheckedVerifyOptions): void {
  if (count)
    throw new InputError(
      'faultline: a search on disk (scratch) counts no interleavings: that needs the graph of its states.',
    );
  if (order !== 'breadth-first')
    throw new InputError(`faultline: a search on disk (scratch) is breadth-first, not ${order}.`);
}

function whole(name: string, value: number): void {
  if (value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && value >= 1)) return;
  throw new InputError(`faultline: ${name} is a whole number of 1 or more, not ${value}.`);
}
