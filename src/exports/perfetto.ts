/**
 * Perfetto export: a run as a trace for ui.perfetto.dev. Tracks for actors, locks and cells; functions and steps are
 * slices, pairs of steps that touch the same cell are flows. A step takes a microsecond, because a schedule has no time.
 */

import { cellChangesOf, documentValueText } from '../trace/trace-reading.js';
import type { DocumentStep, DocumentValue, TraceDocument } from '../trace/trace-schema.js';
import { PerfettoPackets } from './perfetto-packets.js';
import { breakingStep, cellNames, happensText, stepWithResult } from './step-text.js';

/** Nanoseconds of a step. */
const STEP = 1_000;

/** The trace as bytes. */
export function perfettoOf(document: TraceDocument): Uint8Array {
  const packets = new PerfettoPackets();
  const root = packets.track(document.title);
  const actors = packets.track('actors', root);
  const lanes = document.actors.map(({ name }) => packets.track(name, actors));
  const flows = flowsOf(document);
  for (const [actor, lane] of lanes.entries()) actorSlices(packets, document, { actor, track: lane, flows });
  const at = breakingStep(document);
  if (document.violation !== undefined) {
    const { kind, words, rule } = document.violation;
    packets.add({
      ...{ type: 'instant', category: 'violation', name: `*** ${kind} ***` },
      track: at === undefined ? root : lanes[document.steps[at].actor],
      at: (at ?? document.steps.length) * STEP,
      annotations: [
        ['what happens', happensText(words)],
        ['rule', rule],
      ],
    });
  }
  lockSlices(packets, document, root);
  cellSlices(packets, document, root);
  return packets.bytes;
}

/** Calls and functions around the steps of an actor. They go on while others run, so they end with their last step. */
function actorSlices(
  packets: PerfettoPackets,
  document: TraceDocument,
  { actor, track, flows }: { readonly actor: number; readonly track: number; readonly flows: Flows },
): void {
  const own = document.steps.map((step, at) => ({ step, at })).filter(({ step }) => step.actor === actor);
  const open: { readonly key: string }[] = [];
  let end = 0;
  const close = (depth: number): void => {
    while (open.length > depth) {
      open.pop();
      packets.add({ type: 'end', track, at: end });
    }
  };
  for (const { step, at } of own) {
    const around = [
      ...callOf(document, step),
      ...step.frames.map(({ name, visit }) => ({ key: `${visit} ${name}`, name, category: 'function' })),
    ];
    const differs = around.findIndex(({ key }, depth) => open[depth]?.key !== key);
    close(differs < 0 ? around.length : differs);
    for (const { key, name, category } of around.slice(open.length)) {
      open.push({ key });
      packets.add({ type: 'begin', track, at: at * STEP, name, category });
    }
    packets.slice(
      { track, at: at * STEP, name: stepWithResult(step), category: 'step', ...about(document, step, at, flows) },
      (at + 1) * STEP,
    );
    end = (at + 1) * STEP;
    if (step.endsCall === true) close(0);
  }
  close(0);
}

function about(document: TraceDocument, step: DocumentStep, at: number, flows: Flows) {
  const { result, section, ops = [], choice, effect, line, time } = step;
  const [leaving = [], arriving = []] = [flows.from.get(at), flows.to.get(at)];
  return {
    annotations: [
      ...told('step', at + 1),
      ...told('result', result),
      ...(section === true ? ops.flatMap((op, place) => told(`op ${place + 1}`, opWords(op))) : []),
      ...cellChangesOf(step).flatMap(({ cell, before, after }) => {
        const [was, is] = [before, after].map((value) => documentValueText(document, cell, value));
        return told(document.cells[cell].name, `${was} -> ${is}`);
      }),
      ...told('choice', choice && `${choice.outcome + 1} of ${choice.of}`),
      ...told('cannot be undone', effect),
      ...told('line of the recording', line),
      ...told('time of the recording', time),
      ...leaving.flatMap(({ to, cells }) => told(`touched again by step ${to + 1}`, cellNames(document, cells))),
    ],
    flows: leaving.map(({ flow }) => flow),
    endingFlows: arriving.map(({ flow }) => flow),
  };
}

/** An annotation, where there is something to say. */
function told(name: string, value: string | number | undefined): readonly (readonly [string, string])[] {
  return value === undefined ? [] : [[name, String(value)]];
}

function opWords({ text, result }: NonNullable<DocumentStep['ops']>[number]): string {
  return result === undefined ? text : `${text} -> ${result}`;
}

/** A conflict with the number of its flow. */
interface Flow {
  readonly flow: number;
  readonly to: number;
  readonly cells: readonly number[];
}

/** Flows by the step that they begin at and end in. */
interface Flows {
  readonly from: ReadonlyMap<number, readonly Flow[]>;
  readonly to: ReadonlyMap<number, readonly Flow[]>;
}

function flowsOf({ conflicts }: TraceDocument): Flows {
  const [begin, end] = [new Map<number, Flow[]>(), new Map<number, Flow[]>()];
  for (const [place, { from, to, cells }] of conflicts.entries()) {
    const flow = { flow: place + 1, to, cells };
    begin.set(from, [...(begin.get(from) ?? []), flow]);
    end.set(to, [...(end.get(to) ?? []), flow]);
  }
  return { from: begin, to: end };
}

function callOf({ actors }: TraceDocument, { actor, call }: DocumentStep) {
  return call === undefined ? [] : [{ key: `call ${call}`, name: actors[actor].calls[call], category: 'call' }];
}

/** What an actor has to do with a lock, behind each step. */
type Grip = 'holds' | 'holds (read)' | 'holds (write)' | 'waits' | undefined;

function lockSlices(packets: PerfettoPackets, document: TraceDocument, root: number): void {
  const { steps, actors } = document;
  const names = [
    ...steps.flatMap(({ held = [] }) => held.map(({ lock }) => lock)),
    ...steps.flatMap(({ waits = [] }) => waits.flatMap(({ lock }) => lock ?? [])),
  ];
  if (names.length === 0) return;
  const group = packets.track('locks', root);
  for (const lock of [...new Set(names)].sort()) {
    const lane = packets.track(lock, group);
    for (const [actor, { name }] of actors.entries()) {
      const grips = gripsOf(steps, lock, actor);
      if (grips.every((grip) => grip === undefined)) continue;
      const track = packets.track(name, lane);
      for (const { from, to, value } of stretches(grips)) {
        // A lock is held from the step that takes it; who waits does so from behind the step that came in the way.
        const shift = value === 'waits' ? 1 : 0;
        if (value !== undefined)
          packets.slice({ track, at: (from + shift) * STEP, name: value, category: 'lock' }, (to + shift) * STEP);
      }
    }
  }
}

function gripsOf(steps: readonly DocumentStep[], lock: string, actor: number): readonly Grip[] {
  let mine: Grip;
  return steps.map(({ actor: mover, held, waits = [] }) => {
    if (mover === actor && held !== undefined) {
      const hold = held.find((each) => each.lock === lock);
      mine = hold && (hold.mode === undefined ? 'holds' : `holds (${hold.mode})`);
    }
    return mine ?? (waits.some((each) => each.actor === actor && each.lock === lock) ? 'waits' : undefined);
  });
}

/** Objects have a track a region; other cells one that says what they hold. Cells that never change have none. */
function cellSlices(packets: PerfettoPackets, document: TraceDocument, root: number): void {
  const groups = new Map<string, number>();
  const changes = document.steps.map((step) => new Map(cellChangesOf(step).map(({ cell, after }) => [cell, after])));
  for (const [cell, { name, kind, machine, initial }] of document.cells.entries()) {
    const values = valuesOf(changes, cell, initial);
    if (kind === 'lock' || values.every((value) => JSON.stringify(value) === JSON.stringify(values[0]))) continue;
    const group = kind === 'object' ? 'objects' : 'cells';
    if (!groups.has(group)) groups.set(group, packets.track(group, root));
    const lane = packets.track(name, groups.get(group));
    const regions = kind === 'object' && machine !== undefined ? document.machines[machine].regions : undefined;
    const lanes =
      regions === undefined
        ? [{ track: lane, texts: values.map((value) => documentValueText(document, cell, value)) }]
        : regions.map((region, at) => ({
            track: packets.track(region, lane),
            texts: values.map((value) => (Array.isArray(value) ? value[at] : '?')),
          }));
    for (const { track, texts } of lanes) {
      for (const { from, to, value } of stretches(texts)) {
        packets.slice({ track, at: from * STEP, name: value, category: group }, to * STEP);
      }
    }
  }
}

/** What a cell holds from each step on, once it has been taken. */
function valuesOf(
  changes: readonly ReadonlyMap<number, DocumentValue>[],
  cell: number,
  initial: DocumentValue | undefined,
): readonly (DocumentValue | undefined)[] {
  let value = initial;
  return changes.map((change) => {
    value = change.get(cell) ?? value;
    return value;
  });
}

/** Neighbours that are the same, as one. */
function stretches<T>(
  values: readonly T[],
): readonly { readonly from: number; readonly to: number; readonly value: T }[] {
  const found: { from: number; to: number; value: T }[] = [];
  for (const [at, value] of values.entries()) {
    const last = found.at(-1);
    if (last !== undefined && last.value === value) last.to = at + 1;
    else found.push({ from: at, to: at + 1, value });
  }
  return found;
}
