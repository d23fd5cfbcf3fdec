/**
 * Built workers: where the compiled entry of a worker thread lies. Used by whatever starts threads.
 */

import { builtFile } from '../core/built-file.js';
import { InputError } from '../core/errors.js';

/** Path of a compiled worker; undefined when the package is not built. */
export function builtWorker(name: string): string | undefined {
  return builtFile(`#workers/${name}`);
}

/** The same for the worker of an engine. Throws InputError, with `refusal`, when the package is not built. */
export function neededWorker(
  engine: 'conform' | 'explore' | 'live' | 'verify',
  refusal = 'worker threads need the built package; run ./scripts/setup, or ask for one worker.',
): string {
  const path = builtWorker(engine);
  if (path === undefined) throw new InputError(`faultline: ${refusal}`);
  return path;
}
