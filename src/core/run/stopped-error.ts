/**
 * What is wrong when an op has to wait where it cannot: the model's fault in the midst of an atomic section, else that of
 * the engine. Used by the executor.
 */

import type { NodeInfo } from '../automaton/automaton.js';
import { ModelError } from '../errors.js';
import { opText } from '../ops/op.js';

/** The error of an actor's op that has to wait now; `continues`: it is not the first of its atomic section. */
export function stoppedError(actor: string, { frame, atomic, op }: NodeInfo, continues: boolean): Error {
  const what = `${actor} cannot run ${op === undefined ? 'its op' : `"${opText(op)}"`} in ${atomic ?? frame?.name ?? 'its call'} now`;
  return continues
    ? new ModelError(`${what}; an op that may wait must be the first of an atomic section`)
    : new Error(`${what}; an engine may only step actors that are runnable`);
}
