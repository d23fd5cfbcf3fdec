/**
 * How many windows a recorded workload has when they follow one another.
 */

import type { RecordedTrace } from './trace.js';

/** Returns the number of whole windows of `count` calls (at least 1): the k-th is `{ from: k * count, count }`. */
export function disjointWindows(trace: RecordedTrace, count: number): number {
  return Math.floor(trace.calls.length / count);
}
