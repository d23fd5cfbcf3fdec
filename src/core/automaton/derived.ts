/**
 * Derived: what a routine does next after a history of results. Made by the feeder, compared and told by the deriver.
 */

import { carriedText, carriedWords } from '../ops/loop.js';
import { isSameOp, type Op, opText, signatureOf } from '../ops/op.js';
import type { Ref } from '../ops/ref.js';
import type { Frame, Jump, Left } from './feeder.js';
import type { Crossed } from './passed-marks.js';

/** What a history leads to. */
export interface Derived extends Crossed {
  readonly kind: 'op' | 'return' | 'again';
  /** The pending op, if it is one. */
  readonly op: Op<unknown> | undefined;
  /** What the call returned. */
  readonly value: number;
  /** The head of the loop that is gone back to. */
  readonly jump: Jump | undefined;
  readonly frame: Frame | undefined;
  /** Name of the outermost atomic section the op lies in. */
  readonly atomic: string | undefined;
  /** What that section is about besides what its first op picks its cell by, if the model vouches for it (core/program/stripes.ts). */
  readonly striped: readonly Ref[] | undefined;
  /** The op is not the first of its atomic section. */
  readonly continues: boolean;
  /** The register that the next ref goes to: the first that is free. */
  readonly target: number;
  /** The registers from there on that are in use all the same, ascending: a round was handed refs of the one before. */
  readonly kept: readonly number[];
  /** Value of an atomic section that ended just before, and that in the words of traces where it has some. */
  readonly ended: Ended | undefined;
  /** Functions that were left just before and tell what they returned, in that order. */
  readonly left: readonly Left[];
  /** What the call has just done that nobody can undo, if it is the first of that. */
  readonly effect: string | undefined;
}

/** What an atomic section returned. */
export interface Ended {
  readonly value: unknown;
  readonly returned: string | undefined;
}

/** What identifies a derived step. */
export function signatureOfDerived({ op, jump, value }: Derived): string {
  if (op !== undefined) return signatureOf(op);
  if (jump === undefined) return `return ${value}`;
  return `again ${jump.depth} ${jump.loop} ${jump.round === undefined ? '' : carriedText(jump.round)}`;
}

/** Whether two derived steps have the same `signatureOfDerived`. */
export function isSameDerived(left: Derived, right: Derived): boolean {
  if (left.op !== undefined && right.op !== undefined) return isSameOp(left.op, right.op);
  return signatureOfDerived(left) === signatureOfDerived(right);
}

/** A derived step for error messages. */
export function derivedText({ op, jump, value }: Derived): string {
  if (op !== undefined) return `"${opText(op)}"`;
  if (jump === undefined) return `return ${value}`;
  return jump.round === undefined ? 'again()' : `again(${carriedWords(jump.round)})`;
}
