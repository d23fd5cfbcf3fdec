/**
 * Node texts: what an op does, as a number that is equal for ops that do the same. What does not change while more is met is
 * written once for each node, however often its automaton is completed and merged. Used by merge.ts.
 */

import { type Automaton, Field, Flag, NODE_WORDS } from '../core/automaton/automaton.js';
import { numbered } from '../core/numbered.js';
import { refOperandsOf } from '../core/ops/accesses.js';
import { type ComputeOperand, Opcode } from '../core/ops/op.js';
import { type Domain, Identity, type Index, Ref } from '../core/ops/ref.js';
import { functionAt } from '../core/story/signature.js';
import { registerDomain } from './live-registers.js';
import { wordText } from './local-ops.js';
import type { Met } from './met.js';
import { routePlaceOf } from './place.js';

/** The fields that may hold refs as operands, in the order of the operands, and those behind them. */
const FIELDS = [Field.a, Field.b, Field.c, Field.base, Field.stride];

/** What is known of an op that works on the values which its cell may hold. */
interface OnValues {
  /** How many values that was said of. */
  readonly count: number;
  readonly number: number;
}

/** The ops of one automaton by numbers; registers do not count, but the places that they have among the live ones. */
export class NodeTexts {
  readonly #numbers = new Map<string, number>();
  readonly #fixed: number[] = [];
  readonly #onValues: (OnValues | undefined)[] = [];
  readonly #domains = new Map<Domain, number>();
  /** The values of cells by their region, and the version of what was met that they are of. */
  readonly #values = new Map<number, readonly number[]>();
  #version = -1;

  constructor(
    readonly automaton: Automaton,
    readonly met: Met,
  ) {}

  /** Everything about a node but where it leads; `live`: its live registers. */
  numberOf(node: number, live: Int32Array): number {
    const { automaton, met } = this;
    const { op } = automaton.info(node);
    this.#fixed[node / NODE_WORDS] ??= this.#fixedOf(node);
    let number = this.#fixed[node / NODE_WORDS];
    if (op === undefined) return number;
    if (op.spec.code === Opcode.Word) number = this.#numbered(`${number} on ${this.#onValuesOf(node)}`);
    const { operands } = op.spec;
    const refs = refOperandsOf(op.spec).length;
    const register = automaton.nodes[node + Field.register];
    if (live.length > 0 || refs > 0 || register >= 0 || operands !== undefined) {
      let text = `${number} at`;
      for (let place = 0; place < refs; place++) {
        const operand = automaton.nodes[node + FIELDS[place]];
        text += operand < 0 ? ` ${operand}` : ` slot ${live.indexOf(operand)}`;
      }
      if (register >= 0) text += ` by slot ${live.indexOf(register)}`;
      for (const operand of operands ?? []) text += ` ${operandText(operand, live)}`;
      for (const each of live) text += `|${this.#domainText(registerDomain(automaton, node, each))}`;
      number = this.#numbered(text);
    }
    return met.isApart(node) ? this.#numbered(`${number} apart ${node}`) : number;
  }

  /** What neither the live registers nor the values that were met change. */
  #fixedOf(node: number): number {
    const { automaton } = this;
    const { nodes } = automaton;
    const { op } = automaton.info(node);
    if (op === undefined) return this.#numbered(`return ${nodes[node + Field.a]}`);
    const { spec, recordings } = op;
    const refs = refOperandsOf(spec).length;
    const text = [
      spec.code,
      spec.label,
      spec.result,
      nodes[node + Field.flags] & (Flag.Writes | Flag.Blocks | Flag.Continues),
      spec.region?.name,
      ...FIELDS.map((field, place) => (place < refs ? '' : nodes[node + field])),
      spec.misuse,
      JSON.stringify(spec.lock),
      // What is fair is so at its place, and places must stay apart.
      spec.fair === true ? routePlaceOf(automaton, node) : '',
      recordings.map(({ word }) => word),
      functionAt(automaton, node),
    ];
    return this.#numbered(text.join('|'));
  }

  /** What a function of a word does to the values that were met there. */
  #onValuesOf(node: number): number {
    const { spec } = this.automaton.opOf(node);
    const values = this.#valuesOf(spec.region?.base ?? -1);
    let known = this.#onValues[node / NODE_WORDS];
    if (known?.count !== values.length) {
      const number = this.#numbered(`values ${values.map((value) => wordText(spec.word, value)).join()}`);
      known = { count: values.length, number };
      this.#onValues[node / NODE_WORDS] = known;
    }
    return known.number;
  }

  #valuesOf(base: number): readonly number[] {
    if (this.#version !== this.met.version) {
      this.#version = this.met.version;
      this.#values.clear();
    }
    let values = this.#values.get(base);
    if (values === undefined) {
      values = this.met.values(base);
      this.#values.set(base, values);
    }
    return values;
  }

  #numbered(text: string): number {
    return numbered(this.#numbers, text);
  }

  /** Registers that point into different domains are renamed apart by symmetry. */
  #domainText(domain: Domain | undefined): string {
    return domain === undefined ? '' : String(numbered(this.#domains, domain));
  }
}

function operandText(operand: ComputeOperand, live: Int32Array): string {
  const indexText = (index: Index): string => {
    if (index instanceof Ref) return `slot ${live.indexOf(index.register)}`;
    return String(index instanceof Identity ? index.index : index);
  };
  if (operand instanceof Ref || operand instanceof Identity) {
    return `${operand instanceof Identity ? 'identity ' : ''}${indexText(operand)}`;
  }
  return `${operand.region.base}+${indexText(operand.index)}`;
}
