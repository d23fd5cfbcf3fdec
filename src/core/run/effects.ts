/**
 * Effects: what each opcode does to the state, and which result the routine gets.
 *
 * `run` executes one op and returns the edge to follow. The plainest Word ops, by far the most frequent, are executed
 * by the executor itself from their tables; here they are tabulated. Used by the executor only.
 */

import {
  AGAIN as AGAIN_BIT,
  type Automaton,
  Flag,
  Field as NodeField,
  SPECIAL as SPECIAL_BIT,
  WORD_LOW as TABLE_LOW,
  WORD_SPAN as TABLE_SPAN,
} from '../automaton/automaton.js';
import { ModelError } from '../errors.js';
import { MachineCache } from '../machine/machine-cache.js';
import {
  BitAction as ActionOnBit,
  BLOCKED as BLOCKED_RESULT,
  Opcode as OpcodeOf,
  REFUSED as REFUSED_RESULT,
  type WordFunction,
} from '../ops/op.js';
import { ACTORS_A_WORD, type Program } from '../program/program.js';
import type { Checks } from './checks.js';
import { Computations } from './computations.js';
import { Latches } from './latches.js';
import { Memory } from './memory.js';
import { Recordings } from './recordings.js';
import { WideLatches } from './wide-latches.js';

/** The op cannot run now. */
export const EDGE_BLOCKED = -1;
/** The op was refused; `checks.violation` says why. */
export const EDGE_VIOLATION = -2;

// The compiler folds a module's own constants into the code but looks imported ones up at every use.
const AGAIN = AGAIN_BIT;
const BitAction = ActionOnBit;
const BLOCKED = BLOCKED_RESULT;
const Field = NodeField;
const Opcode = OpcodeOf;
const REFUSED = REFUSED_RESULT;
const SPECIAL = SPECIAL_BIT;
const WORD_LOW = TABLE_LOW;
const WORD_SPAN = TABLE_SPAN;
const { Special } = Flag;

/** Receives every op as it is executed: the node, its word (-1 for none), what the word held, the result. */
export type Observer = (actor: number, node: number, word: number, seen: number, result: number) => void;

/** Executes the ops of one program on one state. */
export class Effects {
  observer: Observer | undefined;
  declare readonly program: Program;
  declare readonly state: Int32Array;
  declare readonly memory: Memory;
  declare readonly automaton: Automaton;
  declare readonly checks: Checks;
  declare readonly latches: Latches;
  declare readonly computations: Computations;
  declare readonly recordings: Recordings;
  declare private readonly machines: MachineCache;

  constructor(program: Program, state: Int32Array, memory: Memory = new Memory(program, state)) {
    this.program = program;
    this.state = state;
    this.memory = memory;
    this.automaton = program.automaton;
    this.checks = memory.checks;
    this.latches =
      program.actors.length > ACTORS_A_WORD
        ? new WideLatches(this.automaton, memory)
        : new Latches(this.automaton, memory);
    this.computations = new Computations(this.automaton, memory);
    this.recordings = new Recordings(this.automaton, memory);
    this.machines = MachineCache.of(program.machines);
  }

  /** Runs the op at a node for an actor whose registers start at `registers`; the edge to follow, or EDGE_*. */
  run(actor: number, node: number, choice: number, registers: number): number {
    const { nodes } = this.automaton;
    const word = this.wordOf(node, registers);
    const seen = word < 0 ? 0 : this.state[word];
    const code = nodes[node + Field.code];
    if (code === Opcode.Word) return this.#word(actor, node, word, seen);
    const result = this.#perform(code, actor, node, word, seen, choice, registers);
    if (result <= REFUSED) {
      if (result === BLOCKED) return EDGE_BLOCKED;
      this.observer?.(actor, node, word, seen, 0);
      return EDGE_VIOLATION;
    }
    if (nodes[node + Field.recording] !== 0) this.recordings.run(node, seen);
    if (this.observer !== undefined) this.observer(actor, node, word, seen, result);
    const known = result >>> 0 < 2 ? nodes[node + Field.edge0 + result] : 0;
    const edge = known !== 0 ? known : this.automaton.edge(node, result);
    return edge < AGAIN && this.automaton.nodes[edge + Field.flags] >= Special ? edge | SPECIAL : edge;
  }

  /** The word that the op at a node is on, or -1. Throws ModelError for a ref that names no cell. */
  wordOf(node: number, registers: number): number {
    const { nodes } = this.automaton;
    const base = nodes[node + Field.base];
    const register = nodes[node + Field.register];
    let position = 0;
    if (register >= 0) position = this.state[registers + register] - 1;
    else {
      const code = nodes[node + Field.code];
      if (code !== Opcode.Bit && code !== Opcode.BitStore) return base;
      position = (this.#operand(nodes[node + Field.a], registers) - 1) >> 5;
    }
    return position >>> 0 < nodes[node + Field.stride] ? base + position : this.automaton.refuseRef(node, position);
  }

  /** The function of a Word op. */
  wordFunction(node: number): WordFunction {
    const { word } = this.automaton.opOf(node).spec;
    if (word === undefined) throw new ModelError('a Word op without a function');
    return word;
  }

  /** Performs any op but a Word op; its result, BLOCKED or REFUSED. */
  #perform(
    code: number,
    actor: number,
    node: number,
    word: number,
    seen: number,
    choice: number,
    registers: number,
  ): number {
    const { nodes } = this.automaton;
    switch (code) {
      case Opcode.Is:
        return this.machines.hasTag(nodes[node + Field.a], nodes[node + Field.b], seen);
      case Opcode.Send:
        return this.#send(node, word, 0);
      case Opcode.Latch:
        return this.latches.run(actor, node, word);
      case Opcode.LoadRef:
        // A mark, which is below 0, is no ref.
        this.state[registers + nodes[node + Field.target]] = seen > 0 ? seen : 0;
        return seen > 0 ? 1 : 0;
      case Opcode.StoreRef:
        return this.#put(word, seen, this.#operand(nodes[node + Field.a], registers));
      case Opcode.CompareExchangeRef:
        if (seen !== this.#operand(nodes[node + Field.b], registers)) return 0;
        this.#put(word, seen, this.#operand(nodes[node + Field.a], registers));
        return 1;
      case Opcode.CompareRef:
        return seen === this.#operand(nodes[node + Field.a], registers) ? 1 : 0;
      case Opcode.EqualRefs: {
        const left = this.#operand(nodes[node + Field.a], registers);
        return left === this.#operand(nodes[node + Field.b], registers) ? 1 : 0;
      }
      case Opcode.Follow:
        return seen <= 0 ? 0 : this.#send(node, nodes[node + Field.c] + seen - 1, 1);
      case Opcode.Claim:
        return this.#claim(node, registers);
      case Opcode.Bit:
        return this.#bit(node, word, seen, registers);
      case Opcode.BitStore:
        return this.#bitStore(node, word, seen, registers);
      case Opcode.LoadRaw:
        this.state[registers + nodes[node + Field.target]] = seen;
        return 0;
      case Opcode.Compute:
        return this.computations.run(node, registers, true);
      case Opcode.Choose:
        return choice;
      case Opcode.Fail:
        return this.#fail(node);
      default:
        throw new Error('an actor that has finished cannot take a step');
    }
  }

  #word(actor: number, node: number, word: number, seen: number): number {
    const { nodes, tables } = this.automaton;
    const slot = seen - WORD_LOW;
    if (slot >>> 0 >= WORD_SPAN || this.observer !== undefined) return this.#deriveWord(actor, node, word, seen);
    const entry = nodes[node + Field.table] + slot * 2;
    const edge = tables[entry];
    if (edge === 0) return this.#deriveWord(actor, node, word, seen);
    if (edge === EDGE_BLOCKED) return edge;
    const value = tables[entry + 1];
    if (value !== seen) this.memory.store(word, value);
    if (nodes[node + Field.recording] !== 0) this.recordings.run(node, seen);
    return edge;
  }

  /** Runs a Word op by its function and fills its table. */
  #deriveWord(actor: number, node: number, word: number, seen: number): number {
    const { next, result, enabled, violation } = this.wordFunction(node);
    if (enabled !== undefined && !enabled(seen)) return EDGE_BLOCKED;
    const wrong = violation?.(seen);
    if (wrong !== undefined) {
      this.checks.report({ ...wrong, rule: this.automaton.opOf(node).spec.label });
      this.observer?.(actor, node, word, seen, 0);
      return EDGE_VIOLATION;
    }
    const value = (next?.(seen) ?? seen) | 0;
    const answer = (result?.(seen) ?? 0) | 0;
    if (value !== seen) this.memory.store(word, value);
    if (this.automaton.nodes[node + Field.recording] !== 0) this.recordings.run(node, seen);
    this.observer?.(actor, node, word, seen, answer);
    const edge = this.automaton.edge(node, answer);
    // Deriving the edge may have replaced the arrays.
    const { nodes, tables } = this.automaton;
    const marked = edge < AGAIN && nodes[edge + Field.flags] >= Special ? edge | SPECIAL : edge;
    const slot = seen - WORD_LOW;
    if (slot >>> 0 < WORD_SPAN) {
      const entry = nodes[node + Field.table] + slot * 2;
      tables[entry] = marked;
      tables[entry + 1] = value;
    }
    return marked;
  }

  #put(word: number, seen: number, value: number): number {
    if (value !== seen) this.memory.store(word, value);
    return 0;
  }

  #operand(operand: number, registers: number): number {
    return operand >= 0 ? this.state[registers + operand] : -operand - 1;
  }

  /** Sends the op's event to the object at a word; `result`, or REFUSED. */
  #send(node: number, word: number, result: number): number {
    const { nodes } = this.automaton;
    const machine = nodes[node + Field.a];
    const before = this.state[word];
    const after = this.machines.next(machine, nodes[node + Field.b], before);
    if (after >= 0) {
      if (after !== before) this.memory.store(word, after);
      return result;
    }
    const table = this.program.machines[machine];
    const { kind, words, state } = table.violations[-after - 1];
    this.checks.report({ kind, words, rule: `${table.name} ${state}` });
    return REFUSED;
  }

  #fail(node: number): number {
    const { fails, label } = this.automaton.opOf(node).spec;
    this.checks.report({ ...fails!, rule: label });
    return REFUSED;
  }

  #claim(node: number, registers: number): number {
    const { nodes } = this.automaton;
    const base = nodes[node + Field.base];
    const count = nodes[node + Field.stride];
    for (let i = 0; i < count; i++) {
      if (this.machines.hasTag(nodes[node + Field.a], nodes[node + Field.c], this.state[base + i]) === 0) continue;
      const result = this.#send(node, base + i, 1);
      if (result === 1) this.state[registers + nodes[node + Field.target]] = i + 1;
      return result;
    }
    return 0;
  }

  #bit(node: number, word: number, seen: number, registers: number): number {
    const { nodes } = this.automaton;
    const bit = 1 << (this.#operand(nodes[node + Field.a], registers) - 1);
    switch (nodes[node + Field.b]) {
      case BitAction.Test:
        return (seen & bit) !== 0 ? 1 : 0;
      case BitAction.Set:
        return this.#put(word, seen, seen | bit);
      case BitAction.Clear:
        return this.#put(word, seen, seen & ~bit);
      default:
        this.state[registers + nodes[node + Field.target]] = seen;
        return 0;
    }
  }

  #bitStore(node: number, word: number, seen: number, registers: number): number {
    const { nodes } = this.automaton;
    const bit = 1 << (this.#operand(nodes[node + Field.a], registers) - 1);
    const loaded = this.state[registers + nodes[node + Field.b]];
    return this.#put(word, seen, nodes[node + Field.c] === 1 ? loaded | bit : loaded & ~bit);
  }
}
