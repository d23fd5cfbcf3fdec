/**
 * Level threads: the worker threads of one run of verify. A search that was surprised starts over with the threads that
 * are there. Used by `verify`.
 */

import { Piscina } from 'piscina';
import { builtWorker } from '../primitives/built-worker.js';

/** Threads that serve one parallel search at a time. */
export class LevelThreads {
  #pool: Piscina | undefined;

  /** @param count number of threads; none is started before it is needed */
  constructor(readonly count: number) {}

  /** Throws InputError when the package was not built. */
  get pool(): Piscina {
    const { count } = this;
    this.#pool ??= new Piscina({
      filename: builtWorker('verify'),
      name: 'runLevels',
      minThreads: count,
      maxThreads: count,
      execArgv: [],
    });
    return this.#pool;
  }

  /** Ends the threads, whatever they are doing. */
  async close(): Promise<void> {
    await this.#pool?.destroy();
  }
}
