/**
 * Effects that nobody can undo, as ops declare them. Imported by ops, and by whoever runs their history.
 */

import { ModelError } from '../errors.js';
import { valueText } from './word-value.js';

/** What a model says of the effect of an op. */
export interface Irreversible {
  /** What is so from then on: `the accepted page is gone`. */
  readonly words: string;
  /** Whether the op had the effect, by what it answered; one that answers false or null had none, if left out. */
  readonly when?: ((answer: never) => boolean) | undefined;
}

/** The words of an effect, in one line. Throws ModelError when there are none. */
export function effectWords(where: string, words: unknown): string {
  if (typeof words === 'string' && words.trim() !== '') return words.trim().replace(/\s+/g, ' ');
  throw new ModelError(`${where} needs words that say what is so from then on: "the accepted page is gone"`);
}

/** What an op has done that nobody can undo, by what the routine got from it; undefined for nothing. */
export function effectOf(effect: Irreversible | undefined, answer: unknown): string | undefined {
  if (effect === undefined) return undefined;
  const { when, words } = effect;
  if (when === undefined) return answer === false || answer === null ? undefined : words;
  const had: unknown = when(answer as never);
  if (typeof had === 'boolean') return had ? words : undefined;
  throw new ModelError(`when(${valueText(answer)}) of the effect "${words}" returned ${valueText(had)} and no boolean`);
}
