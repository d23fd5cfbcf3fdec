/**
 * What is said of ops that cannot be done: the misuse of a lock, which is a finding, and the rules of the engines that a
 * model breaks, which are errors. The words are those of the controlled engines. Used by the live executor.
 */

import { ModelError } from '../core/errors.js';
import type { Region } from '../core/ops/layout.js';
import { type Op, opText } from '../core/ops/op.js';
import { ACTORS_A_WORD, type Program } from '../core/program/program.js';
import type { Violation } from '../core/run/checks.js';

/** The finding of an op that uses a lock as it may not. */
export function lockMisuse({ spec: { label, misuse, region } }: Op<unknown>): Violation {
  const name = region?.name ?? 'lock';
  const words = `the task does ${label.replace('%', name)} although ${misuse || 'it may not'}`;
  return { kind: 'lock-misuse', words, rule: `${name} rules` };
}

/** The error of an op, at a node, that would have to wait in the middle of an atomic section. */
export function stuckError({ automaton, actors }: Program, actor: number, node: number): ModelError {
  const { atomic, op } = automaton.info(node);
  return new ModelError(
    `${actors[actor].name} cannot run ${op === undefined ? 'its op' : `"${opText(op)}"`} in ${atomic} now; ` +
      'an op that may wait must be the first of an atomic section',
  );
}

/** The error of whatever looks at the holders of a lock in a world of so many actors that they have no bits there. */
export function lookError({ name }: Region): ModelError {
  return new ModelError(
    `a live run of more than ${ACTORS_A_WORD} actors cannot look at who holds ${name}; run fewer actors, or look at a cell`,
  );
}
