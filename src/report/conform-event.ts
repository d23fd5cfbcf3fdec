/**
 * Conform event: an event of a trace as a row of columns has it: the function or point of the model that it is the trace
 * of, with what the kernel printed, and how deep it lies. Used by the text of a refusal.
 */

import type { ConformDocument } from './conform-schema.js';

/** An event as the document has it. */
export type ShownEvent = NonNullable<ConformDocument['refusal']>['event'];

/** Whether an event opens a function, closes one, or neither. */
type Turn = 'opens' | 'closes' | 'neither';

/** How a row of columns shows an event. */
export interface DrawnEvent {
  readonly depth: number;
  readonly text: string;
}

const RETURNS = / returns$/;
/** What the same task says in all of its events, and what means nothing to a reader. */
const IDLE = new Set(['vcpu', 'addr', 'err', 'ino', 'ret', 'magic']);
/** Addresses of the kernel, but for the number that has all bits. */
const ADDRESS = /^0xff(?!f{14})[0-9a-f]{14}$/;

const isIdle = (key: string, value: string): boolean => IDLE.has(key) || ADDRESS.test(value);

/** The rows of some events, in their order. */
export function eventRows(events: readonly ShownEvent[]): readonly DrawnEvent[] {
  const open = new Map<string, number>();
  const least = new Map<string, number>();
  const depths = events.map((event) => {
    const { task, name } = event;
    // Locks are taken and given back by functions that have come back long before.
    const turn = name.includes('(') ? 'neither' : turnOf(event);
    const now = open.get(task) ?? 0;
    const depth = turn === 'closes' ? now - 1 : now;
    open.set(task, turn === 'opens' ? now + 1 : depth);
    least.set(task, Math.min(least.get(task) ?? 0, depth));
    return depth;
  });
  // What was entered before the first of these events is only seen to close.
  return events.map((event, place) => ({ depth: depths[place] - least.get(event.task)!, text: textOf(event) }));
}

/**
 * The events without those that say nothing more than another: that a lock was had as soon as it was asked for, and that an
 * access began that ended next.
 */
export function withoutRepeated(events: readonly ShownEvent[]): readonly ShownEvent[] {
  return events.filter((event, place) => {
    const [before, after] = [events[place - 1], events[place + 1]];
    if (event.isInLog === true) return after?.isInLog !== true || after.line !== event.line;
    return before?.task !== event.task || !event.name.includes('(') || event.name !== `${before.name} returns`;
  });
}

/** A function is told by the two events that it has, whatever they are to the model. */
function turnOf({ kind, name, text, isInLog }: ShownEvent): Turn {
  if (isInLog === true) return 'neither';
  if (kind === 'leave' || RETURNS.test(name)) return 'closes';
  if (kind === 'enter' || /^\w+_in\b/.test(text)) return 'opens';
  return 'neither';
}

/** `is_page_fault_stale(gfn=0x10003, mmu_seq=10)`, `is_page_fault_stale() -> 0, kseq=11`. */
function textOf(event: ShownEvent): string {
  const { name, text } = event;
  const turn = turnOf(event);
  const all = [...text.matchAll(/(\w+)=(\S+)/g)];
  const fields = all.filter(([, key, value]) => !isIdle(key, value)).map(([field]) => field);
  const plainName = name.replace(RETURNS, '');
  const isCall = plainName.includes('(');
  if (turn === 'opens') return isCall ? plainName : `${plainName}(${fields.join(', ')})`;
  if (turn === 'closes') {
    const result = all.find(([, key]) => key === 'ret')?.[2];
    const said = [...(result === undefined ? [] : [result]), ...fields].join(', ');
    return `${plainName}${isCall ? '' : '()'} ${said === '' ? 'returns' : `-> ${said}`}`;
  }
  if (all.length > 0 && isCall) return plainName;
  return inItsOwnWords(text);
}

/** What a tracepoint says, without where it lies, which vCPU it is, what is zero, and what means nothing to a reader. */
function inItsOwnWords(text: string): string {
  return text
    .replace(/^([^\s:(]+): \([^)]*\) ?/, '$1: ')
    .replace(/: vcpu \d+,?/, ':')
    .replace(/ [a-z]\w* 0x0+(?= |$)/g, '')
    .replace(/ (\w+)=(\S+)/g, (field, key, value) => (isIdle(key, value) ? '' : field))
    .replace(/:\s*$/, '');
}
