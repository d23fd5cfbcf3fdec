/**
 * Word values: what a word of shared memory may hold, and what to say of anything else.
 *
 * Words are 32 bits wide, and JavaScript would store "foo", undefined or NaN in one as 0 without a sound: a model with a
 * mistyped name would be verified. So what a model gives is looked at where an op is made, and what its functions return
 * where it is returned; the engines' tables hold nothing else, and the hot loops, which only look up, ask nothing.
 * Imported by whatever takes a value from a model.
 */

import { ModelError } from '../errors.js';
import { nodeModule } from '../node-module.js';
import { calledAt } from '../user-line.js';
import type { Region } from './layout.js';
import type { ResultKind, WordFunction } from './op.js';
import { Identity, type Index, Ref } from './ref.js';

/** The values of a word, in words. */
export const WORD_RANGE = 'a whole number from -2147483648 to 2147483647';

/** Longest text of a value that is shown whole. */
const LONGEST = 60;

/** Whether a word can hold the value as it is. */
export function isWord(value: unknown): value is number {
  return typeof value === 'number' && (value | 0) === value;
}

/**
 * The value, if a word can hold it. `place` says where it would go: `c = `.
 *
 * @throws ModelError with the place, the value and what is allowed
 */
export function wordValue(value: unknown, place: () => string): number {
  if (isWord(value)) return value | 0;
  throw new ModelError(`${place()}${valueText(value)}: a cell holds ${WORD_RANGE}`);
}

/** A value for error messages: `"foo"`, `undefined`, `1.5`, `gfn 3`, `an object (Op)`. */
export function valueText(value: unknown): string {
  if (value instanceof Identity) return `${value.domain.name} ${value.index}`;
  if (value instanceof Ref) return `a ref to ${value.domain?.name ?? 'something'}`;
  if (typeof value === 'function') return 'a function';
  const text = typeof value === 'string' ? JSON.stringify(value) : objectText(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
}

/** The name of a cell for error messages, which know no registers: `i_pages[3]`, `i_pages[gfn]`. */
export function cellText(region: Region, index: Index): string {
  if (!region.indexed) return region.name;
  if (index instanceof Ref) return `${region.name}[${index.domain?.name ?? 'ref'}]`;
  return `${region.name}[${index instanceof Identity ? index.index : index}]`;
}

/**
 * The functions of a Word op as a model wrote them, made to answer for what they return. Where the op cannot run, or is
 * misuse, what they return is never stored, and not looked at.
 *
 * @throws ModelError when called on a value for which they return none of `WORD_RANGE`, or a wrong result
 */
export function checkedWordFunction(
  { enabled, violation, next, result }: WordFunction,
  kind: ResultKind,
  opText: () => string,
): WordFunction {
  const runs = (seen: number): boolean => (enabled?.(seen) ?? true) && violation?.(seen) === undefined;
  const checked: { -readonly [K in keyof WordFunction]: WordFunction[K] } = {};
  if (enabled !== undefined) checked.enabled = enabled;
  if (violation !== undefined) checked.violation = violation;
  if (next !== undefined) {
    checked.next = (seen) => {
      const value: unknown = next(seen);
      if (isWord(value)) return value;
      return runs(seen) ? wordValue(value, () => `"${opText()}" turns ${seen} into `) : seen;
    };
  }
  if (result !== undefined) {
    checked.result = (seen) => {
      const value: unknown = result(seen);
      return isWord(value) || runs(seen) ? resultValue(value, kind, () => `"${opText()}" on ${seen}`) : 0;
    };
  }
  return checked;
}

/**
 * The result of an op as its routine gets it, booleans as 0 and 1. An op of no result returns 0, whatever its function
 * returns.
 *
 * @throws ModelError for what is neither in `WORD_RANGE` nor, where one is asked for, a boolean
 */
export function resultValue(value: unknown, kind: ResultKind, opText: () => string): number {
  if (kind === 'none') return 0;
  if (isWord(value)) return value;
  if (kind === 'boolean' && typeof value === 'boolean') return value ? 1 : 0;
  const allowed = kind === 'boolean' ? `a boolean, or ${WORD_RANGE}` : WORD_RANGE;
  throw new ModelError(`${opText()} returns ${valueText(value)}: its result is ${allowed}`);
}

/** A class by its name: what a model hands over by mistake is mostly an op that it forgot to yield. */
function objectText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? `${value}n` : String(value);
  const { name } = value.constructor ?? {};
  if (name === 'Op') return `an op (yield* it first)${calledAt()}`;
  if (typeof (value as { next?: unknown }).next === 'function') return `a routine (yield* it first)${calledAt()}`;
  return name === undefined || name === 'Object' || name === 'Array'
    ? (nodeModule('node:util')?.inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY }) ??
        JSON.stringify(value))
    : `an object (${name})`;
}
