/**
 * Local ops: executes one op on the stepper's state and writes down what it changes.
 *
 * Effects (core) says what an op does. The three kinds of op that are closures of the model (functions of a word, of
 * several cells, ghost updates) are evaluated here and remembered by value, for two reasons: speed, and because merged
 * nodes have closures of their own, which must agree. Each time a value is met for the first time, every member of the
 * class is asked; members that differ are a `Surprise`. Used by the stepper only.
 */

import { Field, Flag, NODE_WORDS, WORD_LOW, WORD_SPAN } from '../core/automaton/automaton.js';
import { ModelError } from '../core/errors.js';
import { grown } from '../core/grown.js';
import { accessesOf, mayWrite, type WordAccess } from '../core/ops/accesses.js';
import { checkLooks } from '../core/ops/layout.js';
import { BLOCKED, type ComputeOperand, Opcode, type OpSpec, type WordFunction } from '../core/ops/op.js';
import { Identity, Ref } from '../core/ops/ref.js';
import type { ProgramCheck } from '../core/program/program.js';
import type { Violation } from '../core/run/checks.js';
import { EDGE_BLOCKED, EDGE_VIOLATION, Effects } from '../core/run/effects.js';
import { Executed } from './executed.js';
import { type Fact, type Met, Surprise } from './met.js';
import type { System } from './system.js';

const UNKNOWN = -0x8000_0000;
/** Values of a compute op's operands that are remembered lie in COMPUTE_LOW .. COMPUTE_LOW + 63. */
const COMPUTE_LOW = -8;

/** What a compute op came to on some values. */
interface Computed {
  readonly result: number;
  readonly after: readonly number[];
}

/** Executes ops. */
export class LocalOps {
  /** Ops executed since `begin`. */
  executed = 0;
  /** 1 for every word that a check looks at. */
  readonly checked: Uint8Array;
  /** What was executed so far. */
  readonly coverage = new Executed();
  readonly #effects: Effects;
  /** Offset + 1 into `#words` by number of a node. */
  #rows = new Int32Array(0);
  /** (next value, edge) by value of the word. */
  #words = new Int32Array(0);
  #wordsUsed = 0;
  readonly #writes: (readonly WordAccess[] | undefined)[] = [];
  /** What the last op that Effects ran returned. */
  #result = 0;
  readonly #computed: (Map<number, Computed> | undefined)[] = [];
  /** New ghost values by list of recordings and place in it, then by (ghost value, seen value). */
  readonly #recorded: (Int32Array[] | undefined)[] = [];

  /** @param note writes down that a position of the state is about to change */
  constructor(
    readonly system: System,
    readonly state: Int32Array,
    readonly met: Met,
    readonly note: (position: number) => void,
  ) {
    this.#effects = new Effects(system.program, state);
    this.#effects.observer = (_actor, _node, _word, _seen, result) => {
      this.#result = result;
    };
    this.checked = this.#effects.checks.checked;
  }

  /** The node of the op that broke it; -1 when no op did. */
  get breaking(): number {
    return this.#effects.checks.brokenBy;
  }

  /** Node of the op that is being executed, or was last; -1 for none. */
  get runsAt(): number {
    return this.#effects.checks.node;
  }

  /** What broke since `begin`. */
  get violation(): Violation | undefined {
    return this.#effects.checks.violation;
  }

  /** The word that the op at a node is on for an actor; -1 for none. */
  wordOf(node: number, actor: number): number {
    return this.#effects.wordOf(node, this.system.registersOf(actor));
  }

  /** Runs the checks of finished runs on the state; the most urgent violation, if any. */
  finish(): Violation | undefined {
    this.begin();
    this.#effects.checks.finish();
    return this.violation;
  }

  /** Asks what must always hold of the state, which is the initial one; the most urgent violation, if any. */
  initially(): Violation | undefined {
    this.begin();
    this.#effects.checks.begin();
    return this.violation;
  }

  /** What is asked when the step is over. */
  get asked(): readonly ProgramCheck[] {
    return this.#effects.checks.asked;
  }

  /** A step has come to its end: asks the checks whose words it changed. */
  settle(): void {
    if (this.#effects.checks.pending !== 0) this.#effects.checks.settle();
  }

  /** A step begins. */
  begin(): void {
    this.#effects.checks.forget();
    this.#effects.checks.drop();
    this.executed = 0;
  }

  /** Executes the op at a node; the edge to follow, EDGE_BLOCKED or EDGE_VIOLATION. */
  run(actor: number, node: number, choice: number, registers: number): number {
    const { nodes } = this.system.program.automaton;
    this.executed++;
    this.#effects.checks.node = node;
    switch (nodes[node + Field.code]) {
      case Opcode.Word:
        return this.#runWord(node, registers);
      case Opcode.Compute:
        return this.#runCompute(node, registers);
      default:
        return this.#runOther(actor, node, choice, registers);
    }
  }

  /** Notes what an op returned; throws a surprise if the view does not reckon with it. */
  #returned(node: number, result: number): void {
    if (!this.system.view.knows(node, result)) {
      throw new Surprise({ what: 'result', op: this.met.keyOf(node), result });
    }
    this.coverage.add(node, result);
  }

  #runWord(node: number, registers: number): number {
    const { state } = this;
    const word = this.#effects.wordOf(node, registers);
    const seen = state[word];
    const slot = seen - WORD_LOW;
    const entry = slot >>> 0 < WORD_SPAN ? this.#rowOf(node) + slot * 2 : -1;
    let edge = entry < 0 ? 0 : this.#words[entry + 1];
    if (edge === 0) edge = this.#evaluateWord(node, seen, entry);
    if (edge < 0) {
      if (edge === EDGE_VIOLATION) this.#reportWord(node, seen);
      return edge;
    }
    const value = entry < 0 ? this.#nextOf(node, seen) : this.#words[entry];
    if (value !== seen) this.#store(word, value);
    this.#record(node, seen);
    return edge;
  }

  #evaluateWord(node: number, seen: number, entry: number): number {
    const { automaton } = this.system.program;
    const op = automaton.opOf(node);
    const value = { what: 'value', base: op.spec.region?.base ?? -1, value: seen } as const;
    this.#agree(node, (member) => wordText(automaton.opOf(member).spec.word, seen), value);
    const word = op.spec.word;
    this.#sameForAll(op.spec, seen, (value) => wordText(word, value, value));
    let edge: number;
    let result = 0;
    if (word?.enabled !== undefined && !word.enabled(seen)) edge = EDGE_BLOCKED;
    else if (word?.violation?.(seen) !== undefined) edge = EDGE_VIOLATION;
    else {
      result = (word?.result?.(seen) ?? 0) | 0;
      this.#returned(node, result);
      edge = automaton.edge(node, result);
    }
    if (edge === EDGE_VIOLATION) this.coverage.add(node, -1);
    if (entry >= 0) {
      this.#words[entry] = this.#nextOf(node, seen);
      this.#words[entry + 1] = edge;
    }
    return edge;
  }

  #nextOf(node: number, seen: number): number {
    const { word } = this.system.program.automaton.opOf(node).spec;
    return (word?.next?.(seen) ?? seen) | 0;
  }

  #reportWord(node: number, seen: number): void {
    const { label, word } = this.system.program.automaton.opOf(node).spec;
    const wrong = word?.violation?.(seen);
    if (wrong !== undefined) this.#effects.checks.report({ ...wrong, rule: label });
  }

  #runCompute(node: number, registers: number): number {
    const { operands = [], writes } = this.system.program.automaton.opOf(node).spec;
    const values = operands.map((operand) => {
      if (operand instanceof Identity) return operand.index + 1;
      return this.state[this.#operandWord(node, operand, registers)];
    });
    const { result, after } = this.#compute(node, values);
    if (result === BLOCKED) return EDGE_BLOCKED;
    operands.forEach((operand, place) => {
      if (!writes || operand instanceof Ref || operand instanceof Identity) return;
      const word = this.#operandWord(node, operand, registers);
      if (this.state[word] !== after[place]) this.#store(word, after[place]);
    });
    this.#record(node, 0);
    return this.system.program.automaton.edge(node, result);
  }

  /** A compute op on values, remembered while they are few and small. */
  #compute(node: number, values: readonly number[]): Computed {
    let key = values.length > 5 ? -1 : 0;
    for (const value of values) {
      const slot = value - COMPUTE_LOW;
      if (slot >>> 0 >= 64) key = -1;
      else if (key >= 0) key = key * 64 + slot;
    }
    const id = node / NODE_WORDS;
    let known = this.#computed[id];
    if (known === undefined) {
      known = new Map();
      this.#computed[id] = known;
    }
    let computed = key < 0 ? undefined : known.get(key);
    if (computed !== undefined) return computed;
    const { automaton } = this.system.program;
    for (const operand of automaton.opOf(node).spec.operands ?? []) if ('region' in operand) checkLooks(operand.region);
    const evaluate = (member: number): Computed => {
      const after = [...values];
      const result = automaton.opOf(member).spec.compute?.(after) ?? 0;
      return { result, after: after.map((value) => value | 0) };
    };
    this.#agree(node, (member) => JSON.stringify(evaluate(member)));
    computed = evaluate(node);
    if (computed.result !== BLOCKED) this.#returned(node, computed.result);
    if (key >= 0) known.set(key, computed);
    return computed;
  }

  #operandWord(node: number, operand: Exclude<ComputeOperand, Identity>, registers: number): number {
    if (operand instanceof Ref) return registers + operand.register;
    const { region, index } = operand;
    if (index instanceof Ref) {
      const position = this.state[registers + index.register] - 1;
      return position >= 0 && position < region.count
        ? region.base + position
        : this.system.program.automaton.refuseRef(node, position);
    }
    return region.base + (index instanceof Identity ? index.index : index);
  }

  #runOther(actor: number, node: number, choice: number, registers: number): number {
    const { automaton } = this.system.program;
    const { nodes } = automaton;
    const code = nodes[node + Field.code];
    if (code === Opcode.Choose && (nodes[node + Field.flags] & Flag.Continues) !== 0) {
      throw new ModelError(
        `${automaton.info(node).atomic} chooses "${automaton.opOf(node).spec.label}" in its midst; ` +
          'a choice must be the first op of an atomic section',
      );
    }
    const word = this.#effects.wordOf(node, registers);
    this.#noteWrites(node, word);
    if (nodes[node + Field.recording] !== 0) this.#noteRecordings(node, word < 0 ? 0 : this.state[word]);
    const edge = this.#effects.run(actor, node, choice, registers);
    if (edge === EDGE_VIOLATION) this.coverage.add(node, -1);
    else if (edge >= 0 && !this.coverage.has(node, this.#result)) this.#returned(node, this.#result);
    return edge;
  }

  /** Writes down every word of shared memory that an op may change, ghosts apart. Registers are restored from the slots. */
  #noteWrites(node: number, word: number): void {
    for (const { region, part, via } of this.#writesOf(node)) {
      if (via === 'pointer') {
        if (this.state[word] > 0) this.note(region.base + this.state[word] - 1);
      } else if (via === 'claim') {
        for (let i = 0; i < region.count; i++) this.note(region.base + i);
      } else for (let i = 0; i < region.planes.length; i++) this.note(word + region.planes[i] + part * region.count);
    }
  }

  #writesOf(node: number): readonly WordAccess[] {
    const id = node / NODE_WORDS;
    this.#writes[id] ??= accessesOf(this.system.program.automaton.opOf(node)).filter(
      (access) => mayWrite(access) && access.via !== 'ghost',
    );
    return this.#writes[id];
  }

  #record(node: number, seen: number): void {
    const list = this.system.program.automaton.nodes[node + Field.recording];
    if (list === 0) return;
    const recordings = this.system.program.automaton.recordings[list - 1];
    for (let place = 0; place < recordings.length; place++) {
      const word = recordings[place].word;
      const after = this.#recordedValue(node, list, place, this.state[word], seen);
      if (after !== this.state[word]) this.#store(word, after);
    }
  }

  /** The same for an op whose ghost updates Effects makes. */
  #noteRecordings(node: number, seen: number): void {
    const list = this.system.program.automaton.nodes[node + Field.recording];
    const recordings = this.system.program.automaton.recordings[list - 1];
    for (let place = 0; place < recordings.length; place++) {
      const word = recordings[place].word;
      this.#recordedValue(node, list, place, this.state[word], seen);
      this.note(word);
    }
  }

  #recordedValue(node: number, list: number, place: number, ghost: number, seen: number): number {
    const row = ghost - WORD_LOW;
    const column = seen - WORD_LOW;
    const small = row >>> 0 < WORD_SPAN && column >>> 0 < WORD_SPAN;
    const table = this.#recordingTable(list, place);
    const known = small ? table[row * WORD_SPAN + column] : UNKNOWN;
    if (known !== UNKNOWN) return known;
    const { automaton } = this.system.program;
    const evaluate = (member: number, value: number): number => {
      const recordings = automaton.recordings[automaton.nodes[member + Field.recording] - 1];
      return recordings[place].update(ghost, value) | 0;
    };
    this.#agree(node, (member) => String(evaluate(member, seen)));
    this.#sameForAll(automaton.opOf(node).spec, seen, (value) => String(evaluate(node, value)));
    const after = evaluate(node, seen);
    if (small) table[row * WORD_SPAN + column] = after;
    return after;
  }

  #recordingTable(list: number, place: number): Int32Array {
    let tables = this.#recorded[list];
    if (tables === undefined) {
      tables = [];
      this.#recorded[list] = tables;
    }
    tables[place] ??= new Int32Array(WORD_SPAN * WORD_SPAN).fill(UNKNOWN);
    return tables[place];
  }

  /** Throws a surprise if an op on a ref cell does to one identity what it does not do to another. */
  #sameForAll({ region, label }: OpSpec, seen: number, answer: (value: number) => string): void {
    const domain = region?.refTo;
    if (domain === undefined || seen <= 0 || !this.system.watched.has(domain)) return;
    const expected = answer(1);
    for (let value = 2; value <= domain.count; value++) {
      if (answer(value) === expected) continue;
      throw new Surprise({
        what: 'asymmetry',
        reason: `"${label}" on ${region?.name} tells one ${domain.name} from another`,
      });
    }
  }

  /** Throws a surprise unless all nodes of a class answer alike; `fact` tells them apart, if anything does. */
  #agree(node: number, answer: (member: number) => string, fact?: Fact): void {
    const members = this.system.view.members(node);
    if (members.length < 2) return;
    const expected = answer(node);
    if (members.some((member) => answer(member) !== expected)) {
      throw new Surprise(fact ?? { what: 'apart', op: this.met.keyOf(node) });
    }
  }

  #store(word: number, value: number): void {
    this.note(word);
    this.state[word] = value;
    if (this.checked[word] !== 0) this.#effects.checks.changed(word);
  }

  #rowOf(node: number): number {
    const id = node / NODE_WORDS;
    if (id >= this.#rows.length) this.#rows = grown(this.#rows, Math.max(id + 1, this.#rows.length * 2));
    if (this.#rows[id] === 0) {
      this.#rows[id] = this.#wordsUsed + 1;
      this.#wordsUsed += WORD_SPAN * 2;
      if (this.#wordsUsed > this.#words.length) this.#words = grown(this.#words, this.#wordsUsed * 2);
    }
    return this.#rows[id] - 1;
  }
}

/**
 * What a word op does to a value, as text to compare. With `self` a new value that equals it is written as the same,
 * so that two identities which an op leaves alone compare equal.
 */
export function wordText(word: WordFunction | undefined, seen: number, self?: number): string {
  if (word === undefined) return '';
  if (word.enabled !== undefined && !word.enabled(seen)) return 'waits';
  const wrong = word.violation?.(seen);
  if (wrong !== undefined) return JSON.stringify(wrong);
  const next = (word.next?.(seen) ?? seen) | 0;
  return `${next === self ? 'same' : next},${(word.result?.(seen) ?? 0) | 0}`;
}
