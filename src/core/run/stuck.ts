/**
 * Stuck actors: whose wait no step of anybody can ever end.
 *
 * Who waits for a lock waits for every actor that has a bit in its way, and each of these takes it away by steps of its
 * own; who waits for calls of others waits for their steps as well. So an actor is stuck when one that is in its way is
 * stuck or has finished: it waits in a ring, behind one, or for what was never given back, whatever the others do. A wait
 * for a value is no such wait, since anybody may write it; nor is a try. A ring closes with the step of one of its actors
 * that comes to wait, so nobody has to look at any other time. Used by the engines and by deadlock reports.
 */

import { DONE as DONE_NODE, Field as NodeField } from '../automaton/automaton.js';
import { Opcode as OpcodeOf } from '../ops/op.js';
import { MAX_ACTORS } from '../program/program.js';
import type { Executor } from './executor.js';

// The compiler folds a module's own constants into the code but looks imported ones up at every use.
const DONE = DONE_NODE;
const Field = NodeField;
const Opcode = OpcodeOf;

/** The words that a latch op waits for, as a bit set, from the packed update (ops/latch.ts). */
const waitsFor = (packed: number): number => (packed >> 21) & 7;

/**
 * The actors that are stuck. `inTheWay`: by actor, a bit for each actor that is in its way, 0 when it does not wait for
 * actors. `finished`: actors that take no step any more.
 */
export function stuckAmong(inTheWay: Int32Array, actors: number, finished: number): number {
  let waiting = 0;
  for (let actor = 0; actor < actors; actor++) if (inTheWay[actor] !== 0) waiting |= 1 << actor;
  // Whoever waits for none of these, and for nobody that has finished, may go on one day; then those behind it may.
  for (let before = -1; before !== waiting; ) {
    before = waiting;
    for (let rest = waiting; rest !== 0; rest &= rest - 1) {
      const actor = 31 - Math.clz32(rest & -rest);
      if ((inTheWay[actor] & (waiting | finished)) === 0) waiting &= ~(1 << actor);
    }
  }
  return waiting;
}

/** Looks for stuck actors of one executor. */
export class StuckActors {
  readonly #inTheWay = new Int32Array(MAX_ACTORS);
  /** Actors that must finish. */
  readonly #required: number;

  constructor(readonly executor: Executor) {
    let required = 0;
    for (let actor = 0; actor < executor.actors; actor++) {
      if (!executor.scriptOf(actor).daemon) required |= 1 << actor;
    }
    this.#required = required;
  }

  /** The actors that are stuck, as a bit set. */
  get all(): number {
    const { executor } = this;
    let finished = 0;
    for (let actor = 0; actor < executor.actors; actor++) {
      if (executor.nodeOf(actor) === DONE) finished |= 1 << actor;
      this.#inTheWay[actor] = this.inTheWayOf(actor);
    }
    return stuckAmong(this.#inTheWay, executor.actors, finished);
  }

  /** Whether an actor that must finish is stuck. Daemons may wait for ever, as long as nobody else waits for them. */
  get deadlocked(): boolean {
    return (this.all & this.#required) !== 0;
  }

  /** The same, asked behind a step that left its actor at rest and before which nobody was. */
  deadlockedBy(actor: number): boolean {
    const { executor } = this;
    if (executor.nodeOf(actor) === DONE) return this.#isAwaited(actor) && this.deadlocked;
    for (let rest = this.inTheWayOf(actor); rest !== 0; rest &= rest - 1) {
      // Nearly always the lock is held by somebody who is at work.
      if (!executor.canRun(31 - Math.clz32(rest & -rest))) return this.deadlocked;
    }
    return false;
  }

  /** The actors that are in the way of one that waits for actors, as a bit set; it may be among them itself. */
  inTheWayOf(actor: number): number {
    const { executor } = this;
    if (executor.canRun(actor)) return 0;
    const node = executor.nodeOf(actor);
    if (node === DONE) return 0;
    return this.#ofCalls(actor, node) || this.#ofLatch(actor, node);
  }

  /** Whether somebody waits for an actor that has finished. */
  #isAwaited(actor: number): boolean {
    for (let other = 0; other < this.executor.actors; other++) {
      if ((this.inTheWayOf(other) & (1 << actor)) !== 0) return true;
    }
    return false;
  }

  #ofCalls(actor: number, node: number): number {
    const { executor } = this;
    const { root, after } = executor.scriptOf(actor).calls[executor.callsOf(actor)];
    let missing = 0;
    if (root.node !== node) return 0;
    for (let i = 0; i < after.length; i++) {
      if (executor.callsOf(after[i].actor) < after[i].calls) missing |= 1 << after[i].actor;
    }
    return missing;
  }

  #ofLatch(actor: number, node: number): number {
    const { nodes } = this.executor.automaton;
    if (nodes[node + Field.code] !== Opcode.Latch) return 0;
    const { state } = this.executor;
    const words = waitsFor(nodes[node + Field.a]);
    const stride = nodes[node + Field.stride];
    let word = this.executor.pendingWord(actor);
    let bits = 0;
    for (let rest = words; rest !== 0; rest >>= 1, word += stride) if ((rest & 1) !== 0) bits |= state[word];
    return bits;
  }
}
