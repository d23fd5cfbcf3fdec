/**
 * Computations: pure functions of several cells and refs, at run time. Used by effects and by readiness.
 */

import { type Automaton, NODE_WORDS as WORDS_OF_NODE } from '../automaton/automaton.js';
import { ModelError } from '../errors.js';
import { checkLooks } from '../ops/layout.js';
import { BLOCKED as BLOCKED_RESULT, type ComputeOperand } from '../ops/op.js';
import { Identity, Ref } from '../ops/ref.js';
import type { Memory } from './memory.js';

// The compiler folds a module's own constants into the code but looks imported ones up at every use.
const NODE_WORDS = WORDS_OF_NODE;
const BLOCKED = BLOCKED_RESULT;

/** Where an operand's value comes from: a constant, a register, a word, or a word picked by a register. */
interface Source {
  readonly constant: number | undefined;
  readonly base: number;
  readonly register: number;
  /** Number of words in the region. */
  readonly count: number;
}

/** A Compute op made ready to run. */
interface Computation {
  readonly sources: readonly Source[];
  readonly values: number[];
  readonly evaluate: (values: number[]) => number;
  readonly writes: boolean;
}

/** Runs compute ops. */
export class Computations {
  readonly #known: (Computation | undefined)[] = [];

  declare private readonly automaton: Automaton;
  declare private readonly memory: Memory;

  constructor(automaton: Automaton, memory: Memory) {
    this.automaton = automaton;
    this.memory = memory;
  }

  /** Evaluates the op at a node; with `commit` false it changes nothing. The result, or BLOCKED. */
  run(node: number, registers: number, commit: boolean): number {
    const { sources, values, evaluate, writes } = this.#of(node);
    const { state } = this.memory;
    for (let i = 0; i < sources.length; i++) {
      const { constant } = sources[i];
      values[i] = constant === undefined ? state[this.#word(node, sources[i], registers)] : constant;
    }
    const result = evaluate(values);
    if (!commit || !writes || result === BLOCKED) return result;
    for (let i = 0; i < sources.length; i++) {
      if (sources[i].constant !== undefined || sources[i].base < 0) continue;
      const word = this.#word(node, sources[i], registers);
      const value = values[i] | 0;
      if (state[word] !== value) this.memory.store(word, value);
    }
    return result;
  }

  /** Sets a bit, by which an actor is woken, in the interest of the words that its op, at a node, looks at. */
  watch(bit: number, node: number, registers: number): void {
    const { sources } = this.#of(node);
    for (let i = 0; i < sources.length; i++) {
      if (sources[i].base >= 0) this.memory.interest[this.#word(node, sources[i], registers)] |= 1 << bit;
    }
  }

  #word(node: number, { base, register, count }: Source, registers: number): number {
    if (register < 0) return base;
    if (base < 0) return registers + register;
    const position = this.memory.state[registers + register] - 1;
    return position >>> 0 < count ? base + position : this.automaton.refuseRef(node, position);
  }

  #of(node: number): Computation {
    const id = node / NODE_WORDS;
    return this.#known[id] ?? this.#prepare(node, id);
  }

  #prepare(node: number, id: number): Computation {
    const { operands = [], compute, writes } = this.automaton.opOf(node).spec;
    if (compute === undefined) throw new ModelError('a compute op without a function');
    for (const operand of operands) if ('region' in operand) checkLooks(operand.region);
    const computation = { sources: operands.map(sourceOf), values: operands.map(() => 0), evaluate: compute, writes };
    this.#known[id] = computation;
    return computation;
  }
}

function sourceOf(operand: ComputeOperand): Source {
  if (operand instanceof Identity) return { constant: operand.index + 1, base: -1, register: -1, count: 0 };
  if (operand instanceof Ref) return { constant: undefined, base: -1, register: operand.register, count: 0 };
  const { region, index } = operand;
  const { count } = region;
  if (index instanceof Ref) return { constant: undefined, base: region.base, register: index.register, count };
  const position = index instanceof Identity ? index.index : index;
  return { constant: undefined, base: region.base + position, register: -1, count };
}
