/**
 * Met: which values cells were seen to hold and ops to return.
 *
 * Automata are completed over these (complete.ts). A search over merged local states that meets one more throws a
 * `Surprise`, having added it; the caller completes and merges again and starts over. So a search that came to its end
 * met nothing that its merging did not know.
 */

import { type Automaton, NODE_WORDS } from '../core/automaton.js';
import { signatureOf } from '../core/op.js';
import { functionOf } from '../core/signature.js';

/** Thrown by a step that met something which the merging did not know. */
export class Surprise extends Error {}

/** Values and results that occurred. */
export class Met {
  readonly #values = new Map<number, Set<number>>();
  readonly #results = new Map<string, Set<number>>();
  readonly #apart = new Set<string>();
  readonly #keys: string[] = [];

  constructor(readonly automaton: Automaton) {}

  /** Why identities that should be interchangeable are not. */
  readonly asymmetries: string[] = [];

  /** Notes that a cell of the region that begins at `base` held a value; whether that is new. */
  addValue(base: number, value: number): boolean {
    return added(this.#values, base, value);
  }

  /** Notes what the op at a node returned; whether that is new for ops that look like it. */
  addResult(node: number, result: number): boolean {
    return added(this.#results, this.#keyOf(node), result);
  }

  /** Notes that ops which look like the one at a node do different things. */
  keepApart(node: number): void {
    this.#apart.add(this.#keyOf(node));
  }

  /** Whether ops that look like the one at a node do different things. */
  isApart(node: number): boolean {
    return this.#apart.has(this.#keyOf(node));
  }

  /** The values that cells of the region that begins at `base` were seen to hold, ascending. */
  values(base: number): readonly number[] {
    return sorted(this.#values.get(base));
  }

  /** What ops that look like the one at a node were seen to return, ascending. */
  results(node: number): readonly number[] {
    return sorted(this.#results.get(this.#keyOf(node)));
  }

  /** Equal for ops of one function that look the same. */
  #keyOf(node: number): string {
    this.#keys[node / NODE_WORDS] ??= `${functionOf(this.automaton, node)}: ${signatureOf(this.automaton.opOf(node))}`;
    return this.#keys[node / NODE_WORDS];
  }
}

function added<K>(sets: Map<K, Set<number>>, key: K, value: number): boolean {
  let set = sets.get(key);
  if (set === undefined) sets.set(key, (set = new Set()));
  if (set.has(value)) return false;
  set.add(value);
  return true;
}

function sorted(set: ReadonlySet<number> | undefined): readonly number[] {
  return [...(set ?? [])].sort((left, right) => left - right);
}
