/**
 * Roots: where calls start, one for each routine with its arguments. Used by the automaton only.
 */

import type { ErrorResults } from '../ops/irreversible.js';
import { Identity } from '../ops/ref.js';
import type { Routine } from '../ops/routine.js';

/** A routine with its arguments: where calls start. */
export interface Root {
  readonly name: string;
  /** The generator function that is run. */
  readonly routine: (...args: never[]) => Routine<unknown>;
  readonly args: readonly unknown[];
  /** Which of its results are errors, where the model says so. */
  readonly errors?: ErrorResults | undefined;
  /** Offset of the first node. */
  node: number;
}

/** Key of a root in the tree of routines and arguments; a symbol, so that no argument equals it. */
const ROOT = Symbol('root');

/** A tree: the routine, then one argument after the other. */
export class Roots {
  readonly #tree = new Map<unknown, unknown>();

  /** The root for a routine with arguments, made on first use; identities travel in registers and share one root. */
  get(routine: Root['routine'], args: readonly unknown[], errors: Root['errors'], make: () => Root): Root {
    let level = this.#tree;
    for (const key of [routine, ...args.map((arg) => (arg instanceof Identity ? arg.domain : arg))]) {
      const next = (level.get(key) as Map<unknown, unknown> | undefined) ?? new Map<unknown, unknown>();
      level.set(key, next);
      level = next;
    }
    if (errors !== undefined) {
      const own = (level.get(errors) as Map<unknown, unknown> | undefined) ?? new Map<unknown, unknown>();
      level.set(errors, own);
      level = own;
    }
    const root = (level.get(ROOT) as Root | undefined) ?? make();
    level.set(ROOT, root);
    return root;
  }
}
