/**
 * Races between pending ops: whether the order of two ops that have not run yet may matter, erring on the safe side.
 * Used by the strategies that prefer orders which matter.
 */

import { type Automaton, NODE_WORDS } from '../core/automaton/automaton.js';
import { grown } from '../core/grown.js';
import { accessesOf } from '../core/ops/accesses.js';
import type { Op } from '../core/ops/op.js';
import type { Executor } from '../core/run/executor.js';

/** A node is named by its offset. */
const NODE_BITS = Math.log2(NODE_WORDS);

/** What is known of a node, as bits: that it is known; that its step touches more than one cell, or one that only the run
 * tells; that its op records. */
const KNOWN = 1;
const SPREADS = 2;
const RECORDS = 4;

/** No pending word was asked for yet. */
const NOT_ASKED = -2;

/** Says which pending steps of one executor may race with that of one actor: a strategy asks of all, at every step. */
export class PendingRaces {
  /** By number of a node. */
  #kinds = new Uint8Array(1024);
  #actor = 0;
  #kind = 0;
  #word = NOT_ASKED;
  #writes = false;

  constructor(readonly executor: Executor) {}

  /** From now on it is about the pending step of this actor, until somebody takes a step. */
  about(actor: number): void {
    this.#actor = actor;
    this.#kind = this.#kindOf(actor);
    this.#word = NOT_ASKED;
  }

  /** Whether the pending step of another actor and that one may touch one word that one of them may write. */
  mayRaceWith(other: number): boolean {
    const { executor } = this;
    const kind = this.#kindOf(other);
    if (((kind | this.#kind) & SPREADS) !== 0) return true;
    if (this.#word === NOT_ASKED) this.#ask();
    if (this.#word >= 0 && this.#word === executor.pendingWord(other)) {
      return this.#writes || executor.pendingWrites(other);
    }
    return (kind & this.#kind & RECORDS) !== 0 && this.#mayShareGhost(other);
  }

  #ask(): void {
    this.#word = this.executor.pendingWord(this.#actor);
    this.#writes = this.executor.pendingWrites(this.#actor);
  }

  #kindOf(actor: number): number {
    const id = this.executor.nodeOf(actor) >> NODE_BITS;
    const known = id < this.#kinds.length ? this.#kinds[id] : 0;
    return known !== 0 ? known : this.#judge(id);
  }

  #judge(id: number): number {
    if (id >= this.#kinds.length) this.#kinds = grown(this.#kinds, id * 2);
    const { spreads, records } = stepKind(this.executor.automaton, id * NODE_WORDS);
    this.#kinds[id] = KNOWN | (spreads ? SPREADS : 0) | (records ? RECORDS : 0);
    return this.#kinds[id];
  }

  /** Ops on different cells that record in one ghost: what it holds may depend on their order. */
  #mayShareGhost(other: number): boolean {
    const mine = this.#recordingsOf(this.#actor);
    return this.#recordingsOf(other).some(({ word }) => mine.some((each) => each.word === word));
  }

  #recordingsOf(actor: number): Op<unknown>['recordings'] {
    const { executor } = this;
    return executor.automaton.infos[executor.nodeOf(actor) >> NODE_BITS].op?.recordings ?? [];
  }
}

/** What is known of the step that begins at a node: whether it touches more than one word, or one that only the run tells, and
 * whether its op records. */
export function stepKind(automaton: Automaton, node: number): { readonly spreads: boolean; readonly records: boolean } {
  const { atomic, op } = automaton.info(node);
  if (op === undefined) return { spreads: atomic !== undefined, records: false };
  return { spreads: atomic !== undefined || spreads(op), records: op.recordings.length > 0 };
}

/** Whether an op touches more than the one cell that can be told before it runs. */
function spreads(op: Op<unknown>): boolean {
  const accesses = accessesOf(op).filter(({ via }) => via !== 'ghost');
  // Who computes with one cell has no pending word all the same.
  return op.spec.operands !== undefined || accesses.some(({ via }) => via === 'claim' || via === 'pointer');
}
