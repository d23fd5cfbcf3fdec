/**
 * The keys of a page: which step each goes to. The help dialog lists them.
 */

import type { TraceDocument } from '../trace/trace-schema.js';
import { brokenStep, switchesOf } from './rows.js';

/** The keys and what they do, in the words of the help. */
export const keyHelp: readonly (readonly [keys: readonly string[], words: string])[] = [
  [['j', '↓'], 'one step on'],
  [['k', '↑'], 'one step back'],
  [['n'], 'to the next switch to another actor'],
  [['p'], 'to the switch before'],
  [['Home'], 'to the initial state'],
  [['End'], 'to the last step'],
  [['b'], 'to the step that breaks'],
  [['/'], 'to the filter of the cells'],
  [['?'], 'this help'],
];

/** How many steps are taken after a key; undefined for a key that goes to no step. */
export function takenAfterKey(key: string, trace: TraceDocument, taken: number): number | undefined {
  const last = trace.steps.length;
  const switches = switchesOf(trace).map((at) => at + 1);
  switch (key) {
    case 'j':
    case 'ArrowDown':
      return Math.min(last, taken + 1);
    case 'k':
    case 'ArrowUp':
      return Math.max(0, taken - 1);
    case 'n':
      return switches.find((at) => at > taken) ?? last;
    case 'p':
      return switches.findLast((at) => at < taken) ?? 0;
    case 'Home':
      return 0;
    case 'End':
      return last;
    case 'b':
      return (brokenStep(trace) ?? -1) + 1;
    default:
      return undefined;
  }
}
