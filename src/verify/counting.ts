/**
 * Counting: the number of interleavings within one run of verify, and why there is none where a bound came first. Used by
 * verification.
 */

import type { Automaton } from '../core/automaton/automaton.js';
import { countInterleavings, type Interleavings } from './count.js';
import { ifThereIsTime } from './cut.js';
import type { CheckedVerifyOptions } from './options.js';
import type { Searched } from './searched.js';
import { FAR_ENOUGH } from './slices.js';
import type { StateGraph } from './state-graph.js';

/**
 * A count goes on after what broke, into states that no other search takes up, and nothing may hold them: a counter
 * that a check should have stopped runs on to 2^32. Unless the caller has a bound, this is theirs.
 */
const MOST_COUNTED = 10_000_000;

/** Counts the interleavings for one run of verify. */
export class Counting {
  /** Whether that was left out because of the signal. */
  isInterrupted = false;

  /**
   * @param notChecked where the reason is noted when there is no number
   * @param search searches with a graph, up to so many states, and goes on after what broke if it is told to
   */
  constructor(
    readonly options: CheckedVerifyOptions,
    readonly automaton: Automaton,
    readonly notChecked: string[],
    readonly search: (most: number, goesOn: boolean) => Promise<Searched>,
  ) {}

  /** The number of interleavings; undefined, with the reason noted, when a bound came first. */
  async of(main: Searched, isStopped: boolean): Promise<Interleavings | undefined> {
    if (!this.options.count) return undefined;
    if (isStopped) {
      this.notChecked.push('the number of interleavings (the search was given up)');
      return undefined;
    }
    const broken = main.search.sightings.count > 0;
    // A round within the space that was covered answers it, wherever runs that broke something may go on to.
    if (!broken || main.search.loops) {
      const covered = await this.#countedTo(this.options.maxStates, false);
      if (!broken || covered === undefined || covered === 'unbounded') return covered;
    }
    const { maxStates } = this.options;
    return await this.#countedTo(maxStates === Number.POSITIVE_INFINITY ? MOST_COUNTED : maxStates, true);
  }

  async #countedTo(most: number, goesOn: boolean): Promise<Interleavings | undefined> {
    const { search, graph, stoppedBy } = await this.search(most, goesOn);
    if (stoppedBy === undefined) {
      const count = () => countInterleavings(graph as StateGraph, search.table.size);
      const counted = ifThereIsTime(this.options, this.automaton, count);
      this.isInterrupted ||= counted === undefined && this.options.signal?.aborted === true;
      if (counted === undefined) this.notChecked.push('the number of interleavings (there was no time left)');
      return counted;
    }
    const beyond = goesOn ? ', with what comes after a violation' : '';
    const why = stoppedBy === FAR_ENOUGH ? `the bound of ${most} states` : stoppedBy;
    this.notChecked.push(`the number of interleavings (${why}${beyond})`);
    return undefined;
  }
}
