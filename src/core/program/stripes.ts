/**
 * Stripes: what a model vouches for on real threads.
 *
 * There a step of several accesses is one step because nobody else comes between them. Without further knowledge every
 * step excludes every other. A model may know of some of its sections that less is enough: that it suffices to exclude the
 * sections which start at the same thing (gfn 3, folio 7), and that certain single ops need not take part. Only code that
 * has an argument for that says so (src/gmem/stripes.ts), so models of users cannot; their steps, and those that a user
 * adds to a model that vouches for its own, exclude every other. Read by the live engine.
 */

import type { Op } from '../ops/op.js';

/** How an op keeps out of the way of others. */
export type Exclusion =
  /** A single op that may come between the ops of any section. */
  | 'none'
  /** By what its cell is picked by, or that of the first op of its section. */
  | 'own'
  /** Nothing is known of it: it excludes every other. */
  | 'all';

/** What a model knows of its steps. */
export interface Stripes {
  /** How an op is kept apart. `section`: the one it lies in; `striped` if it is one that the model vouches for. */
  exclusionOf(op: Op<unknown>, section: 'striped' | 'plain' | undefined): Exclusion;
}

const vouched = new WeakMap<object, Stripes>();

/** Notes what the model that a builder declares knows of its steps. */
export function vouchFor(builder: object, stripes: Stripes): void {
  vouched.set(builder, stripes);
}

/** What was noted of it; undefined for most. */
export function stripesOf(builder: object): Stripes | undefined {
  return vouched.get(builder);
}
