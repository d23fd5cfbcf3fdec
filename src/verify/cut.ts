/**
 * Cuts: work of a run of verify that does not end by itself within the time there is. Used by verification.
 */

import type { Automaton } from '../core/automaton/automaton.js';
import { runPatiently } from '../core/automaton/stuck.js';
import { ModelError } from '../core/errors.js';
import { CutOff } from '../core/guard.js';
import type { CheckedVerifyOptions } from './options.js';

/** What `stoppedBy` says of a search that the signal ended, and of one that the deadline did. */
export const INTERRUPTED = 'interrupted';
export const DEADLINE = 'the deadline';
/** The same of one that met something which the model has to repair. */
export const BROKEN_MODEL = 'what is wrong with the model';

/** Whether what stopped a search stops all others, too. */
export function isOver(stoppedBy: string): boolean {
  return [INTERRUPTED, DEADLINE, BROKEN_MODEL].includes(stoppedBy);
}

/** What cut work off, as `stoppedBy` says it. */
export function stoppedByCut({ reason }: CutOff): string {
  return reason === 'interrupt' ? INTERRUPTED : DEADLINE;
}

/** Does work of one piece, which may be done again from its start, as `runPatiently` does. */
export function inOnePiece<T>(
  { guard }: CheckedVerifyOptions,
  automaton: Automaton,
  work: () => T,
  times = 1,
  underWay?: () => string,
): T {
  return runPatiently(guard, automaton, work, times, underWay);
}

/** The same for work that is only told of: undefined, if it was cut off, or ran into what was. */
export function ifThereIsTime<T>(options: CheckedVerifyOptions, automaton: Automaton, work: () => T): T | undefined {
  try {
    return inOnePiece(options, automaton, work);
  } catch (error) {
    if (error instanceof CutOff || error instanceof ModelError) return undefined;
    throw error;
  }
}
