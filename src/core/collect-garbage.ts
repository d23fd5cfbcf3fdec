/**
 * Garbage: collects it, so that a look at the heap says what is held and not what was not swept yet. Used where some
 * milliseconds do not matter: by campaigns between two steps, by searches near their bound of memory.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/** Collects all garbage of this thread. */
export function collectGarbage(): void {
  collect ??= exposed();
  collect();
}

/** The collector is reached from a context that is made after the flag was set. */
function exposed(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
