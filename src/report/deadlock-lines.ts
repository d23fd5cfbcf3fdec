/**
 * Deadlock lines: a deadlock in the form of the kernel's lock debugging. The lock ops that led to it in columns, then
 * ` *** DEADLOCK ***`, then who holds and who waits, queued writers included. Used by the columns.
 */

import type { Blocker, Deadlock, Waiter } from '../core/story/deadlock.js';
import type { Trace, TraceStep } from '../core/story/trace.js';
import { columnGrid } from './column-grid.js';
import { columnHeads } from './column-heads.js';
import { joinsQueue, pendingSteps, type RowStep, rowsOf, type Unfold } from './column-rows.js';
import { locksText } from './locks-text.js';
import { plural } from './quantities.js';
import { storyGrid } from './story-grid.js';
import { wrapWords } from './wrap.js';

const WIDTH = 75;
const BLOCKED_BY: Readonly<Record<Blocker['as'], string>> = {
  holder: 'holds it',
  reader: 'holds it for read',
  writer: 'holds it for write',
  'queued writer': 'is queued for write',
  'earlier call': 'has to finish an earlier call first',
};

/** The lines, without the sentence below them. */
export function deadlockLines(trace: Trace, deadlock: Deadlock, unfold: Unfold): string[] {
  return [
    ...(deadlock.waiters.every(({ lock }) => lock !== undefined)
      ? lockGrid(trace, lockSteps(trace, deadlock))
      : storyGrid(trace, unfold)),
    ...['', ' *** DEADLOCK ***', ''],
    ...waitingLines(trace, deadlock),
  ];
}

/** What each holds and waits for, and the ring. */
export function waitingLines(trace: Trace, deadlock: Deadlock): string[] {
  return [
    ...deadlock.waiters.flatMap((waiter) => waiterLines(trace, deadlock, waiter)),
    ...cycleLines(trace, deadlock),
  ];
}

function lockGrid(trace: Trace, taken: readonly TraceStep[]): string[] {
  const steps: readonly RowStep[] = [...taken, ...pendingSteps(trace)];
  const involved = new Set(steps.map(({ actor }) => actor));
  const shown = columnHeads(trace).filter(({ actor }) => involved.has(actor));
  return [...columnGrid(shown, rowsOf(steps)), ...leftOutLines(trace.steps.length - taken.length, trace)];
}

/** Says that the columns hold fewer steps than the run. */
function leftOutLines(number: number, { steps }: Trace): string[] {
  if (number === 0) return [];
  const shown = 'the columns show those that took a lock which is still held, and the waits.';
  return ['', ...wrapWords(`Of ${plural(steps.length, 'step')}, ${shown}`, WIDTH)];
}

/** The steps that took what is still held or joined a queue, in time order. */
function lockSteps({ steps, held }: Trace, { waiters }: Deadlock): readonly TraceStep[] {
  const actors = new Set(waiters.flatMap(({ actor, blockers }) => [actor, ...blockers.map((each) => each.actor)]));
  const shown = new Set<TraceStep>();
  for (const actor of actors) {
    const own = steps.filter((step) => step.actor === actor);
    for (const { word } of held[actor]) {
      const holds = (step: TraceStep | undefined): boolean => step?.held.some((lock) => lock.word === word) === true;
      const taken = own.findLast((step, place) => holds(step) && !holds(own[place - 1]));
      if (taken !== undefined) shown.add(taken);
    }
    const last = own.at(-1);
    if (last !== undefined && joinsQueue(last)) shown.add(last);
  }
  return steps.filter((step) => shown.has(step));
}

function waiterLines({ actors, held }: Trace, { waiters }: Deadlock, waiter: Waiter): string[] {
  const { name } = actors[waiter.actor];
  const innermost = waiter.frames.at(-1);
  const where = innermost === undefined ? waiter.callName : `${innermost.name}()`;
  const what = waiter.lock === undefined ? `at "${waiter.text}"` : `for ${locksText([waiter.lock])}`;
  const line = (text: string): string[] => wrapWords(text, WIDTH - 2, '    ').map((each) => `  ${each}`);
  const blockers = waiter.blockers.map(({ actor, as }) => {
    const done = waiters.every((other) => other.actor !== actor);
    return `${actors[actor].name} ${BLOCKED_BY[as]}${done ? ' and has finished' : ''}`;
  });
  return [
    `${name}:`,
    ...line(`holds ${held[waiter.actor].length > 0 ? locksText(held[waiter.actor]) : 'no lock'}`),
    ...line(`waits in ${where} ${what}: ${blockers.join(', ') || 'nobody is left to let it go on'}`),
  ];
}

function cycleLines({ actors }: Trace, { cycle }: Deadlock): string[] {
  if (cycle.length === 0) return [];
  const names = [...cycle, cycle[0]].map((actor) => actors[actor].name);
  return ['', ...wrapWords(`Cycle: ${names.join(' -> ')}`, WIDTH, '  ')];
}
