/**
 * Effects: what each opcode does to the state, and which result the routine gets.
 *
 * `run` executes one op and returns the edge to follow. Word ops, by far the most frequent, are executed by the
 * executor itself from their tables; here they are tabulated. Used by the executor only.
 */

import { type Automaton, Field, WORD_LOW, WORD_SPAN } from './automaton.js';
import { Checks, type Violation } from './checks.js';
import { ModelError } from './errors.js';
import { LatchMode } from './latch.js';
import { MachineCache } from './machine-cache.js';
import { BLOCKED, Opcode, type WordFunction } from './op.js';
import { MAX_ACTORS, type Program } from './program.js';
import { RecordingTable } from './recording-table.js';
import { Identity, Ref } from './ref.js';

/** The op cannot run now. */
export const EDGE_BLOCKED = -1;
/** The op was refused; `checks.violation` says why. */
export const EDGE_VIOLATION = -2;

/** Receives every op as it is executed: the node, its word (-1 for none), what the word held, the result. */
export type Observer = (actor: number, node: number, word: number, seen: number, result: number) => void;

/** Executes the ops of one program on one state. */
export class Effects {
  readonly checks: Checks;
  observer: Observer | undefined;
  readonly #automaton: Automaton;
  readonly #machines: MachineCache;
  readonly #recordings: (RecordingTable[] | undefined)[] = [];
  readonly #values: number[] = [];

  constructor(
    readonly program: Program,
    readonly state: Int32Array,
  ) {
    this.#automaton = program.automaton;
    this.checks = new Checks(program, state);
    this.#machines = new MachineCache(program.machines);
  }

  /** Runs the op at a node for an actor whose registers start at `registers`; the edge to follow, or EDGE_*. */
  run(actor: number, node: number, choice: number, registers: number): number {
    const { nodes } = this.#automaton;
    const { state } = this;
    const code = nodes[node + Field.code];
    const word = this.wordOf(node, registers);
    const seen = word < 0 ? 0 : state[word];
    let value = seen;
    let result = 0;
    switch (code) {
      case Opcode.Word:
        return this.#runWord(actor, node, word, seen);
      case Opcode.LoadRef:
        state[registers + nodes[node + Field.target]] = seen;
        result = seen === 0 ? 0 : 1;
        break;
      case Opcode.LoadRaw:
        state[registers + nodes[node + Field.target]] = seen;
        break;
      case Opcode.StoreRef:
        value = this.#operand(nodes[node + Field.a], registers);
        break;
      case Opcode.CompareExchangeRef:
        if (seen === this.#operand(nodes[node + Field.b], registers)) {
          value = this.#operand(nodes[node + Field.a], registers);
          result = 1;
        }
        break;
      case Opcode.CompareRef:
        result = seen === this.#operand(nodes[node + Field.a], registers) ? 1 : 0;
        break;
      case Opcode.EqualRefs: {
        const left = this.#operand(nodes[node + Field.a], registers);
        result = left === this.#operand(nodes[node + Field.b], registers) ? 1 : 0;
        break;
      }
      case Opcode.Is:
        result = this.#machines.hasTag(nodes[node + Field.a], nodes[node + Field.b], seen);
        break;
      case Opcode.Send:
        if (!this.#send(node, word)) return this.#refused(actor, node, word, seen);
        value = state[word];
        break;
      case Opcode.Follow:
        if (seen === 0) break;
        if (!this.#send(node, nodes[node + Field.c] + seen - 1)) return this.#refused(actor, node, word, seen);
        result = 1;
        break;
      case Opcode.Claim:
        result = this.#claim(node, registers);
        if (result < 0) return this.#refused(actor, node, word, seen);
        break;
      case Opcode.Latch:
        result = this.#latch(actor, node, word);
        if (result === EDGE_BLOCKED) return result;
        if (result === EDGE_VIOLATION) return this.#refused(actor, node, word, seen);
        value = state[word];
        break;
      case Opcode.Bit:
      case Opcode.BitStore:
        result = this.#bit(node, word, registers);
        value = state[word];
        break;
      case Opcode.Compute:
        result = this.compute(node, registers, true);
        if (result === BLOCKED) return EDGE_BLOCKED;
        break;
      case Opcode.Choose:
        result = choice;
        break;
      default:
        throw new ModelError('an actor that has finished cannot take a step');
    }
    if (value !== seen) this.#store(word, value);
    if (nodes[node + Field.recording] !== 0) this.record(node, seen);
    this.observer?.(actor, node, word, seen, result);
    return this.#automaton.edge(node, result);
  }

  /** The word that the op at a node is on, or -1. Throws ModelError for a ref that holds nothing. */
  wordOf(node: number, registers: number): number {
    const { nodes } = this.#automaton;
    const code = nodes[node + Field.code];
    if (code <= Opcode.Return || code === Opcode.EqualRefs || code >= Opcode.Compute) return -1;
    const base = nodes[node + Field.base];
    if (code === Opcode.Bit || code === Opcode.BitStore) {
      return base + ((this.#operand(nodes[node + Field.a], registers) - 1) >> 5);
    }
    const register = nodes[node + Field.register];
    if (register < 0) return base;
    const ref = this.state[registers + register];
    return ref === 0 ? this.nullRef(node) : base + ref - 1;
  }

  /** Fills the table entry of a Word op for a value and returns its edge. */
  fillWord(node: number, entry: number, seen: number): number {
    const word = this.wordFunction(node);
    let edge: number;
    let value = seen;
    if (word.enabled !== undefined && !word.enabled(seen)) edge = EDGE_BLOCKED;
    else if (word.violation?.(seen) !== undefined) edge = EDGE_VIOLATION;
    else {
      value = (word.next?.(seen) ?? seen) | 0;
      edge = this.#automaton.edge(node, (word.result?.(seen) ?? 0) | 0);
    }
    this.#automaton.tables[entry] = value;
    this.#automaton.tables[entry + 1] = edge;
    return edge;
  }

  /** The function of a Word op. */
  wordFunction(node: number): WordFunction {
    const { word } = this.#automaton.opOf(node).spec;
    if (word === undefined) throw new ModelError('a Word op without a function');
    return word;
  }

  /** Evaluates a Compute op; with `commit` false it changes nothing. The result, or BLOCKED. */
  compute(node: number, registers: number, commit: boolean): number {
    const { operands = [], compute, writes } = this.#automaton.opOf(node).spec;
    if (compute === undefined) throw new ModelError('a compute op without a function');
    const values = this.#values;
    values.length = operands.length;
    for (let i = 0; i < operands.length; i++) {
      const operand = operands[i];
      values[i] =
        operand instanceof Identity ? operand.index + 1 : this.state[operandWord(operand, this.state, registers)];
    }
    const result = compute(values);
    if (!commit || !writes || result === BLOCKED) return result;
    for (let i = 0; i < operands.length; i++) {
      const operand = operands[i];
      if (operand instanceof Ref || operand instanceof Identity) continue;
      const word = operandWord(operand, this.state, registers);
      if (this.state[word] !== values[i]) this.#store(word, values[i]);
    }
    return result;
  }

  /** Applies the ghost updates of an op that saw `seen`. */
  record(node: number, seen: number): void {
    const list = this.#automaton.nodes[node + Field.recording];
    const tables = this.#recordings[list] ?? this.#addRecordings(list);
    for (let i = 0; i < tables.length; i++) {
      const table = tables[i];
      const before = this.state[table.word];
      const after = table.lookup(before, seen);
      if (after !== before) this.#store(table.word, after);
    }
  }

  nullRef(node: number): never {
    const { frame, op, root } = this.#automaton.info(node);
    const where = frame?.name ?? root.name;
    throw new ModelError(`${where} runs "${op?.spec.label}" on a ref that holds nothing; check for null before`);
  }

  #store(word: number, value: number): void {
    this.state[word] = value;
    if (this.checks.checked[word] !== 0) this.checks.changed(word);
  }

  #operand(operand: number, registers: number): number {
    return operand >= 0 ? this.state[registers + operand] : -operand - 1;
  }

  #runWord(actor: number, node: number, word: number, seen: number): number {
    const fn = this.wordFunction(node);
    if (fn.enabled !== undefined && !fn.enabled(seen)) return EDGE_BLOCKED;
    const wrong = fn.violation?.(seen);
    if (wrong !== undefined) {
      this.checks.report({ ...wrong, rule: this.#automaton.opOf(node).spec.label });
      return this.#refused(actor, node, word, seen);
    }
    const value = (fn.next?.(seen) ?? seen) | 0;
    if (value !== seen) this.#store(word, value);
    if (this.#automaton.nodes[node + Field.recording] !== 0) this.record(node, seen);
    const result = (fn.result?.(seen) ?? 0) | 0;
    this.observer?.(actor, node, word, seen, result);
    const slot = seen - WORD_LOW;
    if (slot >>> 0 >= WORD_SPAN) return this.#automaton.edge(node, result);
    return this.fillWord(node, this.#automaton.nodes[node + Field.table] + slot * 2, seen);
  }

  #refused(actor: number, node: number, word: number, seen: number): number {
    this.observer?.(actor, node, word, seen, 0);
    return EDGE_VIOLATION;
  }

  #send(node: number, word: number): boolean {
    const { nodes } = this.#automaton;
    const machine = nodes[node + Field.a];
    const before = this.state[word];
    const after = this.#machines.next(machine, nodes[node + Field.b], before);
    if (after >= 0) {
      if (after !== before) this.#store(word, after);
      return true;
    }
    const table = this.program.machines[machine];
    const { kind, words, state } = table.violations[-after - 1];
    this.checks.report({ kind, words, rule: `${table.name} ${state}` });
    return false;
  }

  #claim(node: number, registers: number): number {
    const { nodes } = this.#automaton;
    const base = nodes[node + Field.base];
    const count = nodes[node + Field.stride];
    for (let i = 0; i < count; i++) {
      if (this.#machines.hasTag(nodes[node + Field.a], nodes[node + Field.c], this.state[base + i]) === 0) continue;
      if (!this.#send(node, base + i)) return EDGE_VIOLATION;
      this.state[registers + nodes[node + Field.target]] = i + 1;
      return 1;
    }
    return 0;
  }

  #latch(actor: number, node: number, word: number): number {
    const { nodes } = this.#automaton;
    const { state } = this;
    const update = nodes[node + Field.a];
    const stride = nodes[node + Field.stride];
    const me = 1 << actor;
    const mode = update >> 21;
    let mine = 0;
    let occupied = 0;
    for (let k = 0, at = word; k < nodes[node + Field.b]; k++, at += stride) {
      const holders = state[at];
      if ((holders & me) !== 0) mine |= 1 << k;
      if (holders !== 0) occupied |= 1 << k;
    }
    const test = (update >> 3) & 7;
    if (mode === LatchMode.Test) return (mine & test) !== 0 ? 1 : 0;
    if ((mine & update & 7) !== 0 || (test !== 0 && (mine & test) === 0)) return this.#misuse(node);
    let set = (update >> 9) & 7;
    let clear = (update >> 12) & 7;
    const fill = (update >> 15) & 7;
    let result = 1;
    if ((occupied & (update >> 6) & 7) !== 0) {
      if (mode === LatchMode.Wait) return EDGE_BLOCKED;
      result = 0;
      set = mode === LatchMode.Queue ? (update >> 18) & 7 : 0;
      clear = 0;
    }
    for (let k = 0, at = word; k < nodes[node + Field.b]; k++, at += stride) {
      if (((set >> k) & 1) !== 0) state[at] |= me;
      if (((clear >> k) & 1) !== 0) state[at] &= ~me;
      if (((fill >> k) & 1) !== 0) state[at] = EVERYONE;
    }
    return mode === LatchMode.Wait ? 0 : result;
  }

  #misuse(node: number): number {
    const { label, misuse, region } = this.#automaton.opOf(node).spec;
    const name = region?.name ?? 'lock';
    const words = `the task does ${label.replace('%', name)} although ${misuse || 'it may not'}`;
    this.checks.report({ kind: 'lock-misuse', words, rule: `${name} rules` });
    return EDGE_VIOLATION;
  }

  #bit(node: number, word: number, registers: number): number {
    const { nodes } = this.#automaton;
    const bit = 1 << (this.#operand(nodes[node + Field.a], registers) - 1);
    const seen = this.state[word];
    const action = nodes[node + Field.b];
    if (nodes[node + Field.code] === Opcode.BitStore) {
      const loaded = this.state[registers + action];
      this.state[word] = nodes[node + Field.c] === 1 ? loaded | bit : loaded & ~bit;
    } else if (action === 0) return (seen & bit) !== 0 ? 1 : 0;
    else if (action === 1) this.state[word] = seen | bit;
    else if (action === 2) this.state[word] = seen & ~bit;
    else this.state[registers + nodes[node + Field.target]] = seen;
    return 0;
  }

  #addRecordings(list: number): RecordingTable[] {
    const recordings = this.#automaton.recordings[list - 1] ?? [];
    const tables = recordings.map(({ ghost, update }) => new RecordingTable(ghost.base, update));
    this.#recordings[list] = tables;
    return tables;
  }
}

/** Every actor's bit. */
const EVERYONE = (1 << MAX_ACTORS) - 1;

function operandWord(
  operand: { region: { base: number }; index: number | Identity | Ref } | Ref,
  state: Int32Array,
  registers: number,
): number {
  if (operand instanceof Ref) return registers + operand.register;
  const { region, index } = operand;
  if (index instanceof Ref) return region.base + state[registers + index.register] - 1;
  return region.base + (index instanceof Identity ? index.index : index);
}

export type { Violation };
