/**
 * Closure: the states that can be reached from one state of a run, with the steps between them, up to a bound.
 *
 * The search takes states up by turns in breadth and in depth: in breadth it finds an end that is near although somebody
 * goes round for ever in ever new states, in depth one that is far in a world too large to go through in breadth. So the
 * bound is rarely what ends it. Used by the outlook.
 */

import type { Executor } from './executor.js';
import { BLOCK_HEAD } from './readiness.js';
import { StateSet } from './state-set.js';
import { StepFlag } from './step-flag.js';

/** One step of a run: who takes it, and what the environment decides in it; -1 when nothing is to be decided. */
export interface Move {
  readonly actor: number;
  readonly choice: number;
}

/** A step that breaks something, from a state of the closure. */
export interface Breach {
  readonly from: number;
  readonly move: Move;
}

/** The choices of a step in which nothing is to be decided. */
const NONE = [-1];

/** Whether a run is at its end after a step that broke nothing; `flags` (StepFlag) are those of the actor's step. */
export type IsEnd = (executor: Executor, actor: number, flags: number) => boolean;

/** How far a search came: it has all states; or it met what its caller waits for; or there are more than its bound. */
export type ClosureEnd = 'whole' | 'ended' | 'bounded';

/** The states that can be reached from the state of an executor; the first has the number 0. */
export class Closure {
  readonly states: StateSet;
  /** Per step: the states it leads from and to, its actor and choice, whether it goes back to the head of a loop. */
  readonly sources: number[] = [];
  readonly targets: number[] = [];
  readonly actors: number[] = [];
  readonly choices: number[] = [];
  readonly agains: boolean[] = [];
  /** The steps that break something, which lead nowhere. */
  readonly breaches: Breach[] = [];
  /** By number of a state: whether it was taken up. */
  readonly #expanded: boolean[] = [];
  readonly #here: Int32Array;

  /** @param executor runs the scripts; left in any state */
  constructor(readonly executor: Executor) {
    // What calls returned lies behind the words that decide how a run goes on.
    this.states = new StateSet(executor.results);
    this.#here = new Int32Array(executor.results);
  }

  /** Number of steps between the states; not of those that break something. */
  get steps(): number {
    return this.sources.length;
  }

  /**
   * Goes on from a state until all states are known, a step leads to where `isEnd` says so or breaks something, or there
   * are more than `most` states. With `isEnd` left out nothing but the bound ends it before the last state.
   *
   * @param isEnd asked after each step
   */
  explore(root: Int32Array, most: number, isEnd?: IsEnd): ClosureEnd {
    const { states } = this;
    states.add(root);
    /** What was reached from the back and waits there. */
    const stack = [0];
    let front = 0;
    for (let turn = 0; ; turn++) {
      const isDeep = turn % 2 === 1;
      let number = isDeep ? stack.pop() : undefined;
      while (number !== undefined && this.#expanded[number]) number = stack.pop();
      if (number === undefined) {
        while (this.#expanded[front]) front++;
        if (front === states.size) return 'whole';
        number = front;
      }
      const before = states.size;
      if (this.#expand(number, isEnd)) return 'ended';
      if (states.size > most) return 'bounded';
      // The first successor is taken up first.
      if (isDeep) for (let next = states.size - 1; next >= before; next--) stack.push(next);
    }
  }

  /** Puts the executor into a state. */
  load(number: number): Executor {
    this.states.read(number, this.#here);
    this.executor.load(this.#here);
    return this.executor;
  }

  /** The node at which an actor is in a state. */
  nodeOf(number: number, actor: number): number {
    return this.states.word(number, this.executor.registerWord(actor, 0) - BLOCK_HEAD);
  }

  /** Takes every step from a state; whether one leads to an end. */
  #expand(number: number, isEnd: IsEnd | undefined): boolean {
    this.#expanded[number] = true;
    const executor = this.load(number);
    const moves = Array.from(executor.runnable.subarray(0, executor.runnableCount), (actor) => ({
      actor,
      outcomes: executor.choicesOf(actor),
    }));
    for (const { actor, outcomes } of moves) {
      const choices = outcomes === 0 ? NONE : Array.from({ length: outcomes }, (_, choice) => choice);
      for (const choice of choices) {
        executor.load(this.#here);
        if (this.#step(number, { actor, choice }, isEnd)) return true;
      }
    }
    return false;
  }

  #step(from: number, move: Move, isEnd: IsEnd | undefined): boolean {
    const { executor } = this;
    const flags = executor.step(move.actor, Math.max(0, move.choice));
    if ((flags & StepFlag.Violation) !== 0) {
      this.breaches.push({ from, move });
      return isEnd !== undefined;
    }
    if (isEnd?.(executor, move.actor, flags)) return true;
    this.sources.push(from);
    this.targets.push(this.states.add(executor.state));
    this.actors.push(move.actor);
    this.choices.push(move.choice);
    this.agains.push((flags & StepFlag.Again) !== 0);
    return false;
  }
}
