/**
 * Lanes: where chunks of blocks are run, the main thread or worker threads.
 *
 * Whoever asks submits chunks in the order of their blocks and merges the answers in that order; a lane runs what it
 * is given in the order in which it is given. Used by the engine.
 */

import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import type { Piscina } from 'piscina';
import type { Program } from '../core/program/program.js';
import type { ParameterValue } from '../model/model.js';
import { type Refusal, refusedError } from '../threads/refusal.js';
import { workerPool } from '../threads/worker-pool.js';
import { type ChunkResult, Shard, type ShardSettings } from './shard.js';

/** What a worker thread is asked to do; plain data. */
export interface ShardTask {
  /** Tells runs of the engine apart: a worker keeps the shard of one. */
  readonly run: string;
  /** Address of the module that exports the model. */
  readonly source: string;
  readonly model: string;
  readonly parameters: { readonly [name: string]: ParameterValue };
  readonly settings: ShardSettings;
  readonly first: number;
  readonly count: number;
}

/** A chunk, or an error that is somebody's to repair; classes do not survive the way between threads. */
export type ShardAnswer = { readonly chunk: ChunkResult } | Refusal;

/** Runs chunks. */
export interface Lanes {
  /** Chunks that may be under way at a time. */
  readonly parallel: number;
  /** Runs the blocks `first` .. `first + count - 1`. */
  run(first: number, count: number): Promise<ChunkResult>;
}

/** Runs chunks in this thread, and lets it breathe between them: signals and timers are served there. */
export function mainLane(program: Program, settings: ShardSettings): Lanes {
  const shard = new Shard(program, settings);
  return {
    parallel: 1,
    run: async (first, count) => {
      await setImmediate();
      return shard.run(first, count);
    },
  };
}

/** Worker threads that any number of runs, one after the other or at once, may share. */
export class Workers {
  readonly #pool: Piscina;

  /** @param count number of threads; throws InputError when the package was not built */
  constructor(readonly count: number = availableParallelism()) {
    this.#pool = workerPool('explore', 'runShardTask', count, { stricterFIFO: true });
  }

  /** Runs the chunks of one run of the engine; two chunks a thread are under way, so that none waits for us. */
  lanes(task: Omit<ShardTask, 'first' | 'count'>): Lanes {
    return {
      parallel: 2 * this.count,
      run: async (first, count) => {
        const answer: ShardAnswer = await this.#pool.run({ ...task, first, count } satisfies ShardTask);
        if ('chunk' in answer) return answer.chunk;
        throw refusedError(answer);
      },
    };
  }

  /** Ends the threads, whatever they are doing. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}
