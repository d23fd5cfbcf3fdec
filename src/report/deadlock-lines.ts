/**
 * Deadlock lines: a deadlock in the form of the kernel's lock debugging. The lock ops that led to it in columns, then
 * ` *** DEADLOCK ***`, then who holds and who waits, queued writers included. Used by the columns.
 */

import type { Blocker, Deadlock, Waiter } from '../core/story/deadlock.js';
import type { Spin } from '../core/story/spins.js';
import type { Trace, TraceStep } from '../core/story/trace.js';
import { columnGrid } from './column-grid.js';
import { columnHeads } from './column-heads.js';
import { joinsQueue, pendingSteps, type RowStep, rowsOf, type Unfold } from './column-rows.js';
import { locksText } from './locks-text.js';
import { plural } from './quantities.js';
import { storyGrid } from './story-grid.js';
import { wrapWords } from './wrap.js';

const WIDTH = 75;
/** So many cells that an actor looks at are shown with what they hold. */
const MOST_SEEN = 6;
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
    ...(deadlock.waiters.every(({ lock, blockers }) => lock !== undefined && blockers.length > 0)
      ? lockGrid(trace, lockSteps(trace, deadlock))
      : storyGrid(trace, unfold)),
    ...['', ' *** DEADLOCK ***', ''],
    ...waitingLines(trace, deadlock),
  ];
}

/** What each holds and waits for, and the ring. */
export function waitingLines(trace: Trace, deadlock: Pick<Deadlock, 'waiters' | 'cycle' | 'othersRun'>): string[] {
  return [
    ...deadlock.waiters.flatMap((waiter) => waiterLines(trace, waiter, deadlock.othersRun)),
    ...cycleLines(trace, deadlock.cycle),
  ];
}

/** What a task holds that goes round until a cell changes. */
export function spinLines({ actors }: Trace, { actor, locks, cells }: Spin): string[] {
  const line = (text: string): string[] => wrapWords(text, WIDTH - 2, '    ').map((each) => `  ${each}`);
  return [`${actors[actor].name}:`, ...line(`holds ${locksText(locks)} until ${cells.join(' or ')} changes`)];
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

function waiterLines({ actors, held }: Trace, waiter: Waiter, othersRun: boolean): string[] {
  const { name } = actors[waiter.actor];
  const innermost = waiter.frames.at(-1);
  const where = innermost === undefined ? waiter.callName : `${innermost.name}()`;
  const line = (text: string): string[] => wrapWords(text, WIDTH - 2, '    ').map((each) => `  ${each}`);
  return [
    `${name}:`,
    ...line(`holds ${held[waiter.actor].length > 0 ? locksText(held[waiter.actor]) : 'no lock'}`),
    ...line(`waits in ${where} ${whatText(waiter)}: ${whyText(actors, waiter, othersRun)}`),
  ];
}

/** What an actor waits for: a lock, or an op, with the section that the op begins. */
function whatText({ text, first, lock }: Waiter): string {
  const at = `at "${text}"`;
  if (lock !== undefined) return first === undefined ? `for ${locksText([lock])}` : `${at} for ${locksText([lock])}`;
  return first === undefined ? at : `${at} for "${first}"`;
}

/** Why it waits: who is in its way, or what it sees. */
function whyText(actors: Trace['actors'], { blockers, sees }: Waiter, othersRun: boolean): string {
  if (blockers.length > 0) {
    return blockers
      .map(({ actor, as, finished }) => `${actors[actor].name} ${BLOCKED_BY[as]}${finished ? ' and has finished' : ''}`)
      .join(', ');
  }
  const seen = sees.length > MOST_SEEN ? [...sees.slice(0, MOST_SEEN), `and so on (${sees.length} cells)`] : sees;
  const end = othersRun ? [] : [`${seen.length > 0 ? 'and ' : ''}no task can run to change that`];
  return [...seen, ...end].join(', ') || 'it may have to wait';
}

function cycleLines({ actors }: Trace, cycle: readonly number[]): string[] {
  if (cycle.length === 0) return [];
  const names = [...cycle, cycle[0]].map((actor) => actors[actor].name);
  return ['', ...wrapWords(`Cycle: ${names.join(' -> ')}`, WIDTH, '  ')];
}
