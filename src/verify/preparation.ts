/**
 * Preparation: what a search of one run of verify needs before it begins. Random runs show which values there are; over
 * those the automata are completed and the search is planned. That is work of one piece each, so it may be cut off: then
 * no search begins any more. Used by verification.
 */

import { stuckIn } from '../core/automaton/stuck.js';
import { CutOff } from '../core/guard.js';
import type { Program } from '../core/program/program.js';
import type { Schedule } from '../core/schedule.js';
import { compileUnder, type Model } from '../model/model.js';
import { Groundwork } from '../space/groundwork.js';
import { type Fact, Met } from '../space/met.js';
import { type Plan, planOf, type WantedReductions } from '../space/plan.js';
import { Walks } from '../space/walks.js';
import { inOnePiece } from './cut.js';
import { sharedPlan } from './level-worker.js';
import type { CheckedVerifyOptions } from './options.js';

/** How many times the usual patience a plan may take. */
export const PLANNING = 4;

/** Why a search that had no time to be planned, and so none to begin, uses no reduction. */
const UNPLANNED = 'there was no time to look for what could be reduced';

/** Prepares the searches of one run of verify. */
export class Preparation {
  readonly met: Met;
  /** What cut the work off, with what did not come back. */
  cut: CutOff | undefined;
  #walks: Walks | undefined;
  readonly #ground: Groundwork;

  constructor(
    readonly model: Model,
    readonly program: Program,
    readonly options: CheckedVerifyOptions,
  ) {
    this.met = new Met(program.automaton);
    this.#ground = new Groundwork(program, this.met);
  }

  /** Takes random runs, for what they show. */
  walk(): void {
    const { program, met } = this;
    this.#doing(() => {
      const walk = () => {
        this.#walks = new Walks(program, met);
        this.#walks.fromStart();
      };
      inOnePiece(this.options, program.automaton, walk, 1, () => this.#walks?.underWay ?? 'the first step');
    });
  }

  /** Takes random runs that begin with a schedule. */
  walkAfter(way: Schedule): void {
    const { guard } = this.options;
    try {
      guard.run(() => this.#walks?.after(way));
    } catch (cut) {
      if (!(cut instanceof CutOff)) throw cut;
      cut.stuck = stuckIn(this.program.automaton, guard);
      if (cut.reason !== 'patience') this.cut = cut;
      // They were in the midst of something. What they did not see the search will meet.
      this.#walks = undefined;
    }
  }

  /**
   * What has to take a few steps to get ready; what takes none (`idle`), and is not to begin (`cut`), when those do not come
   * back in time.
   */
  readied<T>(make: (idle: boolean) => T): T {
    const { options, program } = this;
    const ready = () =>
      inOnePiece(
        options,
        program.automaton,
        () => make(false),
        1,
        () => 'a step of the model',
      );
    return this.#doing(ready) ?? make(true);
  }

  /** Whether the automata have more local states than so many. */
  hasMoreNodes(most: number): boolean {
    const { automaton } = this.program;
    const look = () => inOnePiece(this.options, automaton, () => this.#ground.hasMoreNodes(most), PLANNING);
    return this.#doing(look) === true;
  }

  /**
   * The plan of a search; a plain one when there is no time for more, and then the search is not to begin (`cut`). One that
   * is handed over numbers nodes and local states as the threads will, which saw no walks.
   */
  async plan(
    wanted: WantedReductions,
    completes: true | string,
    handsOver: boolean,
  ): Promise<{ plan: Plan; met: Met }> {
    if (this.cut === undefined) {
      try {
        return await this.#planned(wanted, completes, handsOver);
      } catch (cut) {
        if (!(cut instanceof CutOff)) throw cut;
        this.cut = cut;
        // What does not come back may lie on a path that no run takes: it is no fault of the model yet.
        cut.stuck = undefined;
      }
    }
    return { plan: planOf(this.#ground, wanted, UNPLANNED), met: this.met };
  }

  /** The plan over facts that were met elsewhere, which numbers nodes and local states as `plan` does for who is handed over to. */
  async planOf(facts: readonly Fact[], wanted: WantedReductions): Promise<{ plan: Plan; met: Met }> {
    const fresh = await compileUnder(this.model, this.options.guard);
    return inOnePiece(this.options, fresh.automaton, () => sharedPlan(fresh, facts, wanted), PLANNING);
  }

  async #planned(
    wanted: WantedReductions,
    completes: true | string,
    handsOver: boolean,
  ): Promise<{ plan: Plan; met: Met }> {
    const { program, met, options } = this;
    if (handsOver && completes === true) return await this.planOf(met.facts(), wanted);
    const plan = inOnePiece(options, program.automaton, () => planOf(this.#ground, wanted, completes), PLANNING);
    return { plan, met };
  }

  /** Does work unless there is no time for any; undefined when it was cut off. */
  #doing<T>(work: () => T): T | undefined {
    if (this.cut !== undefined) return undefined;
    try {
      return work();
    } catch (cut) {
      if (!(cut instanceof CutOff)) throw cut;
      this.cut = cut;
      return undefined;
    }
  }
}
