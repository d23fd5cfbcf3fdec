/**
 * Column rows: which lines a trace has, before anybody knows how wide they may be. A step is one row; function lines,
 * names of calls and folds stand between them. Used by the columns and the sequence diagram.
 */

import type { Left } from '../core/automaton/automaton.js';
import type { TraceFrame } from '../core/story/open-frames.js';
import type { Trace, TraceStep } from '../core/story/trace.js';

/** One line of a column. */
export interface ColumnRow {
  readonly actor: number;
  readonly kind: 'call' | 'function' | 'step' | 'fold' | 'effect' | 'return';
  /** Nesting below functions. */
  readonly depth: number;
  readonly text: string;
  /** Finding kind that shows in this step; undefined for all others. */
  readonly breaks: string | undefined;
}

/** What a row shows of a step; a pending op of a deadlock has no more than this. */
export type RowStep = Pick<TraceStep, 'actor' | 'call' | 'callName' | 'frames' | 'text'> & Partial<TraceStep>;

/** Runs of private steps at least this long fold. */
const FOLD = 4;

/** Which atomic sections are shown op by op: the one in which something broke, or every one. */
export type Unfold = 'broken' | 'all';

/** How the rows of a whole trace are made. */
export interface RowOptions {
  /** 'broken' if left out. */
  readonly unfold?: Unfold;
  /** Picks steps that do not fold. */
  readonly keep?: (step: TraceStep) => boolean;
}

/** The rows of a whole trace in time order; where nobody can go on, the ops that wait for ever come last. */
export function columnRows(
  trace: Trace,
  { unfold = 'broken', keep = () => false }: RowOptions = {},
): readonly ColumnRow[] {
  const unfolded = unfoldedSections(trace, unfold);
  const folded = foldedSteps(trace, (step) => keep(step) || unfolded.has(step));
  return rowsOf([...trace.steps, ...pendingSteps(trace)], folded, unfolded);
}

/** The sections of a trace that are shown op by op, but for those whose one op says what their name says. */
export function unfoldedSections({ steps, conflict }: Trace, unfold: Unfold): ReadonlySet<RowStep> {
  const broken = conflict && steps[conflict.step];
  const says = ({ ops, text }: TraceStep): boolean => ops.length > 1 || ops[0]?.text !== text;
  return new Set(steps.filter((step) => step.section && says(step) && (unfold === 'all' || step === broken)));
}

/** The ops that wait for ever; those in a queue are left out, because the step that joined it shows them. */
export function pendingSteps({ steps, deadlock }: Trace): readonly RowStep[] {
  return (deadlock?.waiters ?? []).filter(({ actor }) => {
    const last = steps.findLast((step) => step.actor === actor);
    return last === undefined || !joinsQueue(last);
  });
}

/** Whether the step put its actor into a lock's queue. */
export function joinsQueue({ ops }: TraceStep): boolean {
  const last = ops.at(-1);
  return last?.lock?.action === 'queue' && last.result !== undefined;
}

/** Rows for some steps. Steps in `folded` become one `...` for each run of them; of those in `unfolded` each op is shown. */
export function rowsOf(
  steps: readonly RowStep[],
  folded: ReadonlySet<RowStep> = new Set(),
  unfolded: ReadonlySet<RowStep> = new Set(),
): readonly ColumnRow[] {
  const rows: ColumnRow[] = [];
  const last = new Map<number, RowStep>();
  const severalCalls = actorsWithSeveralCalls(steps);
  let previous: RowStep | undefined;
  for (const step of steps) {
    const { actor } = step;
    const before = last.get(actor);
    const row = (kind: ColumnRow['kind'], depth: number, text: string, breaks?: string): void => {
      rows.push({ actor, kind, depth, text, breaks });
    };
    const sameCall = before !== undefined && before.call === step.call;
    if (!sameCall && severalCalls.has(actor)) row('call', 0, `${step.callName}:`);
    const open = sameCall ? commonFrames(lastFrames(before, unfolded), step.frames) : 0;
    for (let depth = open; depth < step.frames.length; depth++) row('function', depth, `${step.frames[depth].name}()`);
    const goesOn = previous !== undefined && folded.has(previous) && sameRun(previous, step);
    if (unfolded.has(step)) rows.push(...sectionRows(step));
    else if (!folded.has(step)) row('step', step.frames.length, textOf(step), step.violation?.kind);
    else if (!goesOn) row('fold', step.frames.length, '...');
    if (step.effect !== undefined) row('effect', step.frames.length + 1, `(irreversible: ${step.effect})`);
    for (const { depth, returned } of outermostOf(step)) row('return', depth + 1, `-> ${returned}`);
    last.set(actor, step);
    previous = step;
  }
  return rows;
}

/** The name of a section, and below it its ops with the functions that they lie in; the last one shows what broke. */
function sectionRows(step: RowStep): readonly ColumnRow[] {
  const { actor, ops = [], frames, violation } = step;
  const rows: ColumnRow[] = [{ actor, kind: 'step', depth: frames.length, text: textOf(step), breaks: undefined }];
  let inside = frames;
  for (const [place, op] of ops.entries()) {
    for (let depth = commonFrames(inside, op.frames); depth < op.frames.length; depth++) {
      rows.push({ actor, kind: 'function', depth: depth + 1, text: `${op.frames[depth].name}()`, breaks: undefined });
    }
    const breaks = place === ops.length - 1 ? violation?.kind : undefined;
    rows.push({ actor, kind: 'step', depth: op.frames.length + 1, text: resultText(op), breaks });
    inside = op.frames;
  }
  return rows;
}

/** The functions that a step leaves; of those that hand on what the one inside returned, the outermost says it. */
function outermostOf({ left = [] }: RowStep): readonly Left[] {
  return left.filter(({ returned }, place) => left[place + 1]?.returned !== returned);
}

/** The functions whose lines stand above what comes after a step. */
function lastFrames(step: RowStep, unfolded: ReadonlySet<RowStep>): readonly TraceFrame[] {
  return (unfolded.has(step) && step.ops?.at(-1)?.frames) || step.frames;
}

/** A step as traces print it: `i_pages[0] -> NULL`. */
export function textOf(step: RowStep): string {
  return `${resultText(step)}${step.again ? '; retry' : ''}`;
}

function resultText({ text, result }: Pick<RowStep, 'text' | 'result'>): string {
  return result === undefined ? text : `${text} -> ${result}`;
}

/** Steps in runs of one actor, within one function, on words that nobody else touches and that are not to blame. */
function foldedSteps(trace: Trace, keep: (step: TraceStep) => boolean): ReadonlySet<RowStep> {
  const { steps } = trace;
  const blamed = blamedSteps(trace);
  const owners = new Map<number, number>();
  for (const { actor, ops } of steps) {
    for (const { word } of ops.flatMap(({ touches }) => touches)) {
      owners.set(word, (owners.get(word) ?? actor) === actor ? actor : SHARED);
    }
  }
  const isPrivate = (step: TraceStep): boolean =>
    !step.decides &&
    !step.again &&
    step.effect === undefined &&
    !keep(step) &&
    !blamed.has(step) &&
    step.violation === undefined &&
    step.ops.every(({ touches }) => touches.every(({ word }) => owners.get(word) !== SHARED));
  const folded = new Set<RowStep>();
  let run: TraceStep[] = [];
  const close = (): void => {
    if (run.length >= FOLD) for (const step of run) folded.add(step);
    run = [];
  };
  for (const step of steps) {
    if (run.length > 0 && !sameRun(run[run.length - 1], step)) close();
    if (isPrivate(step)) run.push(step);
    else close();
  }
  close();
  return folded;
}

/** Of each word that the broken check looks at, the step that wrote it last: the value which the check found wrong. */
function blamedSteps({ program, steps, violation }: Trace): ReadonlySet<TraceStep> {
  const blamed = new Set<TraceStep>();
  for (const { name, words } of [...program.always, ...program.finally]) {
    if (name !== violation?.rule) continue;
    for (const looked of words) {
      const writer = steps.findLast(({ ops }) =>
        ops.some(({ touches }) => touches.some(({ word, writes }) => writes && word === looked)),
      );
      if (writer !== undefined) blamed.add(writer);
    }
  }
  return blamed;
}

const SHARED = -1;

function sameRun(left: RowStep, right: RowStep): boolean {
  return (
    left.actor === right.actor &&
    left.call === right.call &&
    left.frames.length === right.frames.length &&
    left.frames.at(-1)?.visit === right.frames.at(-1)?.visit
  );
}

function commonFrames(left: readonly TraceFrame[], right: readonly TraceFrame[]): number {
  let depth = 0;
  while (depth < left.length && left[depth].visit === right[depth]?.visit) depth++;
  return depth;
}

function actorsWithSeveralCalls(steps: readonly RowStep[]): ReadonlySet<number> {
  const calls = new Map<number, number>();
  const several = new Set<number>();
  for (const { actor, call } of steps) {
    if ((calls.get(actor) ?? call) !== call) several.add(actor);
    calls.set(actor, call);
  }
  return several;
}
