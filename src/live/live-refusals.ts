/**
 * What is said of ops that cannot be done: the misuse of a lock, which is a finding, and the rules of the engines that a
 * model breaks, which are errors. The words are those of the controlled engines. Used by the live executor.
 */

import { ModelError } from '../core/errors.js';
import type { Op } from '../core/ops/op.js';
import type { Program } from '../core/program/program.js';
import type { Violation } from '../core/run/checks.js';

/** The finding of an op that uses a lock as it may not. */
export function lockMisuse({ spec: { label, misuse, region } }: Op<unknown>): Violation {
  const name = region?.name ?? 'lock';
  const words = `the task does ${label.replace('%', name)} although ${misuse || 'it may not'}`;
  return { kind: 'lock-misuse', words, rule: `${name} rules` };
}

/** The error of an op, at a node, whose cell is picked by a ref that holds nothing. */
export function nullRefError({ automaton }: Program, node: number): ModelError {
  const { frame, op, root } = automaton.info(node);
  const where = frame?.name ?? root.name;
  return new ModelError(`${where} runs "${op?.spec.label}" on a ref that holds nothing; check for null before`);
}

/** The error of an op, at a node, that would have to wait in the middle of an atomic section. */
export function stuckError({ automaton, actors }: Program, actor: number, node: number): ModelError {
  const { atomic, op } = automaton.info(node);
  return new ModelError(
    `${actors[actor].name} cannot run ${op?.spec.label} in ${atomic} now; ` +
      'an op that may wait must be the first of an atomic section',
  );
}
