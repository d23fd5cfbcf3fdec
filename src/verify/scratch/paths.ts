/**
 * Paths: how a search on disk came to what it found. A run keeps no parents, so a path is looked for backwards: the level before
 * is taken up once more, and the first of its states that leads there is the parent. Used by the scratch run.
 */

import { StateTable } from '../../space/state-table.js';
import type { StateSighting } from '../sightings.js';
import type { ScratchSearch } from './scratch-search.js';

/** A state on the way to something. */
interface Waypoint {
  /** As it is packed. */
  readonly packed: Int32Array;
  readonly level: number;
  parent: Waypoint | undefined;
}

/**
 * Looks for the paths to all states from which something was met first, and lets the search hold these alone, under numbers of
 * their own, as one that keeps parents does. Yields often.
 */
export function* keepPaths(found: ScratchSearch): Generator<void> {
  const { batches, sighted } = found;
  const { search } = batches;
  const { counts } = found;
  const points = new Waypoints(found);
  const targets = sighted.map(({ level, row }) => points.at(level, found.packed(row)));
  const deepest = sighted.reduce((most, { level }) => Math.max(most, level), 0);
  for (let level = deepest; level > 0; level--) yield* points.findParents(level);
  const { width } = search.table;
  const table = new StateTable(width, search.settings.memory);
  table.add(found.packed([...search.system.initial.subarray(0, search.system.fields)]), 0, -1);
  for (const { packed, parent } of points.all())
    table.add(packed, 0, parent === undefined ? -1 : table.find(parent.packed, 0));
  search.moveTo(table);
  search.transitions = counts.transitions;
  search.completed = counts.completed;
  search.deadlocked = counts.deadlocked;
  const { bySignature } = search.sightings;
  sighted.forEach(({ signature }, place) => {
    const sighting = bySignature.get(signature) as StateSighting;
    bySignature.set(signature, { ...sighting, state: table.find(targets[place].packed, 0) });
  });
}

/** States on the way to something, level by level. */
class Waypoints {
  readonly #levels: Map<string, Waypoint>[] = [];

  constructor(readonly found: ScratchSearch) {}

  /** The one for a state of a level. */
  at(level: number, packed: Int32Array): Waypoint {
    this.#levels[level] ??= new Map();
    const key = packed.join();
    let point = this.#levels[level].get(key);
    if (point === undefined) {
      point = { packed, level, parent: undefined };
      this.#levels[level].set(key, point);
    }
    return point;
  }

  /** All, those of the first level first. */
  all(): readonly Waypoint[] {
    return this.#levels.flatMap((points) => [...points.values()]);
  }

  /** Finds the parents of those on a level. */
  *findParents(level: number): Generator<void> {
    const { batches, levels } = this.found;
    const { search } = batches;
    const missing = new Set(this.#levels[level].values());
    for (const packed of this.found.statesOf(levels[level - 1], batches.sizes.states)) {
      yield* batches.run(packed, (taken) => {
        const { table } = search;
        const { width, parents, keys } = table;
        for (const point of missing) {
          const number = table.find(point.packed, 0);
          if (number < taken) continue;
          const parent = parents[number] * width;
          point.parent = this.at(level - 1, keys.slice(parent, parent + width));
          missing.delete(point);
        }
      });
      if (missing.size === 0) return;
    }
    throw new Error(`a state of level ${level} follows from none of the level before`);
  }
}
