/**
 * Worker pools: the threads of an engine. Used by what starts threads; who may do without loads it when threads are needed,
 * because piscina takes its time.
 */

import { Piscina } from 'piscina';
import { builtFile } from '../core/built-file.js';
import { neededWorker } from './built-worker.js';

/** What an engine wants of its threads besides. */
export interface PoolOptions {
  /** Tasks begin in the order in which they were given. */
  readonly stricterFIFO?: boolean;
  /** Time without a task after which a thread ends. */
  readonly idleTimeout?: number;
  /** What to say when the package is not built. */
  readonly refusal?: string;
}

/**
 * Starts as many threads of an engine's compiled worker, which is for the sources too: a worker thread reads no
 * TypeScript. `task` is the function that they run. Throws InputError when the worker is not built.
 */
export function workerPool(
  engine: 'conform' | 'explore' | 'live' | 'verify',
  task: string,
  threads: number,
  { refusal, ...options }: PoolOptions = {},
): Piscina {
  neededWorker(engine, refusal);
  const filename = builtFile('#worker-entry')!;
  const workerData = { entry: engine, task };
  return new Piscina({
    ...{ filename, name: task, workerData, minThreads: threads, maxThreads: threads, execArgv: [] },
    ...options,
  });
}

/** Ends the threads of a pool, whatever they are doing. */
export async function endPool(pool: Piscina): Promise<void> {
  // An answer that is on its way has nobody to wait for it any more; piscina would take that for an error.
  pool.on('error', () => {});
  await pool.destroy();
}
