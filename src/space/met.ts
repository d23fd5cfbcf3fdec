/**
 * Met: which values cells were seen to hold and ops to return.
 *
 * Automata are completed over these (complete.ts). A search over merged local states that meets one more throws a
 * `Surprise`; the caller learns it, completes and merges again and starts over. So a search that came to its end met
 * nothing that its merging did not know. What was met is named by texts and not by nodes, so it can be told to another
 * thread.
 */

import { type Automaton, NODE_WORDS } from '../core/automaton/automaton.js';
import { signatureOf } from '../core/ops/op.js';
import { functionAt } from '../core/story/signature.js';

/** Something that was met; plain data. */
export type Fact =
  /** A cell of the region that begins at `base` held a value. */
  | { readonly what: 'value'; readonly base: number; readonly value: number }
  /** Ops that look like this returned a result. */
  | { readonly what: 'result'; readonly op: string; readonly result: number }
  /** Ops that look like this do different things. */
  | { readonly what: 'apart'; readonly op: string }
  /** Why identities that should be interchangeable are not. */
  | { readonly what: 'asymmetry'; readonly reason: string };

/** Thrown by a step that met something which the merging did not know. */
export class Surprise extends Error {
  constructor(readonly fact: Fact) {
    super(JSON.stringify(fact));
  }
}

/** What occurred so far. */
export class Met {
  /** Why identities that should be interchangeable are not. */
  readonly asymmetries: string[] = [];
  /** Grows with everything that was not met before. */
  version = 0;
  readonly #values = new Map<number, Set<number>>();
  readonly #results = new Map<string, Set<number>>();
  readonly #apart = new Set<string>();
  readonly #keys: string[] = [];
  /** The sets in `#results`, by node: random walks come by the same nodes again and again. */
  readonly #resultsAt: Set<number>[] = [];

  constructor(readonly automaton: Automaton) {}

  /** Takes in a fact. */
  learn(fact: Fact): void {
    switch (fact.what) {
      case 'value':
        this.addValue(fact.base, fact.value);
        break;
      case 'result':
        this.#add(setOf(this.#results, fact.op), fact.result);
        break;
      case 'apart':
        this.#add(this.#apart, fact.op);
        break;
      case 'asymmetry':
        this.asymmetries.push(fact.reason);
        this.version++;
    }
  }

  /** Everything that was met, in a fixed order. */
  facts(): readonly Fact[] {
    return [
      ...[...this.#values].flatMap(([base, set]) => sorted(set).map((value): Fact => ({ what: 'value', base, value }))),
      ...[...this.#results].flatMap(([op, set]) => sorted(set).map((result): Fact => ({ what: 'result', op, result }))),
      ...[...this.#apart].map((op): Fact => ({ what: 'apart', op })),
      ...this.asymmetries.map((reason): Fact => ({ what: 'asymmetry', reason })),
    ];
  }

  /** Notes that a cell of the region that begins at `base` held a value. */
  addValue(base: number, value: number): void {
    this.#add(setOf(this.#values, base), value);
  }

  /** Notes what the op at a node returned. */
  addResult(node: number, result: number): void {
    this.#resultsAt[node / NODE_WORDS] ??= setOf(this.#results, this.keyOf(node));
    this.#add(this.#resultsAt[node / NODE_WORDS], result);
  }

  /** Whether ops that look like the one at a node do different things. */
  isApart(node: number): boolean {
    return this.#apart.has(this.keyOf(node));
  }

  /** The values that cells of the region that begins at `base` were seen to hold, ascending. */
  values(base: number): readonly number[] {
    return sorted(this.#values.get(base));
  }

  /** What ops that look like the one at a node were seen to return, ascending. */
  results(node: number): readonly number[] {
    return sorted(this.#results.get(this.keyOf(node)));
  }

  /** Equal for ops of one function that look the same. */
  keyOf(node: number): string {
    this.#keys[node / NODE_WORDS] ??= `${functionAt(this.automaton, node)}: ${signatureOf(this.automaton.opOf(node))}`;
    return this.#keys[node / NODE_WORDS];
  }

  #add<T>(set: Set<T>, one: T): void {
    if (set.has(one)) return;
    set.add(one);
    this.version++;
  }
}

function setOf<K>(sets: Map<K, Set<number>>, key: K): Set<number> {
  let set = sets.get(key);
  if (set === undefined) {
    set = new Set();
    sets.set(key, set);
  }
  return set;
}

function sorted(set: ReadonlySet<number> | undefined): readonly number[] {
  return [...(set ?? [])].sort((left, right) => left - right);
}
