/**
 * Races between pending ops: whether the order of two ops that have not run yet may matter, erring on the safe side.
 * Used by the strategies that prefer orders which matter.
 */

import { NODE_WORDS } from '../core/automaton/automaton.js';
import { accessesOf } from '../core/ops/accesses.js';
import type { Op } from '../core/ops/op.js';
import type { Executor } from '../core/run/executor.js';

/** Whether the pending steps of two actors may touch one word that one of them may write. */
export function mayRace(executor: Executor, left: number, right: number): boolean {
  if (touchesUnknownWords(executor, left) || touchesUnknownWords(executor, right)) return true;
  const word = executor.pendingWord(left);
  if (word >= 0 && word === executor.pendingWord(right)) {
    return executor.pendingWrites(left) || executor.pendingWrites(right);
  }
  return mayShareGhost(executor, left, right);
}

/** Whether an actor's pending step touches more than the one cell that can be told before it runs. */
function touchesUnknownWords(executor: Executor, actor: number): boolean {
  const { atomic, op } = executor.automaton.infos[executor.nodeOf(actor) / NODE_WORDS];
  return atomic !== undefined || (op !== undefined && spreads(op));
}

/** By op, since a strategy asks at every step. */
const known = new WeakMap<Op<unknown>, boolean>();

function spreads(op: Op<unknown>): boolean {
  let answer = known.get(op);
  if (answer === undefined) {
    const accesses = accessesOf(op).filter(({ via }) => via !== 'ghost');
    // Who computes with one cell has no pending word all the same.
    answer = op.spec.operands !== undefined || accesses.some(({ via }) => via === 'claim' || via === 'pointer');
    known.set(op, answer);
  }
  return answer;
}

/** Ops on different cells that record in one ghost: what it holds may depend on their order. */
function mayShareGhost(executor: Executor, left: number, right: number): boolean {
  const { infos } = executor.automaton;
  const recordings = infos[executor.nodeOf(left) / NODE_WORDS].op?.recordings ?? [];
  if (recordings.length === 0) return false;
  const others = infos[executor.nodeOf(right) / NODE_WORDS].op?.recordings ?? [];
  return recordings.some(({ word }) => others.some((other) => other.word === word));
}
