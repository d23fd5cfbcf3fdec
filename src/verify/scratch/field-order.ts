/**
 * Field order: which fields of a state come first in a sorted run. The difference of two neighbours takes few bytes when what
 * they have in common comes first: so the fields come first that vary least, as a sample of states shows. Used by the search
 * on disk.
 */

import type { Packing } from '../../space/pack.js';
import type { StateStore } from '../../space/state-table.js';

/** States that are looked at, at most. */
const SAMPLE = 1 << 14;

/** All fields, from the one that varies least, in the states of a search; of two that vary alike the first comes first. */
export function fieldOrder({ keys, size, width }: StateStore, { places }: Packing): Int32Array {
  const { word, shift, mask } = places;
  const step = Math.max(1, Math.floor(size / SAMPLE));
  // How often two states are the same there, in whole numbers: they are the same on every machine.
  const sameness = Array.from(mask, (most, field) => {
    const counts = new Map<number, number>();
    for (let state = 0; state < size; state += step) {
      const code = (keys[state * width + word[field]] >>> shift[field]) & most;
      counts.set(code, (counts.get(code) ?? 0) + 1);
    }
    let same = 0;
    for (const count of counts.values()) same += count * count;
    return same;
  });
  return Int32Array.from([...sameness.keys()].sort((left, right) => sameness[right] - sameness[left] || left - right));
}
