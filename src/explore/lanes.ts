/**
 * Lanes: where chunks of blocks are run, the main thread (own-lane.ts) or worker threads.
 *
 * Whoever asks submits chunks in the order of their blocks and merges the answers in that order; a lane runs what it
 * is given in the order in which it is given. Used by the engine.
 */

import { availableParallelism } from 'node:os';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Piscina } from 'piscina';
import type { ParameterValue } from '../model/model.js';
import { type Refusal, refusedError } from '../threads/refusal.js';
import { endPool, workerPool } from '../threads/worker-pool.js';
import type { Chunk } from './own-lane.js';
import type { ChunkResult, ShardSettings } from './shard.js';

/** Time within which a thread answers that was told to stop. One that does not is in code of the model's. */
const STOP_MS = 700;
/** Time for the main thread to find out what such a thread is at. */
const LOOK_MS = 300;

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
  /** One shared word: not 0 once all that runs shall stop. */
  readonly stop: Int32Array;
}

/** What a chunk came to, as it travels: an error leaves what ran before it. Undefined: nothing did. */
export interface ShardAnswer {
  readonly chunk: ChunkResult | undefined;
  readonly refusal: Refusal | undefined;
}

/** Runs chunks. */
export interface Lanes {
  /** Chunks that may be under way at a time. */
  readonly parallel: number;
  /** Runs the blocks `first` .. `first + count - 1`, or those schedules of them that end before `stop`. */
  run(first: number, count: number): Promise<Chunk>;
  /** Cuts short what is under way. */
  stop(): void;
}

/** Worker threads that any number of runs, one after the other or at once, may share. */
export class Workers {
  readonly #pool: Piscina;

  /** @param count number of threads; throws InputError when the package was not built */
  constructor(readonly count: number = availableParallelism()) {
    this.#pool = workerPool('explore', 'runShardTask', count, { stricterFIFO: true });
  }

  /**
   * Runs the chunks of one run of the engine; two chunks a thread are under way, so that none waits for us.
   *
   * @param here runs the first chunk that is not answered after `stop`, to say why
   */
  lanes(task: Omit<ShardTask, 'first' | 'count' | 'stop'>, here: Lanes): Lanes {
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const stopped = new AbortController();
    const late = once(stopped.signal).then(() => setTimeout(STOP_MS, undefined, { ref: false }));
    let isFirst = true;
    return {
      parallel: 2 * this.count,
      run: async (first, count) => {
        const running: Promise<ShardAnswer> = this.#pool.run({ ...task, first, count, stop } satisfies ShardTask);
        const answer = await Promise.race([running, late]);
        if (answer !== undefined) {
          const { chunk, refusal } = answer;
          return { chunk, refused: refusal && refusedError(refusal) };
        }
        running.catch(() => {});
        if (!isFirst) return { chunk: undefined, refused: undefined };
        isFirst = false;
        // The time begins with its first slice, however late that comes.
        void setImmediate()
          .then(() => setTimeout(LOOK_MS))
          .then(() => here.stop());
        return await here.run(first, count);
      },
      stop: () => {
        Atomics.store(stop, 0, 1);
        stopped.abort();
      },
    };
  }

  /** Ends the threads, whatever they are doing. */
  async close(): Promise<void> {
    await endPool(this.#pool);
  }
}

/** Resolves when the signal aborts. */
function once(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
