/**
 * Merging: which local states can stand for each other.
 *
 * Two nodes of a completed automaton are equivalent when they run the same op on the same cells and operands, and go on
 * to equivalent nodes on every result, with the registers that are live there in the same places: a bisimulation, found
 * by partition refinement (Kanellakis and Smolka). Neither the path to a node nor the functions around it count, but for
 * the name of the innermost one, which findings print. Ops that are closures are told apart by what they do to the
 * values that were met; should two merged ones differ on another value, the search notices (met.ts). Used by `verify`.
 */

import { AGAIN, type Automaton, DONE, Field, Flag, NODE_WORDS } from '../core/automaton/automaton.js';
import { numbered } from '../core/numbered.js';
import { refOperandsOf } from '../core/ops/accesses.js';
import { type ComputeOperand, Opcode } from '../core/ops/op.js';
import { type Domain, Identity, type Index, Ref } from '../core/ops/ref.js';
import { functionAt } from '../core/story/signature.js';
import { type Completion, THROWS } from './complete.js';
import { liveRegisters, loadedRegister, registerDomain } from './live-registers.js';
import { wordText } from './local-ops.js';
import type { LocalView } from './local-view.js';
import type { Met } from './met.js';
import { routePlaceOf } from './place.js';

/** Equivalent nodes as one local state. */
export class MergedView implements LocalView {
  readonly slots: number;
  /** Number of classes of equivalent nodes. */
  readonly classes: number;
  readonly #representatives: Int32Array;
  readonly #members = new Map<number, number[]>();
  readonly #live: ReadonlyMap<number, Int32Array>;

  constructor(
    readonly automaton: Automaton,
    readonly completion: Completion,
    met: Met,
  ) {
    this.#live = liveRegisters(automaton, completion);
    this.slots = Math.max(0, ...[...this.#live.values()].map(({ length }) => length));
    this.#representatives = new Int32Array(automaton.size).fill(-1);
    this.#representatives[DONE] = DONE;
    const classOf = new Refinement(automaton, completion, this.#live, met).classes();
    const first = new Map<number, number>();
    for (const node of completion.nodes) {
      const number = classOf.get(node) as number;
      const representative = first.get(number) ?? node;
      first.set(number, representative);
      this.#representatives[node / NODE_WORDS] = representative;
      const members = this.#members.get(representative);
      if (members === undefined) this.#members.set(representative, [node]);
      else members.push(node);
    }
    this.classes = first.size;
  }

  representative(node: number): number {
    return this.#representatives[node / NODE_WORDS] ?? -1;
  }

  members(node: number): readonly number[] {
    return this.#members.get(this.representative(node)) ?? [];
  }

  knows(node: number, result: number): boolean {
    return this.completion.edges.get(node)?.results.includes(result) ?? false;
  }

  live(node: number): Int32Array {
    return this.#live.get(node) as Int32Array;
  }
}

/** A node's edges with what matters of them: the result, whether it is a retry, the target, where its registers come from. */
interface Onward {
  readonly result: number;
  readonly again: boolean;
  readonly target: number;
  readonly slots: string;
}

/** The coarsest partition of the nodes that is a bisimulation. */
class Refinement {
  readonly #onward = new Map<number, readonly Onward[]>();
  readonly #domains = new Map<Domain, number>();

  constructor(
    readonly automaton: Automaton,
    readonly completion: Completion,
    readonly live: ReadonlyMap<number, Int32Array>,
    readonly met: Met,
  ) {
    for (const node of completion.nodes) this.#onward.set(node, this.#onwardOf(node));
  }

  /** The class of each node. */
  classes(): ReadonlyMap<number, number> {
    const { tree, first, own } = this.#consed();
    // Trees that are equal but for their place are one by now, so the rounds below go over a fraction of the nodes.
    const nodes = [...first.values()];
    const numbers = new Map<string, number>();
    let partition = new Map(nodes.map((node) => [node, numbered(numbers, own.get(node) as string)]));
    for (let count = 0; count !== numbers.size; ) {
      count = new Set(partition.values()).size;
      numbers.clear();
      const before = partition;
      const classOf = (node: number): number => before.get(first.get(tree.get(node) as number) as number) as number;
      partition = new Map(
        nodes.map((node) => {
          const onward = this.#onwardText(node, ({ target }) => classOf(target));
          return [node, numbered(numbers, `${before.get(node)}|${onward}`)];
        }),
      );
    }
    return new Map([...tree].map(([node, number]) => [node, partition.get(first.get(number) as number) as number]));
  }

  /** Merges nodes whose trees are equal, retries leading to the very same node: one pass from the last node to the first. */
  #consed(): {
    readonly tree: ReadonlyMap<number, number>;
    readonly first: ReadonlyMap<number, number>;
    readonly own: ReadonlyMap<number, string>;
  } {
    const tree = new Map<number, number>();
    const first = new Map<number, number>();
    const own = new Map<number, string>();
    const numbers = new Map<string, number>();
    const { nodes } = this.completion;
    for (let i = nodes.length - 1; i >= 0; i--) {
      const node = nodes[i];
      const text = this.#ownText(node);
      own.set(node, text);
      const onward = this.#onwardText(node, ({ again, target }) => (again ? target : (tree.get(target) as number)));
      const number = numbered(numbers, `${text}|${onward}`);
      tree.set(node, number);
      if (!first.has(number)) first.set(number, node);
    }
    return { tree, first, own };
  }

  #onwardText(node: number, target: (onward: Onward) => number): string {
    let text = '';
    for (const onward of this.#onward.get(node) as readonly Onward[]) {
      const { result, again, slots } = onward;
      const to = onward.target === THROWS ? 'throws' : target(onward);
      text += `${result}${again ? 'a' : ':'}${to}(${slots})`;
    }
    return text;
  }

  #onwardOf(node: number): readonly Onward[] {
    const { results, edges } = this.completion.edges.get(node) as {
      results: readonly number[];
      edges: readonly number[];
    };
    const here = this.live.get(node) as Int32Array;
    return edges.map((edge, i) => {
      const target = edge === THROWS ? THROWS : edge & ~AGAIN;
      const loaded = loadedRegister(this.automaton, node, results[i]);
      const there = target === THROWS ? [] : [...(this.live.get(target) as Int32Array)];
      const slots = there.map((register) => (register === loaded ? 'new' : here.indexOf(register))).join();
      return { result: results[i], again: edge !== THROWS && (edge & AGAIN) !== 0, target, slots };
    });
  }

  /** Everything about a node but where it leads. */
  #ownText(node: number): string {
    const { automaton, met } = this;
    const { nodes } = automaton;
    const { op } = automaton.info(node);
    if (op === undefined) return `return ${nodes[node + Field.a]}`;
    const { spec, recordings } = op;
    const live = this.live.get(node) as Int32Array;
    // Operands that are refs lie in the first fields.
    const refs = refOperandsOf(spec).length;
    const fields = [Field.a, Field.b, Field.c, Field.base, Field.stride].map((field, place) =>
      place < refs && nodes[node + field] >= 0 ? `slot ${live.indexOf(nodes[node + field])}` : nodes[node + field],
    );
    const register = nodes[node + Field.register];
    const values = spec.code === Opcode.Word ? met.values(spec.region?.base ?? -1) : [];
    return [
      spec.code,
      spec.label,
      spec.result,
      nodes[node + Field.flags] & (Flag.Writes | Flag.Blocks | Flag.Continues),
      spec.region?.name,
      ...fields,
      register < 0 ? '' : `slot ${live.indexOf(register)}`,
      (spec.operands ?? []).map((operand) => operandText(operand, live)),
      spec.misuse,
      JSON.stringify(spec.lock),
      // What is fair is so at its place, and places must stay apart.
      spec.fair === true ? routePlaceOf(automaton, node) : '',
      recordings.map(({ word }) => word),
      values.map((value) => wordText(spec.word, value)),
      functionAt(automaton, node),
      Array.from(live, (each) => this.#domainText(registerDomain(automaton, node, each))),
      met.isApart(node) ? node : '',
    ].join('|');
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
