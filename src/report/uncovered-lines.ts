/**
 * Uncovered lines: what a run did not reach, in two parts. What the calls could have led to is told at once, as far as
 * there is room; the whole of it, and what no call leads to, where it is asked for. Used by the reports of explore and
 * verify.
 */

import { plural } from './quantities.js';
import { wrapWords } from './wrap.js';

const WIDTH = 75;

/** What a run did not reach. */
export interface NotReachedLists {
  /** `function: op`, of what the calls could lead to. */
  readonly neverExecuted: readonly string[];
  /** `machine: event`. */
  readonly eventsNeverSent: readonly string[];
  /** Those of them that an op sends which the calls could lead to. */
  readonly eventsWithinReach: readonly string[];
  /** `function: op -> always ...`. */
  readonly oneSided: readonly string[];
}

/** What the calls could have led to, in a paragraph of at most `most` lines; none if there is nothing. */
export function withinReachLines(lists: NotReachedLists, most: number): string[] {
  const { neverExecuted, eventsWithinReach } = lists;
  const items = [...neverExecuted, ...eventsWithinReach.filter((event) => !isSentBySome(neverExecuted, event))];
  if (items.length === 0) return [];
  for (let shown = items.length; shown > 0; shown--) {
    const more = items.length - shown;
    const rest = more === 0 ? '' : `; and ${more} more (--coverage)`;
    const lines = wrapWords(`Never executed: ${items.slice(0, shown).join('; ')}${rest}.`, WIDTH, '  ');
    if (lines.length <= most) return lines;
  }
  return wrapWords(`Never executed: ${plural(items.length, 'op')} that the calls lead to (--coverage).`, WIDTH, '  ');
}

/** All that was not reached, one item a line. `until`: how far that goes, such as ` so far`. */
export function coverageLines(lists: NotReachedLists, until = ''): string[] {
  const { neverExecuted, eventsNeverSent, eventsWithinReach, oneSided } = lists;
  const beyond = eventsNeverSent.filter((event) => !eventsWithinReach.includes(event));
  return [
    ...itemLines(`Within reach of the calls, and never executed${until}`, neverExecuted),
    ...itemLines(`Within reach of the calls, and never sent${until}`, eventsWithinReach),
    ...itemLines(`Tests that always went the same way${until}`, oneSided),
    ...itemLines('Machine events that no op of these calls sends', beyond),
  ];
}

/** A title, and below it one item a line; nothing if there is none. */
export function itemLines(title: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  const lines = items.flatMap((item) => wrapWords(`- ${item}`, WIDTH - 2, '  ').map((line) => `  ${line}`));
  return [`${title}:`, ...lines];
}

/** An op that sends an event names it, and is listed itself. */
function isSentBySome(ops: readonly string[], event: string): boolean {
  const name = event.slice(event.indexOf(': ') + 2);
  return ops.some((op) => op.split(/[^\w-]+/).includes(name));
}
