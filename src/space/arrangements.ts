/**
 * Arrangements: the orders in which a few things can stand. Used by canonical.ts.
 */

/** Whether the first row comes before the second. */
export function comesFirst(left: Int32Array, right: Int32Array): boolean {
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return left[i] < right[i];
  return false;
}

/** Number of orders of that many items. */
export function orderCount(items: number): number {
  let count = 1;
  for (let item = 2; item <= items; item++) count *= item;
  return count;
}

/** All orders of the items of some runs in which those of each run keep theirs; the given one first. */
export function interleavings(runs: readonly (readonly number[])[]): number[][] {
  const rest = runs.filter((run) => run.length > 0);
  if (rest.length === 0) return [[]];
  return rest.flatMap((run) =>
    interleavings(rest.map((each) => (each === run ? run.slice(1) : each))).map((tail) => [run[0], ...tail]),
  );
}
