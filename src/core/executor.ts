/**
 * Executor: runs a program one step at a time over one flat Int32Array.
 *
 * State: the words of the layout, then per actor its node, the number of calls it has completed and its registers, then
 * the results of all calls. After warm-up a step looks up and stores words: no allocation, no closure. Engines own the
 * order of steps; the executor owns what a step does. Imported by the engines and by reports that replay.
 */

import { AGAIN, type Automaton, DONE, Field, Flag, WORD_LOW, WORD_SPAN } from './automaton.js';
import type { Violation } from './checks.js';
import { EDGE_BLOCKED, Effects, type Observer } from './effects.js';
import { ModelError } from './errors.js';
import { BLOCKED, Opcode } from './op.js';
import type { Program, ProgramActor } from './program.js';

/** What a step did, as a bit set. */
export const StepFlag = {
  /** A check or machine refused: `executor.violation` says what. */
  Violation: 1,
  /** The actor went back to the head of a retry loop. */
  Again: 2,
  /** The actor completed a call. */
  CallEnd: 4,
} as const;

/** Runs one program. Reusable: `reset` or `load` start another run. */
export class Executor {
  readonly automaton: Automaton;
  /** Words of shared memory, then the actors' blocks, then the results of calls. */
  readonly state: Int32Array;
  /** Number of actors. */
  readonly actors: number;
  /** Actors that can take a step, ascending; valid up to `runnableCount`. */
  readonly runnable: Int32Array;
  runnableCount = 0;
  readonly #effects: Effects;
  readonly #scripts: readonly ProgramActor[];
  readonly #blocks: Int32Array;
  readonly #resultBase: Int32Array;
  readonly #initial: Int32Array;
  readonly #checked: Uint8Array;
  /** Whether any call has to wait for other calls before it starts. */
  readonly #gated: boolean;
  #runnableMask = 0;
  /** Actors whose pending op may have to wait: their readiness is looked at again when something changes. */
  #waitingMask = 0;
  #initialRunnable = 0;
  #initialWaiting = 0;

  /** @param actors the scripts to run, if not the program's own (a shrinker leaves calls out) */
  constructor(
    readonly program: Program,
    actors: readonly ProgramActor[] = program.actors,
  ) {
    this.automaton = program.automaton;
    this.actors = actors.length;
    this.#scripts = actors;
    this.#gated = actors.some(({ calls }) => calls.some(({ after }) => after.length > 0));
    const block = 2 + program.registers;
    this.#blocks = Int32Array.from(actors, (_, actor) => program.layout.words + actor * block);
    let words = program.layout.words + this.actors * block;
    this.#resultBase = Int32Array.from(actors, ({ calls }) => {
      words += calls.length;
      return words - calls.length;
    });
    this.state = new Int32Array(words);
    this.runnable = new Int32Array(this.actors);
    this.#effects = new Effects(program, this.state);
    this.#checked = this.#effects.checks.checked;
    this.state.set(program.layout.initial());
    for (let actor = 0; actor < this.actors; actor++) this.#startCall(actor, 0);
    this.#initial = this.state.slice();
    this.#rescan();
    this.#initialRunnable = this.#runnableMask;
    this.#initialWaiting = this.#waitingMask;
  }

  /** What broke in the last step, or undefined. */
  get violation(): Violation | undefined {
    return this.#effects.checks.violation;
  }

  /** Receives every op as it is executed; for traces only. */
  set observer(observer: Observer | undefined) {
    this.#effects.observer = observer;
  }

  /** Starts a new run. */
  reset(): void {
    const state = this.state;
    const initial = this.#initial;
    // A short loop beats TypedArray.set on the few dozen words that a state usually has.
    for (let i = 0; i < state.length; i++) state[i] = initial[i];
    this.#effects.checks.violation = undefined;
    this.#waitingMask = this.#initialWaiting;
    if (this.#runnableMask !== this.#initialRunnable) {
      this.#runnableMask = this.#initialRunnable;
      this.#listRunnable();
    }
  }

  /** Goes on from a state taken from `state` earlier. */
  load(state: Int32Array): void {
    this.state.set(state);
    this.#effects.checks.violation = undefined;
    this.#rescan();
  }

  /** The node an actor is at; DONE when it has finished. */
  nodeOf(actor: number): number {
    return this.state[this.#blocks[actor]];
  }

  /** How many calls an actor has completed. */
  callsOf(actor: number): number {
    return this.state[this.#blocks[actor] + 1];
  }

  /** Offset of the word that holds a register of an actor. */
  registerWord(actor: number, register: number): number {
    return this.#blocks[actor] + 2 + register;
  }

  /** What a completed call returned. */
  resultOf(actor: number, call: number): number {
    return this.state[this.#resultBase[actor] + call];
  }

  /** First word behind the actors' blocks: where the results of calls begin. */
  get results(): number {
    return this.#resultBase[0];
  }

  /** The script an actor runs. */
  scriptOf(actor: number): ProgramActor {
    return this.#scripts[actor];
  }

  /** Whether an actor can take a step. */
  canRun(actor: number): boolean {
    return (this.#runnableMask & (1 << actor)) !== 0;
  }

  /** Whether every actor that must finish has finished. */
  get complete(): boolean {
    for (let actor = 0; actor < this.actors; actor++) {
      if (this.nodeOf(actor) !== DONE && !this.#scripts[actor].daemon) return false;
    }
    return true;
  }

  /** How many outcomes the actor's pending op offers, if it is a choice; else 0. */
  choicesOf(actor: number): number {
    const node = this.nodeOf(actor);
    const { nodes } = this.automaton;
    return nodes[node + Field.code] === Opcode.Choose ? nodes[node + Field.a] : 0;
  }

  /** The word that the actor's pending op is on; -1 when it has none. */
  pendingWord(actor: number): number {
    return this.#effects.wordOf(this.nodeOf(actor), this.#blocks[actor] + 2);
  }

  /** Whether the actor's pending op may write its word. */
  pendingWrites(actor: number): boolean {
    return (this.automaton.nodes[this.nodeOf(actor) + Field.flags] & Flag.Writes) !== 0;
  }

  /**
   * Runs the actor's pending op (and what is atomic with it). The actor must be runnable. `choice` answers a choice.
   * Returns a set of StepFlag bits.
   */
  step(actor: number, choice = 0): number {
    const state = this.state;
    const { nodes, tables } = this.automaton;
    const block = this.#blocks[actor];
    const node = state[block];
    // The common step, all from tables: a Word op without observer, on to an op that is simply runnable.
    if (nodes[node] === Opcode.Word && this.#effects.observer === undefined) {
      const register = nodes[node + Field.register];
      let word = nodes[node + Field.base];
      if (register >= 0) {
        const ref = state[block + 2 + register];
        if (ref === 0) this.#effects.nullRef(node);
        word += ref - 1;
      }
      const seen = state[word];
      const slot = seen - WORD_LOW;
      if (slot >>> 0 < WORD_SPAN) {
        const entry = nodes[node + Field.table] + slot * 2;
        const edge = tables[entry + 1];
        if (edge > 0) {
          const value = tables[entry];
          state[word] = value;
          if (value !== seen && this.#checked[word] !== 0) this.#effects.checks.changed(word);
          if (nodes[node + Field.recording] !== 0) this.#effects.record(node, seen);
          // AGAIN is the highest bit of an edge, so one comparison asks for a plain edge.
          if (edge < AGAIN && nodes[edge + Field.flags] < Flag.Special) {
            state[block] = edge;
            if (this.#waitingMask !== 0) this.#stillRunnable(actor, value !== seen);
            return this.#effects.checks.violation === undefined ? 0 : StepFlag.Violation;
          }
          return this.#follow(actor, edge, choice);
        }
      }
    }
    const edge = this.#effects.run(actor, node, choice, block + 2);
    return edge < 0 ? this.#stopped(actor, node, edge) : this.#follow(actor, edge, choice);
  }

  /** Runs the checks of finished runs; the most urgent violation, if any. */
  checkFinally(): Violation | undefined {
    this.#effects.checks.finish();
    return this.violation;
  }

  /** Goes along an edge, and on through what is atomic with it. */
  #follow(actor: number, first: number, choice: number): number {
    const state = this.state;
    const block = this.#blocks[actor];
    let edge = first;
    let flags = 0;
    for (;;) {
      const { nodes } = this.automaton;
      let node = edge & ~AGAIN;
      if (edge !== node) {
        flags |= StepFlag.Again;
        for (let r = nodes[node + Field.registers]; r < this.program.registers; r++) state[block + 2 + r] = 0;
      }
      state[block] = node;
      while (nodes[node + Field.code] === Opcode.Return) {
        node = this.#endCall(actor, node);
        flags |= StepFlag.CallEnd;
      }
      if ((nodes[node + Field.flags] & Flag.Continues) === 0) {
        this.#moved(actor, node);
        break;
      }
      edge = this.#effects.run(actor, node, choice, block + 2);
      if (edge < 0) return this.#stopped(actor, node, edge);
    }
    return this.violation === undefined ? flags : flags | StepFlag.Violation;
  }

  #startCall(actor: number, call: number): number {
    const state = this.state;
    const block = this.#blocks[actor];
    for (let r = 0; r < this.program.registers; r++) state[block + 2 + r] = 0;
    const next = this.#scripts[actor].calls[call];
    const node = next?.root.node ?? DONE;
    state[block] = node;
    state[block + 1] = call;
    if (next !== undefined) {
      for (let i = 0; i < next.identities.length; i++) state[block + 2 + i] = next.identities[i].index + 1;
    }
    if (this.automaton.nodes[node + Field.code] === Opcode.Return) return this.#endCall(actor, node);
    return node;
  }

  #endCall(actor: number, node: number): number {
    const call = this.callsOf(actor);
    this.state[this.#resultBase[actor] + call] = this.automaton.nodes[node + Field.a];
    return this.#startCall(actor, call + 1);
  }

  /** An actor went on to an op that cannot wait, so only the others' readiness may have changed. */
  #stillRunnable(actor: number, changed: boolean): void {
    this.#waitingMask &= ~(1 << actor);
    if (changed && this.#waitingMask !== 0) this.#wake(this.#runnableMask);
  }

  #moved(actor: number, node: number): void {
    const bit = 1 << actor;
    let mask = this.#runnableMask | bit;
    this.#waitingMask &= ~bit;
    if (node === DONE) mask &= ~bit;
    else if (this.#mayWait(actor, node)) this.#waitingMask |= bit;
    this.#wake(mask);
  }

  #wake(runnable: number): void {
    let mask = runnable;
    for (let rest = this.#waitingMask; rest !== 0; rest &= rest - 1) {
      const other = 31 - Math.clz32(rest & -rest);
      if (this.#enabled(other)) mask |= 1 << other;
      else mask &= ~(1 << other);
    }
    if (mask === this.#runnableMask) return;
    this.#runnableMask = mask;
    this.#listRunnable();
  }

  #listRunnable(): void {
    let count = 0;
    for (let rest = this.#runnableMask; rest !== 0; rest &= rest - 1) {
      this.runnable[count++] = 31 - Math.clz32(rest & -rest);
    }
    this.runnableCount = count;
  }

  #rescan(): void {
    this.#runnableMask = 0;
    this.#waitingMask = 0;
    for (let actor = 0; actor < this.actors; actor++) {
      const node = this.nodeOf(actor);
      if (node === DONE) continue;
      if (this.#mayWait(actor, node)) this.#waitingMask |= 1 << actor;
      if (this.#enabled(actor)) this.#runnableMask |= 1 << actor;
    }
    this.#listRunnable();
  }

  #mayWait(actor: number, node: number): boolean {
    if ((this.automaton.nodes[node + Field.flags] & Flag.Blocks) !== 0) return true;
    return this.#gated && this.#startsGated(actor, node);
  }

  #startsGated(actor: number, node: number): boolean {
    const call = this.#scripts[actor].calls[this.callsOf(actor)];
    return call !== undefined && call.after.length > 0 && call.root.node === node;
  }

  #enabled(actor: number): boolean {
    const node = this.nodeOf(actor);
    if (this.#gated && this.#startsGated(actor, node)) {
      const { after } = this.#scripts[actor].calls[this.callsOf(actor)];
      for (const { actor: other, calls } of after) if (this.callsOf(other) < calls) return false;
    }
    const { nodes } = this.automaton;
    if ((nodes[node + Field.flags] & Flag.Blocks) === 0) return true;
    const registers = this.#blocks[actor] + 2;
    switch (nodes[node + Field.code]) {
      case Opcode.Word:
        return this.#wordEnabled(node, this.state[this.#effects.wordOf(node, registers)]);
      case Opcode.Latch:
        return this.#latchEnabled(actor, node, this.#effects.wordOf(node, registers));
      default:
        return this.#effects.compute(node, registers, false) !== BLOCKED;
    }
  }

  #wordEnabled(node: number, seen: number): boolean {
    const slot = seen - WORD_LOW;
    if (slot >>> 0 >= WORD_SPAN) return this.#effects.wordFunction(node).enabled?.(seen) ?? true;
    const entry = this.automaton.nodes[node + Field.table] + slot * 2 + 1;
    const edge = this.automaton.tables[entry];
    if (edge !== 0) return edge !== EDGE_BLOCKED;
    // The edge itself is only derived when the op runs; that it is blocked can be noted now.
    if (this.#effects.wordFunction(node).enabled?.(seen) ?? true) return true;
    this.automaton.tables[entry] = EDGE_BLOCKED;
    return false;
  }

  #latchEnabled(actor: number, node: number, word: number): boolean {
    const { nodes } = this.automaton;
    const update = nodes[node + Field.a];
    let mine = 0;
    let occupied = 0;
    for (let k = 0, at = word; k < nodes[node + Field.b]; k++, at += nodes[node + Field.stride]) {
      const holders = this.state[at];
      if ((holders & (1 << actor)) !== 0) mine |= 1 << k;
      if (holders !== 0) occupied |= 1 << k;
    }
    // A misuse never waits: it is reported by the step.
    return (occupied & (update >> 6) & 7) === 0 || (mine & update & 7) !== 0;
  }

  #stopped(actor: number, node: number, edge: number): number {
    if (edge !== EDGE_BLOCKED) return StepFlag.Violation;
    const { frame, atomic, op } = this.automaton.info(node);
    throw new ModelError(
      `${this.#scripts[actor].name} cannot run ${op?.spec.label} in ${atomic ?? frame?.name ?? 'its call'} now; ` +
        'an op that may wait must be the first of an atomic section',
    );
  }
}
