/**
 * What a verification came to, in tables for a page: what was covered, and how many states are on each level. Used by the
 * command line.
 */

import type { PageTable } from '../trace/page-data.js';
import type { VerifyResult } from '../verify/verify.js';
import { countText } from './quantities.js';

/** The tables; that of the levels has a share for each, of the largest one. */
export function verifyTables(result: VerifyResult, seconds: number): readonly PageTable[] {
  const { states, transitions, depth, completed, deadlocked, finalStates, finalStatesFolded, levels } = result;
  const rows: [string, string][] = [
    ['distinct states', countText(states)],
    ['transitions', countText(transitions)],
    ['depth', countText(depth)],
    ['complete states', countText(completed)],
    ['deadlocked states', countText(deadlocked)],
    ['final states', `${finalStatesFolded ? 'at least ' : ''}${countText(finalStates)}`],
    ['seconds', seconds.toFixed(1)],
    ['threads', countText(result.workersUsed)],
  ];
  const covered = { caption: 'Covered', columns: ['', ''], rows };
  if (levels.length === 0) return [covered];
  const largest = Math.max(...levels);
  return [
    covered,
    {
      caption: 'States that are so many steps away',
      columns: ['steps', 'states'],
      rows: levels.map((count, level) => [countText(level), countText(count)]),
      shares: levels.map((count) => count / largest),
    },
  ];
}
