/**
 * Calls that return an error after an irreversible effect: an error promises that nothing happened, and an effect that
 * nobody can undo has broken the promise.
 *
 * What a call has done follows from its history, so whoever runs the history notes it (core/automaton/feeder.ts), and no
 * engine has to know. Imported by whoever writes routines, and by the automaton.
 */

import { ModelError } from '../errors.js';
import { effectWords } from './effect.js';
import { failure } from './failure.js';
import { toYield } from './made.js';
import type { Op } from './op.js';
import type { ReturnText, Routine } from './routine.js';
import { valueText } from './word-value.js';

/** Which results of a call are errors. */
export interface ErrorResults {
  /** Whether a result says that nothing happened; of a boolean it is 0 or 1, of nothing 0. */
  readonly isError: (result: number) => boolean;
  /** What traces print of such a result; the number where it has nothing to tell. */
  readonly told?: ReturnText<number> | undefined;
}

/**
 * Says that the call has done by now what nobody can undo, where a section or what the routine has learned decides that:
 * `if (yield* page.is('accepted')) yield* irreversible('the accepted page is gone')`. Costs no step. A call that returns
 * an error after it (`m.errors`, `failsWhen`) is a finding.
 *
 * @throws ModelError when there are no words
 */
export function irreversible(words: string): Routine {
  return toYield(`irreversible("${words}")`, marked(effectWords('irreversible(words)', words)));
}

function* marked(words: string): Routine {
  yield { mark: 'irreversible', words };
}

/** The results that are errors, as a model declares them. Throws ModelError for what is no function. */
export function errorResults(
  where: string,
  isError: ErrorResults['isError'],
  told?: ErrorResults['told'],
): ErrorResults {
  if (typeof isError !== 'function' || (told !== undefined && typeof told !== 'function')) {
    throw new ModelError(`${where} takes a function of what a call returns, such as (result) => result < 0`);
  }
  return { isError, told };
}

/** The op in the place of a return behind an effect: it fails where the result is an error; undefined where it is none. */
export function brokenPromise(
  call: string,
  result: number,
  { isError, told }: ErrorResults,
  effect: string,
): Op<void> | undefined {
  const isOne: unknown = isError(result);
  if (typeof isOne !== 'boolean') {
    throw new ModelError(`whether ${result} is an error of ${call} was answered by ${valueText(isOne)} and no boolean`);
  }
  if (!isOne) return undefined;
  const text = told?.(result) ?? String(result);
  return failure(`return ${text} after "${effect}"`, {
    kind: 'partial-effect',
    words: `${call} returns the error ${text} after an effect of its own that nobody can undo: ${effect}`,
  });
}
