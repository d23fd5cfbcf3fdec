/**
 * Search layout: where what the search kernel works on lies in its memory, in bytes. Said once, by its other half
 * (src/verify/kernel-table.ts). AssemblyScript, part of the search kernel.
 */

/** Whether several threads share the table, each with a kernel and words of its own: said to the compiler (scripts/setup). */
export const IS_SHARED: bool = SHARED !== 0;

/** Words of all threads, and of this one. */
export let shared: usize = 0;
export let control: usize = 0;
export let words: usize = 0;
export let keys: usize = 0;
export let parents: usize = 0;
export let slots: usize = 0;
/** Successors that wait: packed, the state that each comes from, who took the step, its hash. */
export let buffer: usize = 0;
export let sources: usize = 0;
export let movers: usize = 0;
export let hashes: usize = 0;
/** By place in a call: who has to finish and has not. */
export let unfinished: usize = 0;
/** Four words for each actor: see search.ts and search-symmetry.ts. */
export let perActor: usize = 0;
export let looks: usize = 0;
/** Where states are sorted that are placed anew: SORTING_WORDS. */
export let sorting: usize = 0;

/** Words of a packed state. */
export let width: i32 = 0;

/** Says where the arrays lie. */
export function layOut(
  sharedAt: usize,
  controlAt: usize,
  wordsAt: usize,
  keysAt: usize,
  parentsAt: usize,
  slotsAt: usize,
  bufferAt: usize,
  sourcesAt: usize,
  moversAt: usize,
  hashesAt: usize,
  unfinishedAt: usize,
  perActorAt: usize,
  looksAt: usize,
  sortingAt: usize,
): void {
  shared = sharedAt;
  control = controlAt;
  words = wordsAt;
  keys = keysAt;
  parents = parentsAt;
  slots = slotsAt;
  buffer = bufferAt;
  sources = sourcesAt;
  movers = moversAt;
  hashes = hashesAt;
  unfinished = unfinishedAt;
  perActor = perActorAt;
  looks = looksAt;
  sorting = sortingAt;
}

/** States take so many words from now on. */
export function setWidth(words: i32): void {
  width = words;
}

/** A word that both halves read and write. */
export function told(word: i32): i32 {
  return load<i32>(control + ((<usize>word) << 2));
}

export function tell(word: i32, value: i32): void {
  store<i32>(control + ((<usize>word) << 2), value);
}
