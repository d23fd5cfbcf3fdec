/**
 * Stuck states: whose wait no step of anybody can ever end, in a state of a search (core/run/stuck.ts).
 *
 * What an actor may wait for follows from its local state, so most states are done with after a look at a few bytes. Used
 * by the search.
 */

import { DONE, Field } from '../core/automaton/automaton.js';
import { Opcode } from '../core/ops/op.js';
import { bitOfActor, planeOfActor } from '../core/program/program.js';
import { stuckAmong } from '../core/run/stuck.js';
import type { Stepper } from '../space/stepper.js';
import type { System } from '../space/system.js';

/** What an actor may wait for in a local state. */
const Kind = { Unknown: 0, Nobody: 1, Lock: 2, Calls: 3, Finished: 4 } as const;

/** Looks for stuck actors in the states of one system. */
export class StuckStates {
  readonly #inTheWay: Int32Array;
  /** By actor and number of a local state: a Kind. */
  readonly #kinds: Uint8Array[];
  /** Actors that must finish, as a set. */
  readonly required: number;

  constructor(
    readonly system: System,
    readonly stepper: Stepper,
  ) {
    this.#inTheWay = new Int32Array(system.actors);
    this.#kinds = Array.from({ length: system.actors }, () => new Uint8Array(64));
    this.required = system.sets.of([...system.program.actors.keys()].filter((a) => !system.program.actors[a].daemon));
  }

  /** Notes who is in the way of an actor that cannot run in the stepper's state; 0 when it waits for no actor. */
  waits(actor: number): number {
    const local = this.stepper.state[this.system.localBase + actor];
    const kind = this.#kindOf(actor, local);
    return kind === Kind.Lock || kind === Kind.Calls ? this.#wayOf(actor, local, kind) : this.waitsFor(actor, 0);
  }

  /** Notes who is in the way of an actor, a set. */
  waitsFor(actor: number, way: number): number {
    this.#inTheWay[actor] = way;
    return way;
  }

  /**
   * The actors that are stuck, of those for whom it was noted who is in their way. `waiting` and `finished` are bits: a wide
   * program is to be looked at afresh (`look`).
   */
  among(waiting: number, finished: number): number {
    // Nearly always those who are in the way are at work.
    let blocked = 0;
    for (let rest = waiting; rest !== 0; rest &= rest - 1) blocked |= this.#inTheWay[31 - Math.clz32(rest & -rest)];
    if ((blocked & (waiting | finished)) === 0) return 0;
    const { actors } = this.system;
    for (let actor = 0; actor < actors; actor++) if (((waiting >> actor) & 1) === 0) this.#inTheWay[actor] = 0;
    return stuckAmong(this.system.sets, this.#inTheWay, finished);
  }

  /** Whether an actor may wait for others in a local state. */
  mayWaitIn(actor: number, local: number): boolean {
    const kind = this.#kindOf(actor, local);
    return kind === Kind.Lock || kind === Kind.Calls;
  }

  /** Whether any actor waits for others where it is, if somebody is in its way; asked of local states alone. */
  mayWait(state: Int32Array): boolean {
    for (let actor = 0; actor < this.system.actors; actor++) {
      if (this.mayWaitIn(actor, state[this.system.localBase + actor])) return true;
    }
    return false;
  }

  /** The actors that are stuck in the stepper's state, as a set. */
  look(): number {
    const { system } = this;
    if (system.sets.isWide) return this.#lookAtMany();
    const { state } = this.stepper;
    let waiting = 0;
    let finished = 0;
    for (let actor = 0; actor < system.actors; actor++) {
      const local = state[system.localBase + actor];
      const kinds = this.#kinds[actor];
      let kind = local < kinds.length ? kinds[local] : Kind.Unknown;
      if (kind === Kind.Nobody) continue;
      if (kind === Kind.Unknown) kind = this.#kindOf(actor, local);
      if (kind === Kind.Finished) finished |= 1 << actor;
      else if (kind !== Kind.Nobody && this.#wayOf(actor, local, kind) !== 0) waiting |= 1 << actor;
    }
    return waiting === 0 ? 0 : this.among(waiting, finished);
  }

  /** The same in a wide program. */
  #lookAtMany(): number {
    const { actors, sets, localBase } = this.system;
    const { state } = this.stepper;
    let waits = false;
    for (let actor = 0; actor < actors; actor++) {
      const local = state[localBase + actor];
      const kind = this.#kindOf(actor, local);
      if (kind === Kind.Nobody || kind === Kind.Finished) this.waitsFor(actor, 0);
      else if (this.#wayOf(actor, local, kind) !== 0) waits = true;
    }
    if (!waits) return 0;
    sets.begin();
    for (let actor = 0; actor < actors; actor++) {
      if (this.#kindOf(actor, state[localBase + actor]) === Kind.Finished) sets.put(actor);
    }
    return stuckAmong(sets, this.#inTheWay, sets.end());
  }

  /** Notes who is in the way of an actor, as a set; 0 when it can run. */
  #wayOf(actor: number, local: number, kind: number): number {
    const { call, node } = this.system.scripts[actor].states[local];
    let way = kind === Kind.Calls ? this.#missing(actor, call) : 0;
    if (way === 0) way = this.#holders(actor, node);
    return this.waitsFor(actor, way);
  }

  #missing(actor: number, call: number): number {
    const { scripts, localBase, sets } = this.system;
    sets.begin();
    for (const { actor: other, calls } of scripts[actor].gate(call)) {
      if (scripts[other].states[this.stepper.state[localBase + other]].call < calls) sets.put(other);
    }
    return sets.end();
  }

  #holders(actor: number, node: number): number {
    const { nodes } = this.system.program.automaton;
    if (nodes[node + Field.code] !== Opcode.Latch) return 0;
    if (this.system.sets.isWide) return this.#holdersOfMany(actor, node);
    const { state, ops } = this.stepper;
    const update = nodes[node + Field.a];
    const stride = nodes[node + Field.stride];
    let word = ops.wordOf(node, actor);
    let way = 0;
    let own = 0;
    for (let part = 0; part < nodes[node + Field.b]; part++, word += stride) {
      const bits = state[word];
      if (((update >> (21 + part)) & 1) !== 0) way |= bits;
      own |= ((bits >> actor) & 1) << part;
    }
    // A misuse never waits: it is reported by the step.
    return (own & update & 7) === 0 ? way : 0;
  }

  #holdersOfMany(actor: number, node: number): number {
    const { program, sets } = this.system;
    const { nodes } = program.automaton;
    const { state, ops } = this.stepper;
    const update = nodes[node + Field.a];
    const stride = nodes[node + Field.stride];
    const first = ops.wordOf(node, actor);
    let own = 0;
    sets.begin();
    program.automaton.opOf(node).spec.region!.planes.forEach((distance, plane) => {
      for (let part = 0; part < nodes[node + Field.b]; part++) {
        const bits = state[first + distance + part * stride];
        if (((update >> (21 + part)) & 1) !== 0) sets.putBits(bits, plane);
        if (plane === planeOfActor(actor) && (bits & bitOfActor(actor)) !== 0) own |= 1 << part;
      }
    });
    return (own & update & 7) === 0 ? sets.end() : 0;
  }

  #kindOf(actor: number, local: number): number {
    const kinds = this.#kinds[actor];
    if (local >= kinds.length) {
      this.#kinds[actor] = new Uint8Array(Math.max(local + 1, kinds.length * 2));
      this.#kinds[actor].set(kinds);
    }
    if (this.#kinds[actor][local] === Kind.Unknown) this.#kinds[actor][local] = this.#find(actor, local);
    return this.#kinds[actor][local];
  }

  #find(actor: number, local: number): number {
    const { node, gated } = this.system.scripts[actor].states[local];
    if (node === DONE) return Kind.Finished;
    if (gated) return Kind.Calls;
    const { nodes } = this.system.program.automaton;
    const waits = nodes[node + Field.code] === Opcode.Latch && ((nodes[node + Field.a] >> 21) & 7) !== 0;
    return waits ? Kind.Lock : Kind.Nobody;
  }
}
