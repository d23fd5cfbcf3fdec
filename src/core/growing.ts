/**
 * Growing: a cell whose values had no end as far as a run went. Found by the engines where a run was given up, and named
 * by the reports: what grows for ever is why.
 */

/** A cell, or an array of cells, with the values that were seen. */
export interface GrowingCell {
  readonly cell: string;
  readonly least: number;
  readonly most: number;
}

/** Fewer values than this are few enough for a counter that has an end. */
const MANY = 16;

/** What grows as the square root does grows by more in a part that is twice as long; what wraps, by less in the end. */
const FURTHER = 1.25;

/**
 * Whether values grow: they went further with each of three parts of a run, of which each is twice as long as the one
 * before. `extremes`: the furthest from where they began, within each part.
 */
export function growsOn(extremes: readonly [number, number, number]): boolean {
  const [first, second, third] = extremes;
  return first * FURTHER < second && second * FURTHER < third && third >= MANY;
}
