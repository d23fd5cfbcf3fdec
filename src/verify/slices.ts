/**
 * Slices: lets a search run bit by bit; looks at bounds, deadline and signal in between, and tells how far it is.
 * Used by verification only.
 */

import { setImmediate } from 'node:timers/promises';
import type { Automaton } from '../core/automaton/automaton.js';
import { stepDoesNotComeBack, stuckIn } from '../core/automaton/stuck.js';
import { ModelError } from '../core/errors.js';
import { CutOff } from '../core/guard.js';
import { Pace } from '../core/pace.js';
import { OutOfMemory } from '../space/memory-budget.js';
import { Surprise } from '../space/met.js';
import { BROKEN_MODEL, DEADLINE, INTERRUPTED, stoppedByCut } from './cut.js';
import type { CheckedVerifyOptions, VerifyPhase } from './options.js';
import type { Search } from './search.js';
import type { StateGraph } from './state-graph.js';

/** Why a search that has to go no further for now ended; nobody is told. */
export const FAR_ENOUGH = 'far enough';

/** States taken up between two looks at bounds, deadline and signal: some are slow, where many outcomes are chosen among. */
const STATES = { least: 16, usual: 2048, most: 65_536 };
/** With so many states, what grows with them (the table, cycles) may take as long again as the usual patience. */
export const STATES_PER_PATIENCE = 250_000;
/** A kernel takes up so many times as many states before threads are worth calling up. */
const KERNEL_TIMES = 16;
/** The part of its states at which a search is on its way: whoever is to go on from its end needs a while to get ready. */
const ON_THE_WAY = 0.6;

/** How far a search goes. */
export interface Reach {
  /** States, or some times as many if a kernel takes them up; default: the caller's bound. */
  readonly most?: number;
  /** Whether it is as many if a kernel takes them up. */
  readonly isForKernelsToo?: boolean;
  /** Levels that are deeper than this are not taken up. */
  readonly deepest?: number;
  /** States that the next level must have, too, before `most` counts. */
  readonly width?: number;
  /** How many times the usual patience its slices may take. Default 1. */
  readonly patience?: number;
  /** Called, perhaps more than once, when a part of `most` is done. */
  readonly onTheWay?: (() => void) | undefined;
}

/** How a search ended; neither when it was over. */
export interface Sliced {
  readonly stoppedBy?: string | undefined;
  readonly surprise?: Surprise | undefined;
  /** Whether it was cut off in the midst of a step. */
  readonly isCut?: boolean;
  /** Whether a slice took longer than it should, for the first time: it is to be run again, with more patience. */
  readonly wasSlow?: boolean;
  /** What did not come back. */
  readonly refused?: ModelError | undefined;
}

/** What a search came to so far. */
export interface Extent {
  readonly states: number;
  readonly transitions: number;
  readonly memoryBytes: number;
}

/** Runs the searches of one run of verify. */
export class Slices {
  #pace: Pace;

  /** @param found number of findings that are there already */
  constructor(
    readonly options: CheckedVerifyOptions,
    readonly automaton: Automaton,
    readonly found: () => number,
  ) {
    this.#pace = new Pace(options.clock, STATES);
  }

  /** Runs a search until it is over, a bound is reached, or something surprises it. */
  async run(phase: VerifyPhase, search: Search, graph: StateGraph | undefined, reach: Reach): Promise<Sliced> {
    const { deepest = Number.POSITIVE_INFINITY, width = 0, patience = 1, isForKernelsToo } = reach;
    const { maxStates } = this.options;
    let wanted = reach.most ?? Number.POSITIVE_INFINITY;
    for (;;) {
      const factor = search.isInKernel && !isForKernelsToo ? KERNEL_TIMES : 1;
      const most = Math.min(wanted * factor, maxStates);
      const times = patience + search.table.size / STATES_PER_PATIENCE;
      const work = () => this.#pace.slice((count) => search.run(count, most, deepest));
      const end = endOf(() => this.options.guard.run(work, times));
      const surprise = end instanceof Surprise ? end : undefined;
      const states = search.table.size;
      const isMost = search.mayEnd && states > most;
      const isNarrow = search.frontier < width;
      if (isMost && isNarrow) wanted = (states + (states >> 3)) / factor;
      if (states >= ON_THE_WAY * most) reach.onTheWay?.();
      const memoryBytes = search.table.bytes + (graph?.bytes ?? 0);
      this.report(phase, search, { states, transitions: search.transitions, memoryBytes });
      await setImmediate();
      if (end instanceof CutOff) this.#pace = new Pace(this.options.clock, STATES);
      if (end instanceof CutOff) return this.#cutOff(search, end, patience);
      if (end instanceof ModelError) return { stoppedBy: BROKEN_MODEL, isCut: true, refused: end };
      if (end instanceof OutOfMemory) return { stoppedBy: end.message };
      if (search.over && surprise === undefined) return {};
      const isFar = (isMost && !isNarrow) || (search.mayEnd && search.depth >= deepest);
      const stoppedBy = this.stop(states, memoryBytes, search.mayEnd) ?? (isFar ? FAR_ENOUGH : undefined);
      if (stoppedBy !== undefined) return { stoppedBy };
      if (surprise !== undefined) return { surprise };
    }
  }

  /**
   * Does work that yields now and then and may be done again from its start; why it was given up, if it was.
   *
   * @param times how many times the usual patience each part of it may take at first
   * @throws CutOff when it was interrupted or the budget was spent in the midst of a part
   */
  async drive(work: () => Generator<void>, times: number): Promise<string | undefined> {
    const { guard } = this.options;
    for (let patience = times; ; patience *= 2) {
      const parts = work();
      try {
        while (!guard.run(() => parts.next(), patience).done) {
          await setImmediate();
          const stoppedBy = this.stop(0, 0, false);
          if (stoppedBy !== undefined) return stoppedBy;
        }
        return undefined;
      } catch (error) {
        if (!(error instanceof CutOff)) throw error;
        error.stuck = stuckIn(this.automaton, guard);
        if (error.reason !== 'patience') throw error;
      }
    }
  }

  /** How a search ended that was cut off. */
  #cutOff(search: Search, cut: CutOff, patience: number): Sliced {
    const refused = stuckIn(this.automaton, this.options.guard);
    if (cut.reason !== 'patience') return { stoppedBy: stoppedByCut(cut), isCut: true, refused };
    // Once more from the start: it may have been the machine that was slow.
    if (refused === undefined && patience === 1) return { wasSlow: true };
    return { stoppedBy: BROKEN_MODEL, isCut: true, refused: refused ?? stepDoesNotComeBack(search.underWay, cut) };
  }

  /** Why a search has to be given up now. `mayEnd`: whether a bound on states may end it. */
  stop(states: number, memoryBytes: number, mayEnd: boolean): string | undefined {
    const { maxStates, maxMemoryBytes, deadline, signal } = this.options;
    if (signal?.aborted) return INTERRUPTED;
    if (mayEnd && states > maxStates) return `the bound of ${maxStates} states`;
    if (memoryBytes >= maxMemoryBytes) return `the bound of ${maxMemoryBytes} bytes of memory`;
    return deadline() ? DEADLINE : undefined;
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

/** Runs a part of a search; what surprised it, what it could not have, what cut it off, or what the model does wrong. */
function endOf(run: () => void): Surprise | OutOfMemory | CutOff | ModelError | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    const isKnown = [Surprise, OutOfMemory, CutOff, ModelError].some((kind) => error instanceof kind);
    if (isKnown) return error as Surprise | OutOfMemory | CutOff | ModelError;
    throw error;
  }
}
