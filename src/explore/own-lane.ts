/**
 * The lane of this thread: runs chunks here, in slices, so that it can stop within a long schedule.
 *
 * The thread breathes between slices: signals and timers are served there. A slice runs under a guard, for the model may
 * not come back; what the chunk had come to by then counts. Used by the engine and by its worker.
 */

import { setImmediate } from 'node:timers/promises';
import { stepDoesNotComeBack, stuckIn } from '../core/automaton/stuck.js';
import { InputError, ModelError } from '../core/errors.js';
import { CutOff, type WorkGuard } from '../core/guard.js';
import { Pace } from '../core/pace.js';
import type { Program } from '../core/program/program.js';
import type { ChunkResult } from './outcomes.js';

/** Steps of a slice: even where each derives something new, the usual number takes no second. */
const STEPS = { least: 1_024, usual: 8_192, most: 2 ** 20 };

/** What a chunk came to. */
export interface Chunk {
  readonly chunk: ChunkResult | undefined;
  /** What is wrong with the model, where that ended the chunk early. */
  readonly refused: Error | undefined;
}

/** What runs chunks, in parts. */
export interface Driven<Order> {
  /** The op that was run last, for whoever cuts a step off. */
  readonly underWay: string;
  /** Takes up a chunk. */
  begin(order: Order): void;
  /** Runs on for about so many steps; whether all that was taken up has run. */
  goOn(steps: number): boolean;
  /** What has run since `begin` came to. */
  result(): ChunkResult;
}

/** Runs chunks in this thread. */
export class OwnLane<Order> {
  readonly parallel = 1;
  #pace: Pace;
  #driven: Driven<Order> | undefined;
  #stopped = false;

  constructor(
    readonly program: Program,
    /** Makes what runs them; once more when it was cut off in the midst of something. */
    readonly make: () => Driven<Order>,
    readonly guard: WorkGuard,
    readonly clock: (() => number) | undefined,
    /** Asked between slices. */
    readonly isOver: () => boolean = () => false,
  ) {
    this.#pace = new Pace(clock, STEPS);
  }

  /** Runs a chunk, or those schedules of it that end before `stop`. */
  async run(order: Order): Promise<Chunk> {
    for (let patience = 1; ; patience *= 2) {
      await setImmediate();
      let driven = this.#driven;
      try {
        // It asks what must hold in the initial state.
        driven ??= this.guard.run(this.make, patience);
        this.#driven = driven;
        await this.#run(driven, order, patience);
        return { chunk: driven.result(), refused: undefined };
      } catch (error) {
        // It was in the midst of something.
        this.#driven = undefined;
        this.#pace = new Pace(this.clock, STEPS);
        if (error instanceof InputError || error instanceof ModelError)
          return { chunk: driven?.result(), refused: error };
        if (!(error instanceof CutOff)) throw error;
        const refused = stuckIn(this.program.automaton, this.guard) ?? this.#unlessSlow(driven, error, patience);
        if (error.reason !== 'patience' || refused !== undefined) return { chunk: driven?.result(), refused };
      }
    }
  }

  /** Cuts short what is under way. */
  stop(): void {
    this.#stopped = true;
  }

  async #run(driven: Driven<Order>, order: Order, patience: number): Promise<void> {
    driven.begin(order);
    const slice = () => this.#pace.slice((steps) => this.guard.run(() => driven.goOn(steps), patience));
    while (!this.#stopped && !this.isOver() && !slice()) await setImmediate();
  }

  /** What is wrong where the same step took all of its time for the second time. */
  #unlessSlow(driven: Driven<Order> | undefined, cut: CutOff, patience: number): ModelError | undefined {
    if (cut.reason !== 'patience' || patience === 1) return undefined;
    return stepDoesNotComeBack(driven?.underWay ?? 'the initial state', cut);
  }
}
