/**
 * Races between pending ops: whether the order of two ops that have not run yet may matter, erring on the safe side.
 * Used by the strategies that prefer orders which matter.
 */

import { Field } from '../core/automaton/automaton.js';
import { Opcode } from '../core/ops/op.js';
import type { Executor } from '../core/run/executor.js';

/** Whether the pending steps of two actors may touch one word that one of them may write. */
export function mayRace(executor: Executor, left: number, right: number): boolean {
  if (touchesUnknownWords(executor, left) || touchesUnknownWords(executor, right)) return true;
  const word = executor.pendingWord(left);
  if (word < 0 || word !== executor.pendingWord(right)) return false;
  return executor.pendingWrites(left) || executor.pendingWrites(right);
}

/** Whether an actor's pending step touches more than the one word that can be told before it runs. */
function touchesUnknownWords(executor: Executor, actor: number): boolean {
  const node = executor.nodeOf(actor);
  const code = executor.automaton.nodes[node + Field.code];
  if (code === Opcode.Compute || code === Opcode.Claim || code === Opcode.Follow) return true;
  return executor.automaton.info(node)?.atomic !== undefined;
}
