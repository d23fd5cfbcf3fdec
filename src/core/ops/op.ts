/**
 * Ops: the only way a routine touches shared state.
 *
 * An op is data: an opcode, the cells it declares and its operands. `yield* op` hands it to whichever engine runs the
 * routine and evaluates to its result. Imported by cells, objects, latches and the automaton; knows no engine.
 */

import { ModelError } from '../errors.js';
import type { FindingKind } from '../finding-kind.js';
import { effectWords, type Irreversible } from './effect.js';
import type { Region } from './layout.js';
import { noteMade, noteYielded } from './made.js';
import { Identity, type Index, Ref } from './ref.js';
import type { ValueNames } from './value-names.js';
import { cellText, valueText, wordValue } from './word-value.js';

/** What an op does, as the executor's switch knows it. */
export const Opcode = {
  /** End of a call; never a step of its own. */
  Return: 0,
  /** A function of one word: tabulated per node, so that the hot loop only looks up. */
  Word: 1,
  /** Loads a ref from a word into a register; the result says whether there was one. */
  LoadRef: 2,
  /** Loads a word into a register as it is; no result. */
  LoadRaw: 3,
  /** Stores a register or constant. */
  StoreRef: 4,
  /** Stores a register or constant if the word equals another. */
  CompareExchangeRef: 5,
  /** Compares a word with a register or constant. */
  CompareRef: 6,
  /** Compares two registers or constants. */
  EqualRefs: 7,
  /** Tests a tag of an object's machine. */
  Is: 8,
  /** Sends an event to an object's machine. */
  Send: 9,
  /** Sends an event to the first object with a tag and returns a ref to it. */
  Claim: 10,
  /** Sends an event to the object that a ref cell points to, if there is one. */
  Follow: 11,
  /** An operation on holder words, one bit per actor: locks, tokens, read sections. */
  Latch: 12,
  /** Tests, sets or clears one bit of a bitmap. */
  Bit: 13,
  /** Stores a register's value with one bit changed: the second half of a plain read-modify-write. */
  BitStore: 14,
  /** A pure function of several cells and refs. */
  Compute: 15,
  /** A decision of the environment. */
  Choose: 16,
  /** Says that something is wrong: refused whenever it runs. */
  Fail: 17,
} as const;

/** One of the values of Opcode. */
export type OpcodeValue = (typeof Opcode)[keyof typeof Opcode];

/** What a Bit op does with its bit. */
export const BitAction = { Test: 0, Set: 1, Clear: 2, Load: 3 } as const;

/** What `yield* op` evaluates to. */
export type ResultKind = 'none' | 'number' | 'boolean' | 'ref' | 'raw';

/** What an op finds wrong: the kind and the words of the finding. */
export interface OpViolation {
  readonly kind: FindingKind;
  readonly words: string;
}

/** The pure function behind a Word op; total over 32-bit values. */
export interface WordFunction {
  /** New value of the word. Omitted: unchanged. */
  readonly next?: (value: number) => number;
  /** Result of the op (booleans as 0 and 1). Omitted: none. */
  readonly result?: (value: number) => number;
  /** Whether the op can run now. Omitted: always. */
  readonly enabled?: (value: number) => boolean;
  /** A misuse that the value shows. Omitted: none. */
  readonly violation?: (value: number) => OpViolation | undefined;
}

/** Updates a ghost inside an op: `(ghostValue, seen) => newValue`, `seen` being what the cell held before the op. */
export interface Recording {
  readonly ghost: Region;
  /** The word of the ghost. */
  readonly word: number;
  /** The ghost's new value. */
  readonly update: (ghostValue: number, seen: number) => number;
}

/** A cell or ref that a Compute op declares. */
export type ComputeOperand = { readonly region: Region; readonly index: Index } | Ref | Identity;

/** Everything an op is; built by cells, objects and primitives. */
export interface OpSpec {
  readonly code: OpcodeValue;
  /** How traces print it; `%` stands for the name of its cell. */
  readonly label: string;
  /** How traces print it instead once it has answered false: both texts then say the answer themselves. */
  readonly otherwise?: string;
  readonly region?: Region;
  readonly index?: Index;
  /** For an op that goes through the ref which its cell holds: the objects that the ref leads to. */
  readonly target?: Region;
  readonly a?: number;
  readonly b?: number;
  readonly c?: number;
  readonly result: ResultKind;
  /** The domain of a ref result. */
  readonly domain?: import('./ref.js').Domain | undefined;
  /** Whether the op may change its word. */
  readonly writes: boolean;
  /** Whether the op may have to wait. */
  readonly blocks?: boolean;
  readonly word?: WordFunction;
  readonly operands?: readonly ComputeOperand[];
  /** May change the operands in place; returns the result, or BLOCKED. */
  readonly compute?: (values: number[]) => number;
  /** For Fail: what is wrong. */
  readonly fails?: OpViolation;
  /** For a computation with refs: it moves them about and never looks which they are. */
  readonly blind?: true;
  /** Text of choice outcomes, for traces. */
  readonly outcomes?: readonly string[];
  /** What traces print of the results of any other op that have a name. */
  readonly names?: ValueNames;
  /** For a choice: whoever makes it again and again gets each outcome again and again. */
  readonly fair?: boolean;
  /** For latches: what to say when the actor's own bit is, or is not, where it should be. */
  readonly misuse?: string;
  /** For locks: what the op does to the lock it names, for deadlock reports. */
  readonly lock?: LockUse;
  /** What the op does that nobody can undo (effect.ts). */
  readonly irreversible?: Irreversible;
}

/** What it means to have a bit in a word of a lock. */
export type LockRole = 'holder' | 'reader' | 'writer' | 'queued writer';

/** How a latch op uses its lock, for deadlock reports, lock order and fairness. */
export interface LockUse {
  readonly name: string;
  readonly action: 'acquire' | 'queue' | 'release' | 'try';
  readonly mode: 'read' | 'write';
  /** A writer that waits stops later readers. */
  readonly queues?: true;
  /** Who waits for the lock while others get it again and again, gets it. */
  readonly fair?: true;
  /** Who waits for the lock may give up at any time, so no order of locks keeps it waiting. */
  readonly mayEnd?: true;
  /** What the words of the lock hold, in their order; the last stands for those behind it. Default: by their number. */
  readonly roles?: readonly LockRole[];
  /** What the lock is a part of, by the name that the model gave it. */
  readonly of?: string;
  /** Several may be in at a time and keep nobody out, so it has no order. */
  readonly several?: true;
}

/** Returned by a Compute function when the op cannot run yet. */
export const BLOCKED = -0x80000000;
/** In place of an op's result: the op was refused. */
export const REFUSED = BLOCKED + 1;

/** One op, ready to be yielded. `T` is what `yield*` evaluates to. */
export class Op<T> {
  readonly spec: OpSpec;
  readonly recordings: readonly Recording[];

  constructor(spec: OpSpec, recordings: readonly Recording[] = []) {
    this.spec = spec;
    this.recordings = recordings;
    noteMade(this, () => opText(this));
  }

  /**
   * The same op with a ghost update inside it. Costs no step. A run in which `update` returns no whole number of 32 bits
   * ends with a ModelError.
   */
  record(
    ghost: { readonly region: Region; readonly index?: Index },
    update: (ghostValue: number, seen: number) => number,
  ): Op<T> {
    const index = ghost.index ?? 0;
    if (index instanceof Ref) throw new ModelError(`${ghost.region.name} is recorded by a ref; name it by position`);
    const word = ghost.region.base + (index instanceof Identity ? index.index : index);
    const checked = (ghostValue: number, seen: number): number =>
      wordValue(update(ghostValue, seen), () => `"${opText(this)}" records ${cellText(ghost.region, index)} = `);
    noteYielded(this);
    return new Op<T>(this.spec, [...this.recordings, { ghost: ghost.region, word, update: checked }]);
  }

  /**
   * The same op under the name traces shall print, such as `folio_test_uptodate()`. `otherwise`: the name of one that has
   * answered false, in place of the answer.
   */
  named(label: string, { otherwise }: { readonly otherwise?: string } = {}): Op<T> {
    noteYielded(this);
    return new Op<T>({ ...this.spec, label, ...(otherwise !== undefined && { otherwise }) }, this.recordings);
  }

  /**
   * The same op with an effect that nobody can undo, in words: `the accepted page is gone`. A call that returns an error
   * after it (`m.errors`, `failsWhen`) is a finding. An op that answers false or null had no effect; `when` decides that by
   * what the op answered instead.
   */
  irreversible(words: string, { when }: { readonly when?: (answer: T) => boolean } = {}): Op<T> {
    noteYielded(this);
    const effect = { words: effectWords(`"${opText(this)}" is irreversible and`, words), ...(when && { when }) };
    return new Op<T>({ ...this.spec, irreversible: effect }, this.recordings);
  }

  /** What `yield*` asks for: hands the op to the engine, once, and evaluates to its result. */
  *[Symbol.iterator](): Generator<Op<unknown>, T, unknown> {
    noteYielded(this);
    return (yield this as Op<unknown>) as T;
  }
}

/**
 * Encodes an operand that is a register (>= 0) or a constant (< 0: `-value - 1`).
 *
 * @throws ModelError for what is no ref, identity or null
 */
export function operandOf(value: Ref | Identity | null): number {
  if (value === null) return -1;
  if (value instanceof Ref) return value.register;
  if (value instanceof Identity) return -(value.index + 1) - 1;
  throw new ModelError(`an op takes ${valueText(value)} for a ref: it takes a ref, an identity or null`);
}

/** The op for error messages, which know no registers: its label with the name of its cell. */
export function opText(op: Op<unknown>): string {
  const { label, region, index, operands = [] } = op.spec;
  return label.replace(/%|\$\d/g, (mark) => {
    if (mark === '%') return region === undefined ? mark : cellText(region, index ?? 0);
    const operand = operands[Number(mark.slice(1))];
    return operand === undefined ? mark : operandText(operand);
  });
}

/** An operand of a compute op for error messages: `i_pages[gfn]`, `gfn 3`, `gfn`. */
export function operandText(operand: ComputeOperand): string {
  if (operand instanceof Ref) return operand.domain?.name ?? 'ref';
  if (operand instanceof Identity) return `${operand.domain.name} ${operand.index}`;
  return cellText(operand.region, operand.index);
}

/** What identifies an op when a routine is fed the same history again. */
export function signatureOf(op: Op<unknown>): string {
  const { code, label, region, index, a, b, c, result, operands } = op.spec;
  const cell = region === undefined ? '' : ` ${region.name}[${position(index)}]`;
  const over = operands === undefined ? '' : ` (${operands.map(operandKey).join(' ')})`;
  return `${code} ${label}${cell}${over} ${a ?? ''},${b ?? ''},${c ?? ''} ${result}`;
}

/** Whether two ops have the same `signatureOf`, without writing it: this is asked of every op that is fed again. */
export function isSameOp({ spec: left }: Op<unknown>, { spec: right }: Op<unknown>): boolean {
  return (
    left.code === right.code &&
    left.label === right.label &&
    left.region?.name === right.region?.name &&
    (left.index === right.index || position(left.index) === position(right.index)) &&
    left.a === right.a &&
    left.b === right.b &&
    left.c === right.c &&
    left.result === right.result &&
    isSameList(left.operands, right.operands)
  );
}

function isSameList(left: readonly ComputeOperand[] = [], right: readonly ComputeOperand[] = []): boolean {
  return left.length === right.length && left.every((operand, i) => operandKey(operand) === operandKey(right[i]));
}

function operandKey(operand: ComputeOperand): string {
  if (operand instanceof Ref || operand instanceof Identity) return position(operand);
  return `${operand.region.name}[${position(operand.index)}]`;
}

function position(index: Index | undefined): string {
  if (index instanceof Ref) return `r${index.register}`;
  return index instanceof Identity ? `${index.domain.name} ${index.index}` : `${index ?? 0}`;
}
