/**
 * Merging: which local states can stand for each other.
 *
 * Two nodes of a completed automaton are equivalent when they run the same op on the same cells and operands, and go on
 * to equivalent nodes on every result, with the registers that are live there in the same places: a bisimulation, found
 * by partition refinement (Kanellakis and Smolka). Neither the path to a node nor the functions around it count, but for
 * the name of the innermost one, which findings print. Ops that are closures are told apart by what they do to the
 * values that were met; should two merged ones differ on another value, the search notices (met.ts). Used by `verify`.
 */

import { AGAIN, type Automaton, DONE, NODE_WORDS } from '../core/automaton/automaton.js';
import { numbered } from '../core/numbered.js';
import { type Completion, type LocalEdges, THROWS } from './complete.js';
import { liveRegisters, loadedRegister } from './live-registers.js';
import type { LocalView } from './local-view.js';
import type { NodeTexts } from './node-texts.js';

const NO_REGISTERS = new Int32Array(0);

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
    texts: NodeTexts,
  ) {
    this.#live = liveRegisters(automaton, completion);
    this.slots = Math.max(0, ...[...this.#live.values()].map(({ length }) => length));
    this.#representatives = new Int32Array(automaton.size).fill(-1);
    this.#representatives[DONE] = DONE;
    const classOf = new Refinement(automaton, completion, this.#live, texts).classes();
    const first = new Map<number, number>();
    for (const [place, node] of completion.nodes.entries()) {
      const number = classOf[place];
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

/** A node's edge with what matters of it: the result, whether it is a retry, the target, where its registers come from. */
interface Onward {
  readonly target: number;
  readonly again: boolean;
  /** The text of the edge before its target, and behind it. */
  readonly before: string;
  readonly slots: string;
}

/** The coarsest partition of the nodes that is a bisimulation. */
class Refinement {
  /** By number of the node (node / NODE_WORDS), as all arrays here. */
  readonly #onward: (readonly Onward[])[] = [];

  constructor(
    readonly automaton: Automaton,
    readonly completion: Completion,
    readonly live: ReadonlyMap<number, Int32Array>,
    readonly texts: NodeTexts,
  ) {
    for (const node of completion.nodes) this.#onward[node / NODE_WORDS] = this.#onwardOf(node);
  }

  /** The class of each node, in the order of the nodes. */
  classes(): readonly number[] {
    const { tree, first, own } = this.#consed();
    // Trees that are equal but for their place are one by now, so the rounds below go over a fraction of the nodes.
    const nodes = [...first.values()];
    const numbers = new Map<string, number>();
    const owns = new Map<number, number>();
    /** The class of each tree. */
    let partition = nodes.map((node) => numbered(owns, own[node / NODE_WORDS]));
    for (let count = 0, most = owns.size; count !== most; most = numbers.size) {
      count = new Set(partition).size;
      numbers.clear();
      const before = partition;
      const classOf = ({ target }: Onward): number => before[tree[target / NODE_WORDS]];
      partition = nodes.map((node, place) => numbered(numbers, `${before[place]}|${this.#onwardText(node, classOf)}`));
    }
    return this.completion.nodes.map((node) => partition[tree[node / NODE_WORDS]]);
  }

  /**
   * Merges nodes whose trees are equal, retries leading to the very same node: one pass from the last node to the first.
   * Trees have numbers, and `first` has the node of each that was met first, in the order of these.
   */
  #consed(): {
    readonly tree: Int32Array;
    readonly first: ReadonlyMap<number, number>;
    readonly own: Int32Array;
  } {
    const tree = new Int32Array(this.automaton.size).fill(-1);
    const own = new Int32Array(this.automaton.size);
    const first = new Map<number, number>();
    const numbers = new Map<string, number>();
    const { nodes } = this.completion;
    const treeOf = ({ again, target }: Onward): number => (again ? target : tree[target / NODE_WORDS]);
    for (let i = nodes.length - 1; i >= 0; i--) {
      const node = nodes[i];
      const text = this.texts.numberOf(node, this.live.get(node) as Int32Array);
      own[node / NODE_WORDS] = text;
      const number = numbered(numbers, `${text}|${this.#onwardText(node, treeOf)}`);
      tree[node / NODE_WORDS] = number;
      if (!first.has(number)) first.set(number, node);
    }
    return { tree, first, own };
  }

  #onwardText(node: number, numberOf: (onward: Onward) => number): string {
    let text = '';
    for (const onward of this.#onward[node / NODE_WORDS]) {
      text += onward.before + (onward.target === THROWS ? 'throws' : numberOf(onward)) + onward.slots;
    }
    return text;
  }

  #onwardOf(node: number): readonly Onward[] {
    const { results, edges } = this.completion.edges.get(node) as LocalEdges;
    const here = this.live.get(node) as Int32Array;
    return edges.map((edge, i) => {
      const target = edge === THROWS ? THROWS : edge & ~AGAIN;
      const again = edge !== THROWS && (edge & AGAIN) !== 0;
      const loaded = loadedRegister(this.automaton, node, results[i]);
      let slots = '(';
      for (const register of target === THROWS ? NO_REGISTERS : (this.live.get(target) as Int32Array)) {
        slots += register === loaded ? 'new,' : `${here.indexOf(register)},`;
      }
      return { target, again, before: `${results[i]}${again ? 'a' : ':'}`, slots };
    });
  }
}
