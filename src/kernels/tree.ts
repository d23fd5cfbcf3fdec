/**
 * Trees of remembered steps (src/space/step-tree.ts), walked where they lie. AssemblyScript, part of each kernel.
 */

/** The word at a place of the trees, which begin at `words`. */
export function wordAt(words: usize, place: i32): i32 {
  return load<i32>(words + ((<usize>place) << 2));
}

/** The child of an inner node that the state packed at `state` goes to. */
export function childOf(words: usize, node: i32, state: usize): i32 {
  const at = words + ((<usize>node) << 2);
  const packed = load<u32>(state + ((<usize>load<u32>(at)) << 2));
  const code = (packed >> load<u32>(at, 4)) & load<u32>(at, 8);
  return load<i32>(at + ((<usize>code) << 2), 12);
}
