/**
 * What a feeder runs: how its generator is started, and what its return means. Used by the feeder and the deriver.
 */

import { ModelError } from '../errors.js';
import type { ErrorResults } from '../ops/irreversible.js';
import type { Routine } from '../ops/routine.js';
import { isWord, valueText, WORD_RANGE } from '../ops/word-value.js';

/** What the feeder runs: a routine with its arguments, identities among them standing for refs. */
export interface Fed {
  readonly name: string;
  readonly routine: (...args: never[]) => Routine<unknown>;
  readonly args: readonly unknown[];
  /** Which of its results are errors, where the model says so. */
  readonly errors?: ErrorResults | undefined;
}

/** The generator. One that is called runs nothing yet; so what throws now is a function that runs its ops' makers at once. */
export function started({ name, routine }: Fed, args: readonly unknown[]): Routine<unknown> {
  try {
    return routine(...(args as never[]));
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    throw new ModelError(`${error.message} (${name} is not a generator function; function* ${name}() may be meant)`);
  }
}

/** What a call returns, as a word. Throws ModelError for what is none. */
export function returned(name: string, value: unknown): number {
  if (value === undefined) return 0;
  if (isWord(value)) return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof (value as Routine | null)?.next === 'function') {
    throw new ModelError(`${name} returned a routine that nobody runs; write return yield* before it`);
  }
  throw new ModelError(`${name} returned ${valueText(value)}; a call returns ${WORD_RANGE}, a boolean or nothing`);
}
