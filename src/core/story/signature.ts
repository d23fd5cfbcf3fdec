/**
 * Signatures: by which two findings are told to be the same. A signature is the breaking step alone (kind, cell class,
 * function and op), so it does not depend on which of several schedules was kept, and it holds no numbers: neither the
 * index of a cell nor the value that one actor out of several writes. Made by the engines; read by reports.
 */

import type { Automaton } from '../automaton/automaton.js';
import type { FindingKind } from '../finding-kind.js';
import type { Program } from '../program/program.js';
import type { Violation } from '../run/checks.js';
import type { Executor } from '../run/executor.js';
import { deadlockOf } from './deadlock.js';

/** What identifies a finding. */
export interface Signature {
  readonly kind: FindingKind;
  /** Name of the cell, or of the array of cells, that the op is on; '' when it is on none. */
  readonly cell: string;
  /** Innermost function around the op, else the routine of the call; '' for a check of finished runs. */
  readonly function: string;
  /** Label of the op, or name of the check. */
  readonly op: string;
}

/** The signature as one line: `leak on folio in kvm_gmem_get_pfn: folio <- MAP`. */
export function signatureText({ kind, cell, function: name, op }: Signature): string {
  return `${kind}${cell === '' ? '' : ` on ${cell}`}${name === '' ? ' at the end' : ` in ${name}`}: ${op}`;
}

/** The signature of a step in which the op at `node` broke something. */
export function stepSignature(automaton: Automaton, node: number, kind: FindingKind): Signature {
  const { spec } = automaton.opOf(node);
  const operand = spec.operands?.find((each) => 'region' in each);
  const cell = spec.region?.name ?? (operand !== undefined && 'region' in operand ? operand.region.name : '');
  return { kind, cell, function: functionAt(automaton, node), op: opClass(automaton, node) };
}

/** The signature of a finished run that fails a check; `checks`: those that are asked. */
export function finalSignature(
  program: Program,
  { kind, rule }: Pick<Violation, 'kind' | 'rule'>,
  checks: Program['finally'] = program.finally,
): Signature {
  const check = checks.find(({ name }) => name === rule);
  const cell = check?.words.length ? (program.layout.regionOf(check.words[0])?.name ?? '') : '';
  return { kind, cell, function: '', op: withoutNumbers(rule) };
}

/** Where a check is broken that does not hold to begin with, in the place of a function. */
export const INITIAL_STATE = 'the initial state';

/** The signature of a check that does not hold in the initial state. */
export function initialSignature(program: Program, { kind, rule }: Violation): Signature {
  return { ...finalSignature(program, { kind, rule }, program.always), function: INITIAL_STATE };
}

/** The signature of a deadlock: where the actors wait by whom it is told from others. */
export function deadlockSignature(executor: Executor): Signature {
  const { automaton } = executor;
  const places = deadlockOf(executor, () => [])
    .core.map((actor) => executor.nodeOf(actor))
    .map((node) => ({ function: functionAt(automaton, node), op: opClass(automaton, node) }));
  return signatureOfWaits(places);
}

/** The signature of a deadlock by where its actors wait: functions and classes of ops, in any order. */
export function signatureOfWaits(places: readonly Pick<Signature, 'function' | 'op'>[]): Signature {
  const sorted = [...places].sort((left, right) =>
    compare(`${left.function}: ${left.op}`, `${right.function}: ${right.op}`),
  );
  return {
    kind: 'deadlock',
    cell: '',
    function: sorted.map((place) => place.function).join(' / '),
    op: sorted.map((place) => place.op).join(' / '),
  };
}

/** The function that the op at a node lies in; the routine of its call when no function was entered. */
export function functionAt(automaton: Automaton, node: number): string {
  const { frame, root } = automaton.info(node);
  return frame?.name ?? withoutNumbers(root.name);
}

/** The op at a node as a class of ops: `opLabel` without numbers. */
export function opClass(automaton: Automaton, node: number): string {
  return withoutNumbers(opLabel(automaton, node));
}

/** The label of the op at a node with the name of its cell class; `*` stands for what a register holds. */
export function opLabel(automaton: Automaton, node: number): string {
  const { label, region } = automaton.opOf(node).spec;
  return label.replaceAll('%', () => region?.name ?? '%').replace(/\$[abi\d]/g, '*');
}

/** The op at a node and where it is, for whoever cuts a step off: `"x = 1" in writes`. */
export function opAt(automaton: Automaton, node: number): string {
  return node < 0 ? 'the first step' : `"${opLabel(automaton, node)}" in ${functionAt(automaton, node)}`;
}

/** A text as a class of texts: `read gfn 0` and `read gfn 7` are `read gfn *`. */
export function withoutNumbers(text: string): string {
  return text.replace(/(?<![\w.])-?\d+\b/g, '*');
}

/** The title of a finding of which there is no run to name it by: its signature, in the form of a kernel report. */
export function signatureTitle(signature: string): string {
  return `BUG: faultline: ${withoutWildcards(signature)}`;
}

/** A class of texts without the marks that stand for numbers, and without what they number: `write gfn *` is `write`. */
export function withoutWildcards(text: string): string {
  return text
    .replace(/[["]\*?[\]"]|"/g, '')
    .replace(/\(\*(, \*)*\)/g, '()')
    .replace(/(?<=[^\s:])\s+[^\s*]+\s+\*(-\*)*(?=[\s:,]|$)/g, '')
    .replace(/[-#:]?\*/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
