/**
 * Growth: which cells hold ever larger values the longer a run goes. A run that is given up at the step bound may have no
 * end because of them. Looked at while such a run is followed once more, so it costs the hot loop nothing. Used by the
 * shards.
 */

import { type GrowingCell, growsOn } from '../core/growing.js';
import type { Program } from '../core/program/program.js';

/** Steps between two looks at the cells. */
const STRIDE = 16;

/** An array of cells, and how far its values went in the run under way. */
interface Watched {
  readonly cell: string;
  readonly words: readonly number[];
  readonly start: number;
  /** The furthest from the start, in the first quarter of the run, the first half, and all of it. */
  readonly extremes: [number, number, number];
  least: number;
  most: number;
}

/** Watches the cells of one program. */
export class Growth {
  readonly #watched: readonly Watched[];
  readonly #found = new Map<string, GrowingCell>();

  constructor({ layout }: Program) {
    const initial = layout.initial();
    this.#watched = layout.regions
      .filter(({ kind, refTo }) => (kind === 'cell' || kind === 'ghost') && refTo === undefined)
      .map(({ name, base, count, width }) => ({
        cell: name,
        words: Array.from({ length: count * width }, (_, word) => base + word),
        start: initial[base],
        extremes: [0, 0, 0],
        ...{ least: initial[base], most: initial[base] },
      }));
  }

  /** A run begins. */
  begin(): void {
    for (const each of this.#watched) {
      each.extremes.fill(0);
      each.least = each.start;
      each.most = each.start;
    }
  }

  /** The run has taken `position` of `length` steps. */
  at(position: number, length: number, state: Int32Array): void {
    if (position % STRIDE !== 0) return;
    const part = position * 4 <= length ? 0 : position * 2 <= length ? 1 : 2;
    for (const each of this.#watched) {
      for (const word of each.words) {
        const value = state[word];
        each.least = Math.min(each.least, value);
        each.most = Math.max(each.most, value);
        const far = Math.abs(value - each.start);
        for (let later = part; later < 3; later++) each.extremes[later] = Math.max(each.extremes[later], far);
      }
    }
  }

  /** The run was followed to where it was given up. */
  end(): void {
    for (const { cell, extremes, least, most } of this.#watched) {
      if (growsOn(extremes)) addGrowing(this.#found, { cell, least, most });
    }
  }

  /** What grew in the runs since the last time. */
  take(): readonly GrowingCell[] {
    const found = [...this.#found.values()];
    this.#found.clear();
    return found;
  }
}

/** Adds a cell, with what was seen of it before. */
export function addGrowing(found: Map<string, GrowingCell>, { cell, least, most }: GrowingCell): void {
  const before = found.get(cell);
  found.set(cell, {
    cell,
    least: Math.min(least, before?.least ?? least),
    most: Math.max(most, before?.most ?? most),
  });
}
