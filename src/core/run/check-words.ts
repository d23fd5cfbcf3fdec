/**
 * Check words: what a check that does not hold has to say. Imported by all that run checks: executors and live runs.
 */

import { ModelError } from '../errors.js';
import { isOfModel, thrownWords } from '../ops/failure.js';
import { valueText } from '../ops/word-value.js';
import type { ProgramCheck } from '../program/program.js';

/**
 * The words that a check which does not hold gave; of one that gave none, its name. `at` is where it was declared.
 *
 * @throws ModelError for an answer that is no answer: nothing, because a `return` is missing, or a number
 */
export function checkWords({ name, at }: Pick<ProgramCheck, 'name' | 'at'>, answer: unknown): string {
  if (typeof answer === 'string' && answer !== '') return answer;
  if (answer === false || answer === '') return `"${name}" no longer holds`;
  const where = at === undefined ? '' : ` (${at})`;
  const given = answer === undefined ? 'returns nothing' : `returns ${valueText(answer)}`;
  const remedy =
    answer === undefined ? 'write (value) => value < 3, or { return value < 3; }' : 'compare it: value === 1';
  throw new ModelError(
    `check "${name}"${where} ${given}; it returns true when all is well, and else false or what is wrong: ${remedy}`,
  );
}

/** What a check comes to that throws: an `assert` in it has failed. */
export function checkThrew(error: unknown): string {
  if (isOfModel(error)) throw error;
  return thrownWords(error);
}
