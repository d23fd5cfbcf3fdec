/**
 * Patience: how long a run waits for its threads to come to rest. A thread looks at the command word before every step;
 * one that does not is within a step, and if that never ends, in code of the model's. Used by the supervisor.
 */

import { setTimeout } from 'node:timers/promises';
import { ModelError } from '../core/errors.js';

/** Time between two looks. */
const LOOK_MS = 50;
/** Time after which somebody looks for what a thread may be at, once the run shall be over. */
const OVER_MS = 700;
/** Time after which a thread is taken not to come back: a step takes some microseconds, deriving its op milliseconds. */
const PATIENCE_MS = 10_000;

/** What is asked while threads are waited for. */
export interface Patience {
  /** Milliseconds, monotonic. */
  clock(): number;
  /** Whether the run shall be over by now. */
  isOver(): boolean;
  /** What of the model does not come back, if that can be found out here within half a second. */
  stuck(): ModelError | undefined;
}

/** Waits until all threads are at rest; what does not come back, when one of them never is. */
export async function patiently(rest: Promise<unknown>, patience: Patience): Promise<ModelError | undefined> {
  let isAtRest = false;
  const rested = rest.then(() => {
    isAtRest = true;
  });
  const start = patience.clock();
  let overAt: number | undefined;
  let hasLooked = false;
  for (;;) {
    await Promise.race([rested, setTimeout(LOOK_MS)]);
    if (isAtRest) return undefined;
    const now = patience.clock();
    if (overAt === undefined && patience.isOver()) overAt = now;
    const isLate = now - start >= PATIENCE_MS;
    if (isLate || (!hasLooked && overAt !== undefined && now - overAt >= OVER_MS)) {
      hasLooked = true;
      const stuck = patience.stuck();
      if (stuck !== undefined) return stuck;
    }
    if (isLate) return doesNotComeBack(now - start);
  }
}

function doesNotComeBack(ms: number): ModelError {
  return new ModelError(
    `a step of the model does not come back: a routine, a function of an op or a check ran for ${(ms / 1000).toFixed(0)} s ` +
      'in a thread without an end; a loop in a routine needs an op in each round',
  );
}
