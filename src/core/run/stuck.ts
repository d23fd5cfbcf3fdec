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
import { bitOfActor, planeOfActor } from '../program/program.js';
import { ActorSets } from './actor-sets.js';
import type { Executor } from './executor.js';

// The compiler folds a module's own constants into the code but looks imported ones up at every use.
const DONE = DONE_NODE;
const Field = NodeField;
const Opcode = OpcodeOf;

/** The words that a latch op waits for, as a bit set, from the packed update (ops/latch.ts). */
const waitsFor = (packed: number): number => (packed >> 21) & 7;

/**
 * The actors that are stuck, as a set. `inTheWay`: by actor, the set of actors that are in its way, 0 when it does not wait
 * for actors. `finished`: actors that take no step any more.
 */
export function stuckAmong(sets: ActorSets, inTheWay: Int32Array, finished: number): number {
  const { actors } = sets;
  if (sets.isWide) return stuckOfMany(sets, inTheWay, finished);
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

/** The same, without a set for each step of the way. */
function stuckOfMany(sets: ActorSets, inTheWay: Int32Array, finished: number): number {
  const isLost = Array.from(inTheWay, (way, actor) => way !== 0 || sets.has(finished, actor));
  const isInVain = (actor: number): boolean => {
    for (let other = sets.next(inTheWay[actor], 0); other >= 0; other = sets.next(inTheWay[actor], other + 1)) {
      if (isLost[other]) return true;
    }
    return false;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (let actor = 0; actor < sets.actors; actor++) {
      if (inTheWay[actor] === 0 || !isLost[actor] || isInVain(actor)) continue;
      isLost[actor] = false;
      changed = true;
    }
  }
  sets.begin();
  for (let actor = 0; actor < sets.actors; actor++) if (isLost[actor] && inTheWay[actor] !== 0) sets.put(actor);
  return sets.end();
}

/** Looks for stuck actors of one executor. */
export class StuckActors {
  /** What the sets of this object are numbers of; they hold until the next question. */
  readonly sets: ActorSets;
  readonly #inTheWay: Int32Array;
  /** Whether anybody can wait for actors at all: for who holds a latch, or for calls of others. */
  readonly mayBe: boolean;

  constructor(readonly executor: Executor) {
    const scripts = Array.from({ length: executor.actors }, (_, actor) => executor.scriptOf(actor));
    this.mayBe =
      executor.program.layout.regions.some(({ kind }) => kind === 'latch') ||
      scripts.some(({ calls }) => calls.some(({ after }) => after.length > 0));
    this.sets = new ActorSets(executor.actors);
    this.#inTheWay = new Int32Array(executor.actors);
  }

  /** The actors that are stuck, as a set. */
  get all(): number {
    const { executor, sets } = this;
    sets.forget();
    for (let actor = 0; actor < executor.actors; actor++) this.#inTheWay[actor] = this.inTheWayOf(actor);
    sets.begin();
    for (let actor = 0; actor < executor.actors; actor++) if (executor.nodeOf(actor) === DONE) sets.put(actor);
    return stuckAmong(sets, this.#inTheWay, sets.end());
  }

  /** Whether an actor that must finish is stuck. Daemons may wait for ever, as long as nobody else waits for them. */
  get deadlocked(): boolean {
    const { all, sets, executor } = this;
    for (let actor = sets.next(all, 0); actor >= 0; actor = sets.next(all, actor + 1)) {
      if (!executor.scriptOf(actor).daemon) return true;
    }
    return false;
  }

  /** The same, asked behind a step that left its actor at rest and before which nobody was. */
  deadlockedBy(actor: number): boolean {
    const { executor, sets } = this;
    // Most runs end so, one actor after the other.
    if (!this.mayBe || executor.nobodyWaits) return false;
    sets.forget();
    if (executor.nodeOf(actor) === DONE) return this.#isAwaited(actor) && this.deadlocked;
    const way = this.inTheWayOf(actor);
    for (let other = sets.next(way, 0); other >= 0; other = sets.next(way, other + 1)) {
      // Nearly always the lock is held by somebody who is at work.
      if (!executor.canRun(other)) return this.deadlocked;
    }
    return false;
  }

  /** The actors that are in the way of one that waits for actors, as a set; it may be among them itself. */
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
      if (this.sets.isWide ? this.#waitsFor(other, actor) : this.sets.has(this.inTheWayOf(other), actor)) return true;
    }
    return false;
  }

  /** The same of one that may wait, without a set of all that are in its way. */
  #waitsFor(actor: number, other: number): boolean {
    const { executor } = this;
    const node = executor.nodeOf(actor);
    if (executor.canRun(actor) || node === DONE) return false;
    const calls = this.#ofCalls(actor, node);
    const { nodes } = executor.automaton;
    if (calls !== 0 || nodes[node + Field.code] !== Opcode.Latch) return this.sets.has(calls, other);
    const { planes } = executor.automaton.opOf(node).spec.region!;
    const first = executor.pendingWord(actor) + planes[planeOfActor(other)];
    return (this.#bitsAt(node, waitsFor(nodes[node + Field.a]), first) & bitOfActor(other)) !== 0;
  }

  #ofCalls(actor: number, node: number): number {
    const { executor, sets } = this;
    const { root, after } = executor.scriptOf(actor).calls[executor.callsOf(actor)];
    if (root.node !== node || after.length === 0) return 0;
    sets.begin();
    for (let i = 0; i < after.length; i++) {
      if (executor.callsOf(after[i].actor) < after[i].calls) sets.put(after[i].actor);
    }
    return sets.end();
  }

  #ofLatch(actor: number, node: number): number {
    const { automaton } = this.executor;
    const { nodes } = automaton;
    if (nodes[node + Field.code] !== Opcode.Latch) return 0;
    const words = waitsFor(nodes[node + Field.a]);
    const first = this.executor.pendingWord(actor);
    if (!this.sets.isWide) return this.#bitsAt(node, words, first);
    const { planes } = automaton.opOf(node).spec.region!;
    this.sets.begin();
    planes.forEach((distance, plane) => {
      this.sets.putBits(this.#bitsAt(node, words, first + distance), plane);
    });
    return this.sets.end();
  }

  /** The bits of some words of a latch, those for thirty actors. */
  #bitsAt(node: number, words: number, first: number): number {
    const { state, automaton } = this.executor;
    const stride = automaton.nodes[node + Field.stride];
    let bits = 0;
    for (let rest = words, word = first; rest !== 0; rest >>= 1, word += stride)
      if ((rest & 1) !== 0) bits |= state[word];
    return bits;
  }
}
