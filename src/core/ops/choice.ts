/**
 * Choices of the environment and pure functions of several cells, as ops.
 * Imported by models and primitives.
 */

import { ModelError } from '../errors.js';
import { BLOCKED, type ComputeOperand, Op, Opcode, operandText } from './op.js';
import { Identity, Ref } from './ref.js';
import { isWord, resultValue, valueText, wordValue } from './word-value.js';

/** Outcomes of a choice: what searches every interleaving goes into each of them, at every place where one is made. */
const MOST_OUTCOMES = 1_024;

/** So many cells of a wait are named; the others are counted. */
const MOST_NAMED = 4;

/** What a choice may say besides. */
export interface ChoiceOptions {
  /** Names of the values, in their order. */
  readonly outcomes?: readonly string[] | undefined;
  /**
   * Whoever comes to this choice again and again gets each of its outcomes again and again: an allocation does not fail
   * for ever. verify then takes no round without some outcome for a counterexample; which states are reached is the same.
   */
  readonly fair?: boolean | undefined;
}

/**
 * What the environment decides: 0 .. count-1. explore samples it, an exhaustive search enumerates it, the schedule
 * records it. `why` is what traces print; the outcomes may have names.
 *
 * @throws ModelError for a count below 2 or above 1,024
 */
export function choose(count: number, why: string, options: readonly string[] | ChoiceOptions = {}): Op<number> {
  const { outcomes, fair }: ChoiceOptions = isList(options) ? { outcomes: options } : options;
  if (!isWord(count) || count < 2) throw new ModelError(`choose(${valueText(count)}, "${why}") offers no choice`);
  if (count > MOST_OUTCOMES) {
    throw new ModelError(
      `choose(${count}, "${why}") offers more than ${MOST_OUTCOMES} outcomes, and a search goes into each; ` +
        'choose between the kinds of value that make a difference',
    );
  }
  return new Op<number>({
    code: Opcode.Choose,
    label: why,
    a: count,
    result: 'number',
    writes: false,
    ...(outcomes && { outcomes }),
    ...(fair === true && { fair }),
  });
}

function isList(options: readonly string[] | ChoiceOptions): options is readonly string[] {
  return Array.isArray(options);
}

/** What a compute op may declare besides its function. */
export interface ComputeOptions {
  /** Traces print the result. Default: none is returned. */
  readonly result?: 'none' | 'number' | 'boolean';
  /** The function changes operands in place. Default: it only reads. */
  readonly writes?: boolean;
}

/**
 * A pure function of the declared cells' and refs' values, in one step. `body` gets the values in order (a ref as
 * `index + 1`) and may change the values of cells in place when `writes` is set; what it returns is the result. A run in
 * which it leaves or returns something that is no whole number of 32 bits (or, for a boolean result, no boolean) ends
 * with a ModelError.
 *
 * @throws ModelError for an operand that is no cell, ref or identity
 */
export function compute<T extends number | boolean | void>(
  label: string,
  operands: readonly ComputeOperand[],
  body: (values: number[]) => T,
  options: ComputeOptions = {},
): Op<T> {
  const { result = 'none', writes = false } = options;
  checkOperands(label, operands);
  const cells = operands.flatMap((operand, place) => ('region' in operand ? [place] : []));
  const opText = (): string => `"${label}"`;
  return new Op<T>({
    code: Opcode.Compute,
    label,
    operands,
    compute: (values) => {
      const answer = resultValue(body(values), result, opText);
      if (!writes) return answer;
      for (const place of cells) {
        if (!isWord(values[place])) refuseWord(label, operands[place], values[place]);
      }
      return answer;
    },
    result,
    writes,
  });
}

/**
 * Waits until a predicate over several cells holds. `label` is what traces print: without it, which cells they are.
 *
 * @throws ModelError for one that is no cell, ref or identity
 */
export function waitUntil(
  cells: readonly ComputeOperand[],
  predicate: (...values: number[]) => boolean,
  label?: string,
): Op<void> {
  checkOperands('waitUntil', cells);
  return new Op<void>({
    code: Opcode.Compute,
    label: label ?? waitLabel(cells),
    operands: cells,
    compute: (values) => (predicate(...values) ? 0 : BLOCKED),
    result: 'none',
    writes: false,
    blocks: true,
  });
}

function checkOperands(label: string, operands: readonly unknown[]): void {
  for (const operand of operands) {
    const isCell = typeof operand === 'object' && operand !== null && 'region' in operand && 'index' in operand;
    if (isCell || operand instanceof Ref || operand instanceof Identity) continue;
    throw new ModelError(`"${label}" looks at ${valueText(operand)}: it can look at cells, refs and identities`);
  }
}

function refuseWord(label: string, operand: ComputeOperand, value: number): void {
  wordValue(value, () => `"${label}" makes ${operandText(operand)} = `);
}

/** `wait on flag, turn`. What a ref picks is filled in when the op runs (operand-text.ts). */
function waitLabel(operands: readonly ComputeOperand[]): string {
  const named = operands.slice(0, MOST_NAMED).map((operand, place) => {
    const isPicked = operand instanceof Ref || ('region' in operand && operand.index instanceof Ref);
    return isPicked ? `$${place}` : operandText(operand);
  });
  const more = operands.length - named.length;
  return `wait on ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
