/**
 * Where the compiled workers of the engines lie. Used by what starts threads.
 */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { InputError } from '../core/errors.js';

/**
 * The compiled worker, for the sources too: a worker thread reads no TypeScript. Throws InputError with `refusal` when it
 * is not built.
 */
export function builtWorker(
  engine: 'explore' | 'live' | 'verify',
  refusal = 'worker threads need the built package; run ./scripts/setup, or ask for one worker.',
): string {
  let path: string | undefined;
  try {
    path = createRequire(import.meta.url).resolve(`#workers/${engine}`);
  } catch {
    // Told below.
  }
  if (path !== undefined && existsSync(path)) return path;
  throw new InputError(`faultline: ${refusal}`);
}
