/**
 * Refusals: errors that are somebody's to repair, on their way between threads and up to whoever asked. Classes do not
 * survive the way between threads, so there they travel as data. Used by the engines and their workers.
 */

import { InputError, ModelError } from '../core/errors.js';

/** Whose error it is, and what it says; plain data. */
export interface Refusal {
  readonly refused: 'input' | 'model';
  readonly message: string;
}

/** An error as data; throws any that is nobody's to repair. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof InputError) return { refused: 'input', message: error.message };
  if (error instanceof ModelError) return { refused: 'model', message: error.message };
  throw error;
}

/** The error again. */
export function refusedError({ refused, message }: Refusal): InputError | ModelError {
  return refused === 'input' ? new InputError(message) : new ModelError(message);
}

/** Throws an error again, with the name of what it is about if it is somebody's to repair. */
export function throwNamed(name: string, error: unknown): never {
  const { refused, message } = refusalOf(error);
  throw refusedError({ refused, message: `faultline: ${name}: ${message.replace(/^faultline: /, '')}` });
}
