/**
 * The name that was probably meant, for error sentences. Any floor from core upwards may import it.
 */

/**
 * Returns the allowed name nearest to what was written, or undefined when none is near: one edit for every three
 * characters. Edits are those of the optimal string alignment distance: insert, delete, replace, swap neighbours.
 */
export function nearestName(written: string, allowed: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let edits = Math.max(1, Math.floor(written.length / 3)) + 1;
  for (const name of allowed) {
    // A name that differs more in length cannot be nearer; this also bounds the work on absurdly long input.
    if (Math.abs(name.length - written.length) >= edits) continue;
    const distance = alignmentDistance(written, name);
    if (distance < edits) {
      edits = distance;
      nearest = name;
    }
  }
  return nearest;
}

function alignmentDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let best = Math.min(previous[column] + 1, current[column - 1] + 1, previous[column - 1] + (same ? 0 : 1));
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (row > 1 && column > 1 && swapped) best = Math.min(best, beforePrevious[column - 2] + 1);
      current.push(best);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[to.length];
}
