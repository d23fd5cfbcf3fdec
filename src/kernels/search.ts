/**
 * Search kernel: takes up states of a search whose steps are all remembered. AssemblyScript; dist/kernels/search.wasm.
 */

import { leafBelow } from './tree';

/** The leaf of a step. */
export function leaf(words: usize, tree: i32, state: usize): i32 {
  return leafBelow(words, tree, state);
}
