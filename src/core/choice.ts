/**
 * Choices of the environment and pure functions of several cells, as ops.
 * Imported by models and primitives.
 */

import { ModelError } from './errors.js';
import { BLOCKED, type ComputeOperand, Op, Opcode } from './op.js';

/**
 * What the environment decides: 0 .. count-1. explore samples it, an exhaustive search enumerates it, the schedule
 * records it. `why` is what traces print; `outcomes` names the values.
 */
export function choose(count: number, why: string, outcomes?: readonly string[]): Op<number> {
  if (!Number.isInteger(count) || count < 2) throw new ModelError(`choose(${count}, "${why}") offers no choice`);
  return new Op<number>({
    code: Opcode.Choose,
    label: why,
    a: count,
    result: 'number',
    writes: false,
    ...(outcomes ? { outcomes } : {}),
  });
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
 * `index + 1`) and may change the values of cells in place when `writes` is set; what it returns is the result.
 */
export function compute<T extends number | boolean | void>(
  label: string,
  operands: readonly ComputeOperand[],
  body: (values: number[]) => T,
  options: ComputeOptions = {},
): Op<T> {
  return new Op<T>({
    code: Opcode.Compute,
    label,
    operands,
    compute: (values) => Number(body(values) ?? 0),
    result: options.result ?? 'none',
    writes: options.writes ?? false,
  });
}

/** Waits until a predicate over several cells holds. */
export function waitUntil(
  cells: readonly ComputeOperand[],
  predicate: (...values: number[]) => boolean,
  label = 'wait',
): Op<void> {
  return new Op<void>({
    code: Opcode.Compute,
    label,
    operands: cells,
    compute: (values) => (predicate(...values) ? 0 : BLOCKED),
    result: 'none',
    writes: false,
    blocks: true,
  });
}
