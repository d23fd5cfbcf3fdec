/**
 * The rows of the lanes: what is said of each step beside its text, which runs of steps can be folded, where the schedule
 * switches. Computed once for a run; drawn by lanes.tsx.
 */

import type { DocumentStep, DocumentWait, TraceDocument } from '../trace/trace-schema.js';

/** One step in its lane. */
export interface LaneRow {
  readonly at: number;
  readonly step: DocumentStep;
  /** Another actor took the step before. */
  readonly switches: boolean;
  /** Name of the call, where its first step is this one. */
  readonly call: string | undefined;
  /** The functions that are entered with this step, with their depth. */
  readonly enters: readonly { readonly name: string; readonly depth: number }[];
  readonly depth: number;
  /** Who begins to wait with this step. */
  readonly beginsToWait: readonly DocumentWait[];
  /** Actors that wait while it is taken. */
  readonly waiting: readonly number[];
}

/** Steps that can be shown as one line: from, to inclusive. */
export interface Fold {
  readonly from: number;
  readonly to: number;
}

/** Fewer steps than these are not worth a fold. */
const SHORTEST_FOLD = 3;

/** The rows of a run, a step each. */
export function laneRowsOf(trace: TraceDocument): readonly LaneRow[] {
  const latest = new Map<number, DocumentStep>();
  return trace.steps.map((step, at) => {
    const before = latest.get(step.actor);
    latest.set(step.actor, step);
    const begins = before === undefined || before.call !== step.call;
    const around = begins ? 0 : sharedFrames(before, step);
    const enters = step.frames.slice(around).map(({ name }, place) => ({ name, depth: around + place }));
    const waits = step.waits ?? [];
    const waited = new Set(waitsBefore(trace, at).map(({ actor }) => actor));
    return {
      ...{ at, step, enters, depth: step.frames.length },
      switches: at > 0 && trace.steps[at - 1].actor !== step.actor,
      call: begins ? callOf(trace, step) : undefined,
      beginsToWait: waits.filter(({ actor }) => !waited.has(actor)),
      waiting: waits.map(({ actor }) => actor),
    };
  });
}

/** Who waits before a step is taken. */
export function waitsBefore(trace: TraceDocument, at: number): readonly DocumentWait[] {
  return (at === 0 ? trace.start?.waits : trace.steps[at - 1].waits) ?? [];
}

/** The steps that another actor took than the step before. */
export function switchesOf({ steps }: TraceDocument): readonly number[] {
  return steps.flatMap(({ actor }, at) => (at > 0 && steps[at - 1].actor !== actor ? [at] : []));
}

/** The step in which it breaks, or the step to blame; the last one where neither is known. Undefined without steps. */
export function brokenStep({ steps, blame }: TraceDocument): number | undefined {
  const broken = steps.findIndex(({ violation }) => violation !== undefined);
  if (broken >= 0) return broken;
  return blame?.step ?? (steps.length > 0 ? steps.length - 1 : undefined);
}

/** Runs of steps by one actor that make no difference to any other. */
export function foldsOf(trace: TraceDocument): readonly Fold[] {
  const seen = new Set(trace.conflicts.flatMap(({ from, to }) => [from, to]));
  const { blame, steps, loopFrom } = trace;
  for (const at of [blame?.step, blame?.cause, loopFrom, brokenStep(trace)]) if (at !== undefined) seen.add(at);
  const isPrivate = (at: number): boolean => {
    const { violation, choice, effect, ops, frames, call, actor } = steps[at];
    const isFirst = !steps.slice(0, at).some((each) => each.actor === actor && each.call === call);
    const locks = ops?.some(({ lock }) => lock !== undefined) ?? false;
    return !seen.has(at) && !isFirst && !locks && !violation && !choice && !effect && frames !== undefined;
  };
  const folds: Fold[] = [];
  for (let from = 0; from < steps.length; from++) {
    let to = from;
    while (to < steps.length && steps[to].actor === steps[from].actor && isPrivate(to)) to++;
    if (to - from >= SHORTEST_FOLD) folds.push({ from, to: to - 1 });
    if (to > from) from = to - 1;
  }
  return folds;
}

/** The functions that are entered in a fold and not left in it, so that what comes after it is seen to lie in them. */
export function leftOpenBy(rows: readonly LaneRow[], { from, to }: Fold): LaneRow['enters'] {
  const { actor, call } = rows[from].step;
  const next = rows.slice(to + 1).find(({ step }) => step.actor === actor && step.call === call);
  if (next === undefined) return [];
  const kept = Math.min(next.step.frames.length, ...next.enters.map(({ depth }) => depth));
  const open = new Map(
    rows.slice(from, to + 1).flatMap(({ enters }) => enters.map((each) => [each.depth, each] as const)),
  );
  return [...open.values()].filter(({ depth }) => depth < kept);
}

/** The name of the call that a step is of; undefined where a recording does not say. */
export function callOf({ actors }: TraceDocument, { actor, call }: DocumentStep): string | undefined {
  return call === undefined ? undefined : actors[actor].calls[call];
}

/** Whether everybody who should has finished with the last step. */
export function hasFinished({ actors, steps }: TraceDocument): boolean {
  const ended = (actor: number) => steps.filter((step) => step.actor === actor && step.endsCall).length;
  return actors.every(({ daemon, calls }, actor) => daemon || ended(actor) === calls.length);
}

/** `down_write(invalidate_lock) -> true` */
export function stepText({ text, result }: Pick<DocumentStep, 'text' | 'result'>): string {
  return result === undefined ? text : `${text} → ${result}`;
}

/** `vCPU1 waits for invalidate_lock (writer vCPU0)`; without the name of who waits. */
export function waitText({ actors }: TraceDocument, { lock, text, for: blockers, sees = [] }: DocumentWait): string {
  const who = blockers.map(({ actor, as }) => `${as} ${actors[actor].name}`).join(', ');
  const seen = sees.length > 0 ? `: ${sees.join(', ')}` : '';
  return `waits for ${lock ?? `“${text}”`}${who === '' ? seen : ` (${who})`}`;
}

function sharedFrames(before: DocumentStep, step: DocumentStep): number {
  const place = step.frames.findIndex((frame, depth) => {
    const other = before.frames[depth];
    return other === undefined || other.visit !== frame.visit || other.name !== frame.name;
  });
  return place < 0 ? step.frames.length : place;
}
