/**
 * Slices: lets a search run bit by bit; looks at bounds, deadline and signal in between, and tells how far it is.
 * Used by verification only.
 */

import { setImmediate } from 'node:timers/promises';
import { OutOfMemory } from '../space/memory-budget.js';
import { Surprise } from '../space/met.js';
import type { CheckedVerifyOptions, VerifyPhase } from './options.js';
import type { Search } from './search.js';
import type { StateGraph } from './state-graph.js';

/** Why a search that has to go no further for now ended; nobody is told. */
export const FAR_ENOUGH = 'far enough';

/** States taken up between two looks at bounds, deadline and signal. */
const SLICE = 2048;
/** The part of its states at which a search is on its way: whoever is to go on from its end needs a while to get ready. */
const ON_THE_WAY = 0.2;

/** How far a search goes. */
export interface Reach {
  /** States; default: the caller's bound. */
  readonly most?: number;
  /** Levels that are deeper than this are not taken up. */
  readonly deepest?: number;
  /** States that the next level must have, too, before `most` counts. */
  readonly width?: number;
  /** Called, perhaps more than once, when a part of `most` is done. */
  readonly onTheWay?: (() => void) | undefined;
}

/** How a search ended; neither when it was over. */
export interface Sliced {
  readonly stoppedBy?: string | undefined;
  readonly surprise?: Surprise | undefined;
}

/** What a search came to so far. */
export interface Extent {
  readonly states: number;
  readonly transitions: number;
  readonly memoryBytes: number;
}

/** Runs the searches of one run of verify. */
export class Slices {
  /** @param found number of findings that are there already */
  constructor(
    readonly options: CheckedVerifyOptions,
    readonly found: () => number,
  ) {}

  /** Runs a search until it is over, a bound is reached, or something surprises it. */
  async run(phase: VerifyPhase, search: Search, graph: StateGraph | undefined, reach: Reach): Promise<Sliced> {
    const { deepest = Number.POSITIVE_INFINITY, width = 0 } = reach;
    const { maxStates } = this.options;
    let most = Math.min(reach.most ?? Number.POSITIVE_INFINITY, maxStates);
    for (;;) {
      const end = endOf(() => search.run(SLICE, most, deepest));
      const surprise = end instanceof Surprise ? end : undefined;
      const states = search.table.size;
      if (search.mayEnd && states > most && search.frontier < width) most = Math.min(states + (states >> 3), maxStates);
      if (states >= ON_THE_WAY * most) reach.onTheWay?.();
      const memoryBytes = search.table.bytes + (graph?.bytes ?? 0);
      this.report(phase, search, { states, transitions: search.transitions, memoryBytes });
      await setImmediate();
      if (end instanceof OutOfMemory) return { stoppedBy: end.message };
      if (search.over && surprise === undefined) return {};
      const isFar = search.mayEnd && (states > most || search.depth >= deepest);
      const stoppedBy = this.stop(states, memoryBytes, search.mayEnd) ?? (isFar ? FAR_ENOUGH : undefined);
      if (stoppedBy !== undefined) return { stoppedBy };
      if (surprise !== undefined) return { surprise };
    }
  }

  /** Does work that yields now and then; why it was given up, if it was. */
  async drive(work: Generator<void>): Promise<string | undefined> {
    for (;;) {
      if (work.next().done === true) return undefined;
      await setImmediate();
      const stoppedBy = this.stop(0, 0, false);
      if (stoppedBy !== undefined) return stoppedBy;
    }
  }

  /** Why a search has to be given up now. `mayEnd`: whether a bound on states may end it. */
  stop(states: number, memoryBytes: number, mayEnd: boolean): string | undefined {
    const { maxStates, maxMemoryBytes, deadline, signal } = this.options;
    if (signal?.aborted) return 'interrupted';
    if (mayEnd && states > maxStates) return `the bound of ${maxStates} states`;
    if (memoryBytes >= maxMemoryBytes) return `the bound of ${maxMemoryBytes} bytes of memory`;
    return deadline() ? 'the deadline' : undefined;
  }

  /** Tells how far a search is. */
  report(phase: VerifyPhase, search: Search, extent: Extent): void {
    this.options.onProgress?.({
      ...{ phase, ...extent },
      frontier: frontierOf(search, extent.states),
      depth: search.depth,
      findings: this.found() + search.sightings.count,
    });
  }
}

/** States that wait to be taken up; those of several threads stand in the places of one table. */
export function frontierOf(search: Search, states: number): number {
  return search.settings.order === 'depth-first' ? search.frontier : Math.max(0, states - search.expanded);
}

/** Runs a part of a search; what surprised it, or what it could not have. */
function endOf(run: () => void): Surprise | OutOfMemory | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof Surprise || error instanceof OutOfMemory) return error;
    throw error;
  }
}
