/**
 * Operand text: how traces print an executed op, `i_pages[0] = folio 2`.
 *
 * A label holds `%` for the name of its cell and `$a`, `$b` for operands; operands are registers or constants, and what
 * a register points into follows from the history of its node. Used by traces and deadlock reports.
 */

import { type Automaton, Field } from '../automaton/automaton.js';
import { comparedRefsOf, latchUpdateOf } from '../ops/accesses.js';
import type { Layout, Region } from '../ops/layout.js';
import type { OpSpec } from '../ops/op.js';
import { type Domain, Identity, PartRef, Ref } from '../ops/ref.js';
import { namedValue } from '../ops/value-names.js';

/** An op with the values it ran on. */
export interface ExecutedOp {
  readonly node: number;
  readonly spec: OpSpec;
  /** The word the op is on, -1 for none. */
  readonly word: number;
  /** The actor's registers after the op. */
  readonly registers: Int32Array;
}

/** A ref as text: `folio 2`, `NULL`; its position alone when it is not known what it points into. */
export function refText(domain: Domain | undefined, value: number): string {
  if (value === 0) return 'NULL';
  return domain === undefined ? String(value - 1) : `${domain.name} ${value - 1}`;
}

/** What a cell of a region holds, as text; of an object its machine says it. */
export function heldText(region: Region | undefined, value: number): string {
  if (region?.refTo !== undefined && value >= 0) return refText(region.refTo, value);
  return namedValue(region?.values, value);
}

/** The op's label with its cell and operands filled in; `isFalse`: it was run, and has answered false. */
export function executedOpText(automaton: Automaton, layout: Layout, op: ExecutedOp, isFalse = false): string {
  const { label, otherwise = label } = op.spec;
  return labelText(isFalse ? otherwise : label, automaton, layout, op);
}

/**
 * A label, or the name of an atomic section that begins with the op, filled in: `%` the cell, `$i` the identity that
 * picked the cell, `$a` and `$b` the operands, `$0`, `$1`, ... the operands of a compute op.
 */
export function labelText(label: string, automaton: Automaton, layout: Layout, op: ExecutedOp): string {
  return label.replace(/%|\$[abi\d]/g, (mark) => {
    if (mark === '%') return op.word < 0 ? mark : layout.nameOf(op.word);
    if (mark === '$i') {
      return indexText(op.spec, op.registers) ?? mark;
    }
    if (mark !== '$a' && mark !== '$b') return computeOperandText(automaton, layout, op, Number(mark.slice(1))) ?? mark;
    const operand = mark === '$a' ? op.spec.a : op.spec.b;
    return operand === undefined ? mark : operandText(automaton, op, operand);
  });
}

/** An operand of a compute op: an identity, or the name of a cell. */
function computeOperandText(
  automaton: Automaton,
  layout: Layout,
  op: ExecutedOp,
  position: number,
): string | undefined {
  const operand = op.spec.operands?.[position];
  if (operand === undefined) return undefined;
  if (operand instanceof PartRef) return partText(operand, op.registers);
  if (operand instanceof Ref) return operandText(automaton, op, operand.register);
  if (operand instanceof Identity) return refText(operand.domain, operand.index + 1);
  const { region, index } = operand;
  if (index instanceof Ref) return layout.nameOf(region.base + op.registers[index.register] - 1);
  return layout.nameOf(region.base + (index instanceof Identity ? index.index : index));
}

/** The value of an encoded operand: a ref as `index + 1`, 0 for none. */
export function operandValue(operand: number, registers: Int32Array): number {
  return operand >= 0 ? registers[operand] : -operand - 1;
}

/** What each register in use before the node's op points into; undefined for a word loaded as it is. */
export function registerDomains(automaton: Automaton, node: number): readonly (Domain | undefined)[] {
  const domains: (Domain | undefined)[] = [];
  const known = new Set<number>();
  const add = (register: number, domain: Domain | undefined): void => {
    if (known.has(register)) return;
    known.add(register);
    domains[register] = domain;
  };
  for (let at = node; ; at = automaton.info(at).parent) {
    const { depth, entered, parent, result, root } = automaton.info(at);
    for (const { round } of entered) {
      for (const value of Object.values(round)) if (value instanceof Ref) add(value.register, value.domain);
    }
    if (depth === 0) {
      const given = root.args.filter((arg) => arg instanceof Identity);
      given.forEach(({ domain }, register) => {
        add(register, domain);
      });
      return domains;
    }
    const { spec } = automaton.opOf(parent);
    const target = automaton.nodes[parent + Field.target];
    if (spec.result === 'raw') add(target, undefined);
    else if (spec.result === 'ref' && result !== 0) add(target, spec.domain);
  }
}

/** The identity an op's cell was picked by, or the part of one, as text; undefined when it was picked by none. */
export function indexText({ index }: OpSpec, registers: Int32Array): string | undefined {
  if (index instanceof Identity) return refText(index.domain, index.index + 1);
  if (index instanceof PartRef) return partText(index, registers);
  if (!(index instanceof Ref) || index.domain === undefined) return undefined;
  return refText(index.domain, registers[index.register]);
}

function partText({ register, part }: PartRef, registers: Int32Array): string {
  return `${part.name} ${(registers[register] - 1) * part.of + part.place}`;
}

/** What the op answered, as text; undefined when the routine learned nothing from it. */
export function resultText(automaton: Automaton, op: ExecutedOp, seen: number, result: number): string | undefined {
  const { spec } = op;
  if (spec.otherwise !== undefined) return undefined;
  switch (spec.result) {
    case 'none':
      // Only an op that leaves a queue both sets and clears: the reader has seen the same text with `waits` before.
      return spec.lock?.action === 'acquire' && leavesQueue(spec) ? 'acquired' : undefined;
    case 'raw':
      return String(seen);
    case 'ref':
      if (result === 0) return 'NULL';
      return refText(spec.domain, op.registers[automaton.nodes[op.node + Field.target]]);
    case 'boolean':
      if (spec.lock?.action === 'queue') return result === 0 ? 'waits' : undefined;
      return result === 0 ? 'false' : 'true';
    default:
      return spec.outcomes?.[result] ?? namedValue(spec.names, result);
  }
}

/** What an atomic section returned, as text; undefined when it returned nothing. */
export function returnedText(value: unknown, registers: Int32Array): string | undefined {
  if (value === null) return 'NULL';
  if (value instanceof PartRef) return partText(value, registers);
  if (value instanceof Ref) {
    return value.domain ? refText(value.domain, registers[value.register]) : String(registers[value.register]);
  }
  if (value instanceof Identity) return refText(value.domain, value.index + 1);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function leavesQueue(spec: OpSpec): boolean {
  const { set = 0, clear = 0 } = latchUpdateOf(spec) ?? {};
  return set !== 0 && clear !== 0;
}

function operandText(automaton: Automaton, op: ExecutedOp, operand: number): string {
  const value = operandValue(operand, op.registers);
  return refText(operandDomain(automaton, op, operand), value);
}

/** What an encoded operand points into; undefined for a word loaded as it is, and for most constants. */
export function operandDomain(automaton: Automaton, { node, spec }: ExecutedOp, operand: number): Domain | undefined {
  if (spec.region?.refTo !== undefined) return spec.region.refTo;
  const domains = registerDomains(automaton, node);
  if (operand >= 0) return domains[operand];
  // A constant carries no domain; two refs that are compared point into the same one.
  const other = comparedRefsOf(spec)?.operands.find((each) => each !== operand);
  return other !== undefined && other >= 0 ? domains[other] : undefined;
}
