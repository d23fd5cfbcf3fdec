/**
 * Growth: which cells hold ever larger values the deeper a search goes. A search that was given up may have no end because
 * of them; nothing is said of one that came to its end. Used by `verify`.
 *
 * The packing knows every value that a cell was met with. What is looked for are cells whose furthest values lie deep
 * alone: a large domain that is met at once, such as the outcomes of a choice, does not grow.
 */

import { type GrowingCell, growsOn } from '../core/growing.js';
import type { Region } from '../core/ops/layout.js';
import type { Search } from './search.js';

/** States that are looked at, at most, beside the first ones. */
const SAMPLE = 16_384;
/** A search that is less deep says nothing. */
const DEEP = 8;

/** The cells and ghosts of a search that grow with its depth, in the order of their declaration. */
export function growingCells(search: Search): readonly GrowingCell[] {
  const { packing, system, table } = search;
  const candidates = system.program.layout.regions.filter(isNumber).flatMap((region) => {
    const words = Array.from({ length: region.count * region.width }, (_, word) => region.base + word);
    const values = words.flatMap((word) => [...packing.valuesOf(word)]);
    const [start] = packing.valuesOf(region.base);
    const [least, most] = [smallest(values), largest(values)];
    return { region, words, start, least, most, extremes: [0, 0, Math.max(most - start, start - least)] as Extremes };
  });
  if (candidates.every(({ extremes }) => !growsOn([0, 1, extremes[2]]))) return [];
  const depths = depthsOf(table.parents, table.size);
  const deepest = largest(depths);
  if (deepest < DEEP) return [];
  const row = system.initial.slice();
  const step = Math.max(1, Math.floor(table.size / SAMPLE));
  for (let state = 0; state < table.size; state += state < SAMPLE ? 1 : step) {
    const part = depths[state] * 4 <= deepest ? 0 : depths[state] * 2 <= deepest ? 1 : 2;
    if (part === 2) continue;
    packing.unpack(table.keys, state * table.width, row);
    for (const { words, start, extremes } of candidates) {
      for (const word of words) {
        const far = Math.abs(row[word] - start);
        for (let later = part; later < 2; later++) extremes[later] = Math.max(extremes[later], far);
      }
    }
  }
  return candidates
    .filter(({ extremes }) => growsOn(extremes))
    .map(({ region, least, most }) => ({ cell: region.name, least, most }));
}

type Extremes = [number, number, number];

/** Whether the words of a region are numbers, which may grow: refs and objects have a domain, and latches bits. */
function isNumber({ kind, refTo }: Region): boolean {
  return (kind === 'cell' || kind === 'ghost') && refTo === undefined;
}

/** Steps from the first state to each, on the path by which it was met; a place that holds no state has none. */
function depthsOf(parents: Int32Array, size: number): Int32Array {
  const depths = new Int32Array(size);
  for (let state = 0; state < size; state++) depths[state] = parents[state] < 0 ? 0 : depths[parents[state]] + 1;
  return depths;
}

function smallest(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
}

function largest(values: readonly number[] | Int32Array): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) most = Math.max(most, value);
  return most;
}
