/**
 * Bystanders: actors that take steps in a run but that its end does not depend on. A run in which all must finish drags
 * along everybody whom the model has; whoever only looks at what others did needs no column.
 *
 * Whether an actor matters is tried: without its steps the others must do exactly what they did, to the same end. That is
 * not enough, for a task that came too early to wake another changes nothing by being left out: so an actor stays that
 * wrote a word which the others touch, or read one that another wrote later. Locks do not count in that, if they are
 * given back. Used by traces.
 */

import type { Program, ProgramActor } from '../program/program.js';
import type { Violation } from '../run/checks.js';
import type { Schedule } from '../schedule.js';
import { allCalls, keepCalls } from './kept-calls.js';
import type { Trace, TraceOp, TraceStep } from './trace.js';

/** What the question needs of a trace. */
export type Told = Omit<Trace, 'bystanders'>;

/** Makes a trace of a schedule, as `traceOf` does. */
export type Tell = (program: Program, actors: readonly ProgramActor[], schedule: Schedule) => Told;

/** Trying costs one more trace for each actor; a run of more steps than this is not the smallest of anything. */
const MOST_STEPS = 2_000;

/**
 * The actors, ascending, that take steps in a run that ends in a deadlock or breaks a check of finished runs, and that
 * this does not depend on. None for any other run: what broke in a step was cut down to the calls that it needs.
 */
export function bystandersOf(trace: Told, tell: Tell): readonly number[] {
  const { violation, cutShort, steps } = trace;
  const ends = violation !== undefined && cutShort === undefined && steps.every((step) => step.violation === undefined);
  if (!ends || steps.length > MOST_STEPS) return [];
  const concerned = concernedActors(trace, violation);
  const candidates = [...new Set(steps.map(({ actor }) => actor))].filter((actor) => !concerned.has(actor));
  const found = new Set<number>();
  // Who stays because of another goes once that one has gone.
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const actor of candidates) {
      if (!found.has(actor) && isIdle(trace, actor, found) && isSpared(trace, new Set([...found, actor]), tell)) {
        found.add(actor);
      }
    }
  }
  return [...found].sort((left, right) => left - right);
}

/**
 * Who is in the deadlock or in its way, or might have ended it but cannot go on either, daemons too; who wrote what the
 * broken check looks at.
 */
function concernedActors(
  { program, actors, steps, deadlock, conflict }: Told,
  violation: Violation,
): ReadonlySet<number> {
  if (deadlock !== undefined) {
    const { waiters, cycle } = deadlock;
    const stuck = actors.flatMap((script, actor) => (hasFinished(script, actor, steps) ? [] : [actor]));
    const waitedFor = waiters.flatMap(({ blockers }) => blockers.map(({ actor }) => actor));
    return new Set([...cycle, ...waitedFor, ...stuck]);
  }
  const words = new Set(program.finally.filter(({ name }) => name === violation.rule).flatMap((check) => check.words));
  const writers = steps.filter(({ ops }) =>
    ops.some((op) => op.touches.some(({ word, writes }) => writes && words.has(word))),
  );
  const blamed = conflict === undefined ? [] : [steps[conflict.step].actor];
  return new Set([...writers.map(({ actor }) => actor), ...blamed]);
}

/** Whether an actor made the last of its calls to its end. */
function hasFinished({ calls }: ProgramActor, actor: number, steps: readonly TraceStep[]): boolean {
  const last = steps.findLast((step) => step.actor === actor);
  return last === undefined || (last.endsCall && last.call === calls.length - 1);
}

/** Whether no other actor, but for those in `gone`, had to do with what an actor wrote or came to look at too early. */
function isIdle({ steps, held }: Told, actor: number, gone: ReadonlySet<number>): boolean {
  if (held[actor].length > 0) return false;
  const others = new Set<number>();
  const writtenLater = new Set<number>();
  for (const step of steps)
    if (step.actor !== actor && !gone.has(step.actor)) for (const { word } of touchesOf(step)) others.add(word);
  for (const step of [...steps].reverse()) {
    if (gone.has(step.actor)) continue;
    for (const { word, writes } of touchesOf(step)) {
      if (step.actor !== actor && writes) writtenLater.add(word);
      if (step.actor === actor && (writes ? others : writtenLater).has(word)) return false;
    }
  }
  return true;
}

function touchesOf({ ops }: TraceStep): readonly TraceOp['touches'][number][] {
  return ops.filter(({ lock }) => lock === undefined).flatMap(({ touches }) => touches);
}

/** Whether the run goes as it went without the steps of some actors. */
function isSpared(trace: Told, without: ReadonlySet<number>, tell: Tell): boolean {
  const { program, actors, steps, schedule } = trace;
  const kept = allCalls(actors).map((calls, actor) => (without.has(actor) ? [] : calls));
  let answered = 0;
  const choices = steps.flatMap(({ actor, decides }) => {
    if (!decides) return [];
    const choice = schedule.choices[answered++];
    return without.has(actor) ? [] : [choice];
  });
  const left = steps.filter(({ actor }) => !without.has(actor));
  const other = tell(program, keepCalls(actors, kept), { steps: left.map(({ actor }) => actor), choices });
  return (
    other.cutShort === undefined &&
    endOf(other) === endOf(trace) &&
    other.steps.length === left.length &&
    other.steps.every((step, place) => lookOf(step) === lookOf(left[place]))
  );
}

/** What a reader learns of a step, as one text. */
function lookOf({ actor, callName, text, result, ops }: TraceStep): string {
  return JSON.stringify([actor, callName, text, result, ops.map((op) => [op.text, op.result])]);
}

/** What a reader learns of the end of a run, as one text. */
function endOf({ violation, deadlock }: Told): string {
  return JSON.stringify([violation?.rule, violation?.words, deadlock]);
}
