/**
 * Inside a worker: a worker thread loads the module that exports the model. When that module itself explores as it is
 * loaded, each worker would start workers of its own, and so on; better to say so. Used by the engine and its worker.
 */

import { InputError } from '../core/errors.js';

/** One for all copies of the library in a thread. */
const mark = Symbol.for('faultline.worker');
const thread = globalThis as { [mark]?: string };

/** Tells that this thread is a worker of the engine that is loading a model from `source`. */
export function enterWorker(source: string): void {
  thread[mark] = source;
}

/** Refuses to explore in a worker of the engine. Throws InputError that says what to change. */
export function refuseInsideWorker(): void {
  const source = thread[mark];
  if (source === undefined) return;
  throw new InputError(
    `faultline: ${source} explores while a worker thread loads its model; keep the model in a file of its own.`,
  );
}
