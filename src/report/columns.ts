/**
 * Columns: a trace as a kernel changelog draws a race. One column an actor, time runs down, one step a line; below it
 * what happens and the locks held. Deadlocks are drawn in the form of the lock debugging.
 * Used by the command line; knows no engine.
 */

import type { HeldLock } from '../core/story/held-locks.js';
import type { Trace } from '../core/story/trace.js';
import { columnHeads } from './column-heads.js';
import type { Unfold } from './column-rows.js';
import { deadlockLines } from './deadlock-lines.js';
import { locksText } from './locks-text.js';
import { storyGrid } from './story-grid.js';
import { wrapWords } from './wrap.js';

/** Widest line of the prose below the columns. */
const WIDTH = 75;

/** How a trace is drawn. */
export interface ColumnOptions {
  /** Which atomic sections are shown op by op: the one in which something broke (if left out), or every one. */
  readonly unfold?: Unfold;
  /** A sentence about the nearest run that passes, told behind what happens. */
  readonly nearest?: string | undefined;
}

/** The trace in columns, with the sentence and the locks held below; lines end in '\n'. */
export function columnsOf(trace: Trace, { unfold = 'broken', nearest }: ColumnOptions = {}): string {
  const lines = trace.deadlock ? deadlockLines(trace, trace.deadlock, unfold) : stepLines(trace, unfold);
  if (trace.violation !== undefined) {
    lines.push('', ...wrapWords(`When this happens, ${sentence(trace.violation.words)}`, WIDTH));
    if (nearest !== undefined) lines.push('', ...wrapWords(nearest, WIDTH));
    lines.push('', ...(trace.deadlock ? [] : heldLines(trace)));
  }
  if (trace.cutShort !== undefined) {
    lines.push('', ...wrapWords(`The schedule cannot be followed to its end: ${trace.cutShort}.`, WIDTH));
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function stepLines(trace: Trace, unfold: Unfold): string[] {
  const lines = storyGrid(trace, unfold);
  if (trace.violation !== undefined && trace.conflict?.shows !== true) {
    lines.push(
      '',
      ` *** ${trace.violation.kind} *** ${trace.initially ? 'in the initial state' : 'when every actor has finished'}`,
    );
  }
  return lines;
}

function heldLines(trace: Trace): string[] {
  const held = columnHeads(trace).filter(({ actor }) => trace.held[actor].length > 0);
  if (held.length === 0) return ['Locks held: none.'];
  return ['Locks held:', ...held.flatMap(({ actor }) => named(trace.actors[actor].name, trace.held[actor]))];
}

function named(name: string, held: readonly HeldLock[]): string[] {
  return wrapWords(`${name}: ${locksText(held)}`, WIDTH - 2, '  ').map((line) => `  ${line}`);
}

function sentence(words: string): string {
  return /[.!?]$/.test(words) ? words : `${words}.`;
}
