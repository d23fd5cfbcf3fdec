/**
 * Which calls of a recorded workload to explore: those that were asked for, or the busiest.
 */

import { inputProblem, notAllowed, wholeFrom } from '../../core/input-sentence.js';
import { overlapInTime, type RecordedTrace, shareAPage, type TraceCall, type TraceWindow } from './trace.js';

/** Calls in a window, when nothing else is asked for. */
const usualCount = 20;

/**
 * Returns the window that was asked for. `count` is 20 by default (all calls of a shorter log); `from` is by default
 * the start of the busiest window: the one with the most pairs of overlapping calls of different actors on a common
 * page; among those the one that took the shortest time, then the earliest.
 *
 * @throws InputError when the log has no such window.
 */
export function selectWindow(
  trace: RecordedTrace,
  asked: { readonly from?: number; readonly count?: number } = {},
): TraceWindow {
  const total = trace.calls.length;
  const within = (what: string, value: number, least: number, most: number) => {
    if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
    throw inputProblem('window', notAllowed(what, value, `${wholeFrom(least, most)} (the log has ${total} calls)`));
  };
  if (asked.from !== undefined) {
    const from = within('from', asked.from, 0, total - 1);
    const count = asked.count ?? Math.min(usualCount, total - from);
    return { from, count: within('count', count, 1, total - from) };
  }
  const count = within('count', asked.count ?? Math.min(usualCount, total), 1, total);
  return { from: busiestFrom(trace.calls, count), count };
}

function busiestFrom(calls: readonly TraceCall[], count: number): number {
  const pairs = pairsByFrom(calls, count);
  const most = pairs.reduce((best, value) => Math.max(best, value), 0);
  let busiest = -1;
  let shortest = Number.POSITIVE_INFINITY;
  for (const [from, value] of pairs.entries()) {
    if (value !== most) continue;
    const span = spanOf(calls.slice(from, from + count));
    if (span < shortest) {
      shortest = span;
      busiest = from;
    }
  }
  return busiest;
}

/** The number of conflicting pairs in the window from each start: every pair counts for the starts that hold both. */
function pairsByFrom(calls: readonly TraceCall[], count: number): readonly number[] {
  const starts = calls.length - count + 1;
  const changes = new Array<number>(starts + 1).fill(0);
  for (const [first, second] of conflictingPairs(calls)) {
    const lowest = Math.max(0, second - count + 1);
    const highest = Math.min(first, starts - 1);
    if (lowest > highest) continue;
    changes[lowest]++;
    changes[highest + 1]--;
  }
  let running = 0;
  return changes.slice(0, starts).map((change) => {
    running += change;
    return running;
  });
}

/**
 * Positions (first < second) of overlapping calls of different actors on a common page. An actor's calls follow one
 * another, so walking back over each actor's calls stops at the first that had ended.
 */
function* conflictingPairs(calls: readonly TraceCall[]): Generator<readonly [number, number]> {
  const positionsOf = new Map<string, number[]>();
  for (const [second, call] of calls.entries()) {
    for (const [actor, positions] of positionsOf) {
      if (actor === call.actor) continue;
      for (let last = positions.length - 1; last >= 0; last--) {
        const first = positions[last];
        if (!overlapInTime(calls[first], call)) break;
        if (shareAPage(calls[first], call)) yield [first, second];
      }
    }
    const own = positionsOf.get(call.actor);
    if (own) own.push(second);
    else positionsOf.set(call.actor, [second]);
  }
}

function spanOf(calls: readonly TraceCall[]): number {
  return calls.reduce((latest, { t1 }) => Math.max(latest, t1), 0) - calls[0].t0;
}
