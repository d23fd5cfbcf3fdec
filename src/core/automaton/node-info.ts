/**
 * Node info: what is known of a node of the automaton besides its words. Written by the automaton; read by reports.
 */

import type { Op } from '../ops/op.js';
import type { Ref } from '../ops/ref.js';
import type { Entered, Frame } from './feeder.js';
import type { Root } from './roots.js';

/** What reports need to know of a node. */
export interface NodeInfo {
  readonly op: Op<unknown> | undefined;
  readonly frame: Frame | undefined;
  /** Name of the atomic section the op lies in. */
  readonly atomic: string | undefined;
  /** What that section is about besides what its first op picks its cell by, if the model vouches for it (core/program/stripes.ts). */
  readonly striped: readonly Ref[] | undefined;
  readonly root: Root;
  readonly parent: number;
  readonly result: number;
  readonly depth: number;
  /** Loops that begin right before the op, and are in another round than their first. */
  readonly entered: readonly Entered[];
}

/** A derivation: what a routine does next after the op of a node returned `result`. */
export interface Derivation {
  readonly root: Root;
  /** Undefined: from the start of the routine. */
  readonly from: { readonly node: number; readonly result: number } | undefined;
}
