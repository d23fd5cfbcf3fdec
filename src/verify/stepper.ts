/**
 * Stepper: takes one step of one actor on an unpacked state, and takes it back.
 *
 * The search tries every step from a state, so a step writes down the few words it changes (`log`) instead of working
 * on a copy. What an op does is `LocalOps`' business and in the end the core's; when an actor goes on, waits, ends a
 * call or an atomic section is here, as `Executor` has it. Most steps are one Word op on to a plain local state: those
 * are looked up in a table by local state and value. Used by all searches.
 */

import { AGAIN, DONE, Field, Flag, SPECIAL, WORD_LOW, WORD_SPAN } from '../core/automaton.js';
import type { Violation } from '../core/checks.js';
import { EDGE_BLOCKED } from '../core/effects.js';
import { ModelError } from '../core/errors.js';
import { Opcode } from '../core/op.js';
import { LocalOps } from './local-ops.js';
import type { Met } from './met.js';
import type { System } from './system.js';

/** What a step did, as a bit set. */
export const Step = {
  /** Nothing: the actor has finished or has to wait. */
  Blocked: 0,
  /** The actor took a step. */
  Moved: 1,
  /** A check or a machine says that something broke. */
  Violation: 2,
  /** The op that broke it was refused: the run cannot go on. */
  Refused: 4,
  /** The actor went back to the head of a retry loop. */
  Again: 8,
  /** A call ended. */
  CallEnd: 16,
} as const;

/** No entry in the table of plain steps yet. */
const UNKNOWN = -1;
/** Not a plain step. */
const OTHER = -2;
/** The op has to wait. */
const WAITS = -3;

/** Steps of one program over one state. */
export class Stepper {
  /** The state; see System for what lies where. */
  readonly state: Int32Array;
  readonly ops: LocalOps;
  /** What the last step changed: positions in the state, and what they held before. */
  readonly log: Int32Array;
  readonly #old: Int32Array;
  logged = 0;
  /** Where each plain step leads: (value, local state) by value; from `#rows` of the local state. */
  readonly #plain: PlainSteps[];
  /** Actor whose registers may differ from its slots since the last step; -1 for none. */
  #moved = -1;

  constructor(
    readonly system: System,
    met: Met,
  ) {
    this.state = system.initial.slice();
    this.log = new Int32Array(this.state.length * 2);
    this.#old = new Int32Array(this.log.length);
    this.ops = new LocalOps(system, this.state, met, (position) => this.#note(position));
    const tables = new Map<unknown, PlainSteps>();
    this.#plain = system.scripts.map((script) => {
      let table = tables.get(script);
      if (table === undefined) {
        table = new PlainSteps();
        tables.set(script, table);
      }
      return table;
    });
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

  /**
   * Takes a step of an actor if it can take one; `choice` answers a choice. A set of Step bits. `undo` must follow
   * before the next step, unless the search goes on from here (`accept`).
   */
  step(actor: number, choice: number): number {
    const { state, system } = this;
    const at = system.localBase + actor;
    const local = state[at];
    const plain = this.#plain[actor];
    this.logged = 0;
    // The common step, all from a table: a Word op on a fixed cell that no check looks at.
    const row = local < plain.count ? plain.rows[local] : UNKNOWN;
    if (row >= 0) {
      const word = plain.entries[row];
      const slot = state[word] - WORD_LOW;
      if (slot >>> 0 < WORD_SPAN) {
        const entry = row + 1 + slot * 2;
        const target = plain.entries[entry + 1];
        if (target >= 0) {
          const value = plain.entries[entry];
          if (value !== state[word]) {
            this.log[0] = word;
            this.#old[0] = state[word];
            this.logged = 1;
            state[word] = value;
          }
          this.log[this.logged] = at;
          this.#old[this.logged++] = local;
          state[at] = target;
          return Step.Moved;
        }
        if (target === WAITS) return Step.Blocked;
      }
    }
    return this.#stepSlowly(actor, local, choice, row === UNKNOWN);
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
    this.log[this.logged] = position;
    this.#old[this.logged++] = this.state[position];
  }

  #stepSlowly(actor: number, local: number, choice: number, isNew: boolean): number {
    const { system, ops, state } = this;
    const script = system.scripts[actor];
    const { node: first, call, gated } = script.states[local];
    if (first === DONE || (gated && !this.#open(actor, call))) return Step.Blocked;
    if (isNew) this.#plain[actor].consider(local, this.#plainWord(actor, local));
    const word = this.#plain[actor].wordOf(local);
    const seen = word < 0 ? 0 : state[word];
    const registers = system.registersOf(actor);
    ops.begin();
    let flags: number = Step.Moved;
    let node = first;
    let at = call;
    for (;;) {
      const edge = ops.run(actor, node, choice, registers);
      if (edge < 0) {
        if (edge !== EDGE_BLOCKED) return this.#refused(actor, flags);
        if (node !== first || (flags & Step.CallEnd) !== 0) throw this.#mayNotWait(actor, node);
        if (word >= 0) this.#plain[actor].set(local, seen, 0, WAITS);
        return Step.Blocked;
      }
      if ((edge & AGAIN) !== 0) flags |= Step.Again;
      node = edge & ~(AGAIN | SPECIAL);
      const { nodes } = script.automaton;
      while (nodes[node + Field.code] === Opcode.Return && node !== DONE) {
        flags |= Step.CallEnd;
        node = this.#endCall(actor, at++, node);
      }
      if ((nodes[node + Field.flags] & Flag.Continues) === 0) break;
    }
    this.#arrive(actor, at, node);
    if (word >= 0) {
      const target = this.#isPlain(flags, local, actor, node) ? state[system.localBase + actor] : OTHER;
      this.#plain[actor].set(local, seen, state[word], target);
    }
    return ops.violation === undefined ? flags : flags | Step.Violation;
  }

  #refused(actor: number, flags: number): number {
    this.#moved = actor;
    return flags | Step.Violation | Step.Refused;
  }

  #endCall(actor: number, call: number, node: number): number {
    const { system, state } = this;
    const result = system.resultBase[actor] + call;
    this.#note(result);
    state[result] = system.program.automaton.nodes[node + Field.a];
    return this.#startCall(actor, call + 1);
  }

  #startCall(actor: number, call: number): number {
    const { system, state } = this;
    const next = system.program.actors[actor].calls[call];
    if (next === undefined) return DONE;
    const registers = system.registersOf(actor);
    for (let i = 0; i < next.identities.length; i++) state[registers + i] = next.identities[i].index + 1;
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

  /** The word of a pending op that may have plain steps; else -1. */
  #plainWord(actor: number, local: number): number {
    const { automaton } = this.system.program;
    const { node, gated } = this.system.scripts[actor].states[local];
    const { nodes } = automaton;
    const word = nodes[node + Field.base];
    const fits =
      nodes[node + Field.code] === Opcode.Word &&
      nodes[node + Field.register] < 0 &&
      nodes[node + Field.recording] === 0 &&
      this.ops.checked[word] === 0;
    return fits && !gated ? word : -1;
  }

  /** Whether a step did nothing but change one word and the local state. */
  #isPlain(flags: number, local: number, actor: number, node: number): boolean {
    if (flags !== Step.Moved || this.ops.executed !== 1) return false;
    const before = this.system.scripts[actor].states[local].live;
    const after = node === DONE ? [] : this.system.view.live(node);
    return before.length === after.length && before.every((register, slot) => register === after[slot]);
  }

  #mayNotWait(actor: number, node: number): ModelError {
    const { automaton, actors } = this.system.program;
    const { frame, atomic, op } = automaton.info(node);
    return new ModelError(
      `${actors[actor].name} cannot run ${op?.spec.label} in ${atomic ?? frame?.name ?? 'its call'} now; ` +
        'an op that may wait must be the first of an atomic section',
    );
  }
}

/** Plain steps of one script: a row for each local state that has any: its word, then (value, local state) pairs. */
class PlainSteps {
  /** Local states that were considered. */
  count = 0;
  /** Where the row of a local state begins; UNKNOWN or OTHER when it has none. */
  rows = new Int32Array(64).fill(UNKNOWN);
  entries = new Int32Array(64 * (1 + WORD_SPAN * 2)).fill(UNKNOWN);
  #used = 0;

  /** Gives a local state a row if its pending op is on a fixed word. */
  consider(local: number, word: number): void {
    while (local >= this.rows.length) this.rows = grown(this.rows);
    this.count = Math.max(this.count, local + 1);
    if (word < 0) {
      this.rows[local] = OTHER;
      return;
    }
    const row = this.#used;
    this.#used += 1 + WORD_SPAN * 2;
    if (this.#used > this.entries.length) this.entries = grown(this.entries);
    this.entries[row] = word;
    this.rows[local] = row;
  }

  /** The word of a local state with a row; else -1. */
  wordOf(local: number): number {
    const row = this.rows[local];
    return row >= 0 ? this.entries[row] : -1;
  }

  set(local: number, seen: number, value: number, target: number): void {
    const slot = seen - WORD_LOW;
    if (slot >>> 0 >= WORD_SPAN) return;
    const entry = this.rows[local] + 1 + slot * 2;
    this.entries[entry] = value;
    this.entries[entry + 1] = target;
  }
}

function grown(words: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(words.length * 2).fill(UNKNOWN);
  longer.set(words);
  return longer;
}
