/**
 * Lock edges: that a lock was wanted while another one was held, the words for locks, and rings. Used by lock order.
 */

/** How a lock is held or wanted. */
export type LockSide = 'read' | 'write';

/** A lock in somebody's hands. */
export interface LockHold {
  /** As traces print it. */
  readonly name: string;
  readonly as: LockSide;
}

/** A lock that was wanted while another was held. */
export interface LockEdge {
  /** Name of the lock that was held, as traces print it. */
  readonly held: string;
  readonly heldAs: LockSide;
  readonly wanted: string;
  readonly wantedAs: LockSide;
  /** What else was held. */
  readonly others: readonly LockHold[];
  /** The function that wanted it. */
  readonly function: string;
  /** Number of the first state in which an actor wanted it. */
  readonly state: number;
  readonly actor: number;
}

/** An edge with the classes of its locks, and the local state of who wanted. */
export interface FoundEdge extends LockEdge {
  readonly from: string;
  readonly to: string;
  readonly local: number;
}

/** The class of a lock by its name: `folio_lock` of `folio_lock[3]`. */
export function lockClass(name: string): string {
  return name.replace(/\[\d+\]$/, '');
}

/** The shortest way from something back to it, by what comes after what; undefined without one. */
export function shortestRing<T>(start: T, after: (last: T) => Iterable<T>): readonly T[] | undefined {
  const paths: T[][] = [[start]];
  const met = new Set<T>();
  for (const path of paths) {
    for (const next of after(path[path.length - 1])) {
      if (next === start) return path;
      if (met.has(next)) continue;
      met.add(next);
      paths.push([...path, next]);
    }
  }
  return undefined;
}
