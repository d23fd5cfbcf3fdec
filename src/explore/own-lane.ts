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
import { type ChunkResult, Shard, type ShardSettings } from './shard.js';

/** Steps of a slice: even where each derives something new, the usual number takes no second. */
const STEPS = { least: 1_024, usual: 8_192, most: 2 ** 20 };

/** What a chunk came to. */
export interface Chunk {
  readonly chunk: ChunkResult | undefined;
  /** What is wrong with the model, where that ended the chunk early. */
  readonly refused: Error | undefined;
}

/** Runs chunks in this thread. */
export class OwnLane {
  readonly parallel = 1;
  #pace: Pace;
  #shard: Shard | undefined;
  #stopped = false;

  constructor(
    readonly program: Program,
    readonly settings: ShardSettings,
    readonly guard: WorkGuard,
    readonly clock: (() => number) | undefined,
    /** Asked between slices. */
    readonly isOver: () => boolean = () => false,
  ) {
    this.#pace = new Pace(clock, STEPS);
  }

  /** Runs the blocks `first` .. `first + count - 1`, or those schedules of them that end before `stop`. */
  async run(first: number, count: number): Promise<Chunk> {
    for (let patience = 1; ; patience *= 2) {
      await setImmediate();
      let shard = this.#shard;
      try {
        // It asks what must hold in the initial state.
        shard ??= this.guard.run(() => new Shard(this.program, this.settings), patience);
        this.#shard = shard;
        await this.#run(shard, first, count, patience);
        return { chunk: shard.result(), refused: undefined };
      } catch (error) {
        // It was in the midst of something.
        this.#shard = undefined;
        this.#pace = new Pace(this.clock, STEPS);
        if (error instanceof InputError || error instanceof ModelError)
          return { chunk: shard?.result(), refused: error };
        if (!(error instanceof CutOff)) throw error;
        const refused = stuckIn(this.program.automaton, this.guard) ?? this.#unlessSlow(shard, error, patience);
        if (error.reason !== 'patience' || refused !== undefined) return { chunk: shard?.result(), refused };
      }
    }
  }

  /** Cuts short what is under way. */
  stop(): void {
    this.#stopped = true;
  }

  async #run(shard: Shard, first: number, count: number, patience: number): Promise<void> {
    shard.begin(first, count);
    const slice = () => this.#pace.slice((steps) => this.guard.run(() => shard.goOn(steps), patience));
    while (!this.#stopped && !this.isOver() && !slice()) await setImmediate();
  }

  /** What is wrong where the same step took all of its time for the second time. */
  #unlessSlow(shard: Shard | undefined, cut: CutOff, patience: number): ModelError | undefined {
    if (cut.reason !== 'patience' || patience === 1) return undefined;
    return stepDoesNotComeBack(shard?.underWay ?? 'the initial state', cut);
  }
}
