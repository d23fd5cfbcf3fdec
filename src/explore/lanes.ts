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
import { neededWorker } from '../threads/built-worker.js';
import { type Refusal, refusedError } from '../threads/refusal.js';
import type { ChunkResult } from './outcomes.js';
import type { Chunk } from './own-lane.js';
import type { ChunkOrder, ShardSettings } from './shard.js';

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
  readonly order: ChunkOrder;
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
  /** Runs a chunk, or those schedules of it that end before `stop`. */
  run(order: ChunkOrder): Promise<Chunk>;
  /** Cuts short what is under way. */
  stop(): void;
}

/** Worker threads that any number of runs, one after the other or at once, may share. */
export class Workers {
  #pool: Promise<Piscina> | undefined;

  /** @param count number of threads, started at first use; throws InputError when the package was not built */
  constructor(readonly count: number = availableParallelism()) {
    neededWorker('explore');
  }

  /**
   * Runs the chunks of one run of the engine; two chunks a thread are under way, so that none waits for us.
   *
   * @param here runs the first chunk that is not answered after `stop`, to say why
   */
  lanes(task: Omit<ShardTask, 'order' | 'stop'>, here: Lanes): Lanes {
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const stopped = new AbortController();
    const late = once(stopped.signal).then(() => setTimeout(STOP_MS, undefined, { ref: false }));
    let isFirst = true;
    return {
      parallel: 2 * this.count,
      run: async (order) => {
        this.#pool ??= poolOf(this.count);
        const running = this.#pool.then<ShardAnswer>((pool) => pool.run({ ...task, order, stop } satisfies ShardTask));
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
        return await here.run(order);
      },
      stop: () => {
        Atomics.store(stop, 0, 1);
        stopped.abort();
      },
    };
  }

  /** Ends the threads, whatever they are doing. */
  async close(): Promise<void> {
    if (this.#pool === undefined) return;
    const { endPool } = await import('../threads/worker-pool.js');
    await endPool(await this.#pool);
  }
}

/** Runs chunks here as long as the run may be a short one, and by threads from then on. */
export class LateLanes implements Lanes {
  #pool: Workers | undefined;
  #threads: Lanes | undefined;
  #isStopped = false;

  /**
   * @param workers how many threads to start, or a pool that the caller shares and closes
   * @param here runs chunks on this thread
   * @param lanesOf the lanes of a pool for this run
   * @param isShort asked before each chunk until threads are started
   */
  constructor(
    readonly workers: number | Workers,
    readonly here: Lanes,
    readonly lanesOf: (pool: Workers) => Lanes,
    readonly isShort: () => boolean,
  ) {}

  get parallel(): number {
    return this.#threads?.parallel ?? 1;
  }

  async run(order: ChunkOrder): Promise<Chunk> {
    if (this.#threads === undefined && (this.#isStopped || this.isShort())) return await this.here.run(order);
    this.#threads ??= this.lanesOf(this.#started());
    return await this.#threads.run(order);
  }

  stop(): void {
    this.#isStopped = true;
    this.here.stop();
    this.#threads?.stop();
  }

  /** Ends the threads that were started for this run. */
  async close(): Promise<void> {
    await this.#pool?.close();
  }

  #started(): Workers {
    if (typeof this.workers !== 'number') return this.workers;
    this.#pool = new Workers(this.workers);
    return this.#pool;
  }
}

async function poolOf(count: number): Promise<Piscina> {
  const { workerPool } = await import('../threads/worker-pool.js');
  return workerPool('explore', 'runShardTask', count, { stricterFIFO: true });
}

/** Resolves when the signal aborts. */
function once(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
