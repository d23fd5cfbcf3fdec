/**
 * Stepper: takes one step of one actor on an unpacked state, and takes it back.
 *
 * The search tries every step from a state, so a step writes down the few words it changes (`log`) instead of working
 * on a copy. What an op does is `LocalOps`' business and in the end the core's; when an actor goes on, waits, ends a
 * call or an atomic section is here, as `Executor` has it. Used by all searches; most of their steps are remembered
 * (step-tree.ts) and do not come here: it is asked what a step reads (read-log.ts) the first time.
 */

import { AGAIN, DONE, Field, Flag, SPECIAL } from '../core/automaton/automaton.js';
import { grown } from '../core/grown.js';
import { Opcode } from '../core/ops/op.js';
import type { Violation } from '../core/run/checks.js';
import { EDGE_BLOCKED } from '../core/run/effects.js';
import { stoppedError } from '../core/run/stopped-error.js';
import { ENDS_CALL, GOES_AGAIN, VIOLATES } from '../kernels/tree-words.js';
import { LocalOps } from './local-ops.js';
import type { Met } from './met.js';
import { ReadLog } from './read-log.js';
import type { System } from './system.js';

/** What a step did, as a bit set. */
export const StepOutcome = {
  /** Nothing: the actor has finished or has to wait. */
  Blocked: 0,
  /** The actor took a step. */
  Moved: 1,
  /** A check or a machine says that something broke. */
  Violation: VIOLATES,
  /** The op that broke it was refused: the run cannot go on. */
  Refused: 4,
  /** The actor went back to the head of a retry loop. */
  Again: GOES_AGAIN,
  /** A call ended. */
  CallEnd: ENDS_CALL,
} as const;

/** Steps of one program over one state. */
export class Stepper {
  /** The state; see System for what lies where. */
  readonly state: Int32Array;
  readonly ops: LocalOps;
  /** What the last step changed: positions in the state, and what they held before. */
  log = new Int32Array(256);
  #old = new Int32Array(256);
  logged = 0;
  /** What a traced step read. */
  readonly reads: ReadLog;
  /** The same while a step is traced. */
  #trace: ReadLog | undefined;
  /** Actor whose registers may differ from its slots since the last step; -1 for none. */
  #moved = -1;

  constructor(
    readonly system: System,
    met: Met,
  ) {
    this.state = system.initial.slice();
    this.ops = new LocalOps(system, this.state, met, (position) => this.#note(position));
    this.reads = new ReadLog(system, this.state, this.ops);
  }

  /** What the last step broke. */
  get violation(): Violation | undefined {
    return this.ops.violation;
  }

  /** The node of the op that the last violation showed in. */
  get breaking(): number {
    return this.ops.breaking;
  }

  /** Outcomes of the actor's pending op when it is a choice; else 1. */
  outcomesOf(actor: number): number {
    return this.system.scripts[actor].states[this.state[this.system.localBase + actor]].outcomes;
  }

  /** The same as `step`, and `reads` tells what it read, unless it threw. A gated call is not to be traced. */
  trace(actor: number, choice: number): number {
    this.#trace = this.reads;
    try {
      return this.step(actor, choice);
    } finally {
      this.#trace = undefined;
    }
  }

  /**
   * Takes a step of an actor if it can take one; `choice` answers a choice. A set of StepOutcome bits. `undo` must follow
   * before the next step, unless the search goes on from here (`accept`).
   */
  step(actor: number, choice: number): number {
    const { system, ops } = this;
    const script = system.scripts[actor];
    const { node: first, call, gated, live } = script.states[this.state[system.localBase + actor]];
    const trace = this.#trace;
    this.logged = 0;
    trace?.begin(actor, live);
    if (first === DONE || (gated && !this.#open(actor, call))) return StepOutcome.Blocked;
    const registers = system.registersOf(actor);
    ops.begin();
    let flags: number = StepOutcome.Moved;
    let node = first;
    let at = call;
    for (;;) {
      trace?.op(node);
      const edge = ops.run(actor, node, choice, registers);
      if (edge < 0) {
        if (edge !== EDGE_BLOCKED) return this.#refused(actor, flags);
        if (ops.executed > 1) throw stoppedError(system.program.actors[actor].name, script.automaton.info(node), true);
        return StepOutcome.Blocked;
      }
      if ((edge & AGAIN) !== 0) flags |= StepOutcome.Again;
      node = edge & ~(AGAIN | SPECIAL);
      const { nodes } = script.automaton;
      while (nodes[node + Field.code] === Opcode.Return && node !== DONE) {
        flags |= StepOutcome.CallEnd;
        node = this.#endCall(actor, at++, node);
      }
      if ((nodes[node + Field.flags] & Flag.Continues) === 0) break;
    }
    trace?.ask(ops.asked);
    ops.settle();
    this.#arrive(actor, at, node);
    return ops.violation === undefined ? flags : flags | StepOutcome.Violation;
  }

  /** Takes the last step back. */
  undo(): void {
    const { state, log } = this;
    for (let i = this.logged - 1; i >= 0; i--) state[log[i]] = this.#old[i];
    if (this.#moved >= 0) {
      this.system.placeRegistersOf(state, this.#moved);
      this.#moved = -1;
    }
  }

  /** Goes on from the state after the last step. */
  accept(): void {
    if (this.#moved >= 0) this.system.placeRegistersOf(this.state, this.#moved);
    this.#moved = -1;
  }

  #note(position: number): void {
    if (this.logged === this.log.length) {
      this.log = grown(this.log, this.log.length * 2);
      this.#old = grown(this.#old, this.#old.length * 2);
    }
    this.log[this.logged] = position;
    this.#old[this.logged++] = this.state[position];
  }

  #refused(actor: number, flags: number): number {
    this.#moved = actor;
    return flags | StepOutcome.Violation | StepOutcome.Refused;
  }

  #endCall(actor: number, call: number, node: number): number {
    const { system, state } = this;
    const result = system.resultBase[actor] + call;
    this.#note(result);
    this.#trace?.store(result);
    state[result] = system.program.automaton.nodes[node + Field.a];
    return this.#startCall(actor, call + 1);
  }

  #startCall(actor: number, call: number): number {
    const { system, state } = this;
    const next = system.program.actors[actor].calls[call];
    if (next === undefined) return DONE;
    const registers = system.registersOf(actor);
    for (let i = 0; i < next.identities.length; i++) {
      state[registers + i] = next.identities[i].index + 1;
      this.#trace?.setRegister(i);
    }
    return next.root.node;
  }

  /** Writes the actor's new local state and its slots. */
  #arrive(actor: number, call: number, node: number): void {
    const { system, state } = this;
    const script = system.scripts[actor];
    const at = system.localBase + actor;
    const before = script.states[state[at]].live.length;
    const local = script.numberOf(call, node);
    if (local < 0) throw new Error('a step led to a node that was not completed');
    this.#note(at);
    state[at] = local;
    const live = node === DONE ? script.states[local].live : system.view.live(node);
    const slots = system.slotBase + actor * system.slots;
    const registers = system.registersOf(actor);
    this.#trace?.arrive(live, before);
    for (let slot = 0; slot < live.length || slot < before; slot++) {
      const value = slot < live.length ? state[registers + live[slot]] : 0;
      if (state[slots + slot] === value) continue;
      this.#note(slots + slot);
      state[slots + slot] = value;
    }
    this.#moved = actor;
  }

  /** Whether a gated call may start. */
  #open(actor: number, call: number): boolean {
    const { system, state } = this;
    for (const { actor: other, calls } of system.scripts[actor].gate(call)) {
      if (system.scripts[other].states[state[system.localBase + other]].call < calls) return false;
    }
    return true;
  }
}
