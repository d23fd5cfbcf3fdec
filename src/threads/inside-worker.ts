/**
 * Inside a worker: a worker thread loads the module that exports the model. When that module itself searches as it is
 * loaded, each worker would start workers of its own, and so on; better to say so. Used by the engines and their workers.
 */

import { InputError } from '../core/errors.js';

/** One for all copies of the library in a thread. */
const mark = Symbol.for('faultline.worker');
const thread = globalThis as { [mark]?: string };

/** Tells that this thread is a worker of an engine that is loading a model from `source`. */
export function enterWorker(source: string): void {
  thread[mark] = source;
}

/** Refuses to search in a worker of an engine. Throws InputError that says what to change. */
export function refuseInsideWorker(does: 'explores' | 'verifies'): void {
  const source = thread[mark];
  if (source === undefined) return;
  throw new InputError(
    `faultline: ${source} ${does} while a worker thread loads its model; keep the model in a file of its own.`,
  );
}
