/**
 * Failures: what a routine itself finds wrong, as the op at which its run ends. `check` is for models; what a routine
 * throws becomes one where generators are run (core/automaton/feeder.ts). A property of values that one actor has read
 * needs no cell and no check of the whole model.
 */

import { InputError, ModelError } from '../errors.js';
import { type FindingKind, findingKinds } from '../finding-kind.js';
import { CutOff } from '../guard.js';
import { didYouMean } from '../input-sentence.js';
import { throwingLine, userLine } from '../user-line.js';
import { toYield } from './made.js';
import { Op, Opcode } from './op.js';
import type { Routine } from './routine.js';
import { valueText } from './word-value.js';

/** The folder of the engines, as they run. */

/** Characters of an error's message that a report has room for. */
const MOST_CHARACTERS = 160;

/**
 * Says what must hold of what the routine knows: `yield* check(before === after, 'the value changed under the reader')`.
 * Costs no step while it holds; where it does not, the run ends with a finding of these words.
 *
 * @param kind of the finding. Default: assertion
 * @throws ModelError when the condition is no boolean, or there are no words
 */
export function check(condition: boolean, words: string, { kind = 'assertion' }: CheckedKind = {}): Routine {
  if (typeof condition !== 'boolean') {
    throw new ModelError(
      `check(${valueText(condition)}, ...) asks for no boolean; write check(value === ..., "words")`,
    );
  }
  if (typeof words !== 'string' || words === '') {
    throw new ModelError(
      'check(condition, words) needs the words of what is wrong: "the value changed under the reader"',
    );
  }
  if (!findingKinds.includes(kind)) {
    throw new ModelError(
      `check(...) names the kind "${kind}"; allowed: ${findingKinds.join(', ')}${didYouMean(kind, findingKinds)}`,
    );
  }
  return toYield('check(...)', checked(condition, words, kind));
}

function* checked(condition: boolean, words: string, kind: FindingKind): Routine {
  if (!condition) yield* failure(words, { kind, words: oneLine(words) });
}

/** The kind of what a check finds. */
export interface CheckedKind {
  readonly kind?: FindingKind;
}

/**
 * What a routine throws as the op at which its run ends: an `assert` that failed, or an error of the model's own. What is
 * wrong with the model, and what cuts work off, is thrown again.
 */
export function failureOp(error: unknown, routine: string): Op<void> {
  if (isOfModel(error)) throw error;
  // So V8 says that what stands behind yield* is nothing: a method that is not there, say. That is a slip, and no race.
  if (error instanceof TypeError && error.message.startsWith('yield* ')) {
    const line = throwingLine(error.stack ?? '');
    throw new ModelError(
      `${routine} yields* what is no op and no routine${line === undefined ? '' : ` (${line})`}: look whether a method of ` +
        'that name is there, and whether what is called is a generator, function* () { ... } or *name() { ... }',
    );
  }
  return failure(`throws ${messageOf(error)}`, { kind: 'assertion', words: thrownWords(error) });
}

/** Whether what was thrown says that the model is no model, or that work was cut off; else it is the model's own. */
export function isOfModel(error: unknown): boolean {
  return error instanceof ModelError || error instanceof InputError || error instanceof CutOff;
}

/**
 * What was thrown, in words: the message of an error, behind its name where that says more than Error, and the line of
 * the model that threw it: `value is not iterable (queue.mjs:12)`.
 */
export function thrownWords(error: unknown): string {
  const { stack = '' } = error instanceof Error ? error : {};
  const line = userLine(stack.slice(Math.max(0, stack.indexOf('\n    at '))));
  return line === undefined ? messageOf(error) : `${messageOf(error)} (${line})`;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return oneLine(valueText(error));
  const { name, message } = error;
  const isPlain = name === 'Error' || name === 'AssertionError';
  return oneLine(isPlain && message !== '' ? message : message === '' ? name : `${name}: ${message}`);
}

/** An op that says what is wrong, and nothing else. */
export function failure(label: string, fails: { readonly kind: FindingKind; readonly words: string }): Op<void> {
  return new Op<void>({ code: Opcode.Fail, label: oneLine(label), fails, result: 'none', writes: false });
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS - 3)}...` : line;
}
