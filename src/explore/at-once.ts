/**
 * At once: finds the steps of a run that cannot race, which are run before anybody is asked who goes on. Used by the runner
 * and by the stream.
 */

import type { Executor } from '../core/run/executor.js';
import { StepFlag } from '../core/run/step-flag.js';
import { type Facts, MOST_AT_ONCE } from './facts.js';

// A module's own constant is folded into the code; an imported one is looked up at every step.
const { CallEnd, Rests } = StepFlag;
const MOST = MOST_AT_ONCE;

/** Says who takes such a step, in the runs of one executor. */
export class AtOnce {
  /** Such steps in a row so far. */
  #inARow = 0;
  /** The actor up to which everybody was asked for one. */
  #asked = 0;
  /** Whether nobody is left to ask: then only who takes a step may have such a one behind it. */
  isSettled = false;

  /** Whether somebody has such a step in the initial state; undefined when nobody has asked yet. */
  #hasFirst: boolean | undefined;
  /** Whether the end of a call may let others go on. */
  readonly #hasWaiters: boolean;
  #facts: Facts;

  constructor(
    readonly executor: Executor,
    facts: Facts,
  ) {
    this.#facts = facts;
    this.#hasWaiters = executor.program.actors.some(({ calls }) => calls.some(({ after }) => after.length > 0));
  }

  /** What says which steps cannot race. */
  get facts(): Facts {
    return this.#facts;
  }

  /** From now on other facts say so. */
  judgeBy(facts: Facts): void {
    this.#facts = facts;
    this.#hasFirst = undefined;
  }

  /** A run has begun at the start of the model: the actor whose step cannot race and comes first; -1 when there is none. */
  first(): number {
    if (this.#hasFirst === false) return this.#settled();
    const first = this.any();
    this.#hasFirst = first >= 0;
    return first;
  }

  /** The same of a run that begins elsewhere. */
  any(): number {
    this.#inARow = 0;
    this.#asked = 0;
    return this.#nextAsked();
  }

  /** A run goes on from a state in which nobody has such a step. */
  none(): void {
    this.#settled();
  }

  /** Somebody is picked next. */
  endRow(): void {
    this.#inARow = 0;
  }

  /** An actor whose step cannot race, after a step of `actor`; -1 when there is none, or when enough were run in a row. */
  next(actor: number, flags: number): number {
    if (this.#inARow >= MOST) return this.#no();
    if ((flags & (Rests | CallEnd)) === 0) {
      if (this.#facts.isPrivate(this.executor.nodeOf(actor))) {
        this.#inARow++;
        return actor;
      }
      if (this.isSettled) return this.#no();
    }
    // Whoever waited for the call that has ended may go on now.
    if ((flags & CallEnd) !== 0 && this.#hasWaiters) {
      this.#asked = 0;
      this.isSettled = false;
    }
    if ((flags & Rests) === 0 && this.#can(actor)) return actor;
    return this.isSettled ? this.#no() : this.#nextAsked();
  }

  #nextAsked(): number {
    this.isSettled = false;
    for (; this.#asked < this.executor.actors; this.#asked++) if (this.#can(this.#asked)) return this.#asked;
    return this.#settled();
  }

  #settled(): -1 {
    this.#asked = this.executor.actors;
    this.isSettled = true;
    return this.#no();
  }

  /** Somebody is picked then, and what comes behind that step is counted anew. */
  #no(): -1 {
    this.#inARow = 0;
    return -1;
  }

  #can(actor: number): boolean {
    if (!this.executor.canRun(actor) || !this.#facts.isPrivate(this.executor.nodeOf(actor))) return false;
    this.#inARow++;
    return true;
  }
}
