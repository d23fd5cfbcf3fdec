/**
 * Where the compiled worker of verify lies. Used by what starts threads.
 */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { InputError } from '../core/errors.js';

/** The compiled worker, for the sources too: a worker thread reads no TypeScript. Throws InputError when it is not built. */
export function builtWorker(): string {
  let path: string | undefined;
  try {
    path = createRequire(import.meta.url).resolve('#workers/verify');
  } catch {
    // Told below.
  }
  if (path !== undefined && existsSync(path)) return path;
  throw new InputError('faultline: worker threads need the built package; run ./scripts/setup, or ask for one worker.');
}
