/**
 * Trace document: a run as `faultline.trace/1`, of which the page and all exports are made. Imported by whoever keeps or
 * replays findings.
 */

import { nodeModule } from '../core/node-module.js';
import type { Waiter } from '../core/story/deadlock.js';
import type { HeldLock } from '../core/story/held-locks.js';
import { momentsOf, type RunMoment } from '../core/story/moments.js';
import { placeOfOp } from '../core/story/op-places.js';
import type { TraceFrame } from '../core/story/open-frames.js';
import type { Trace, TraceOp, TraceStep } from '../core/story/trace.js';
import { touchedCells } from '../trace/trace-reading.js';
import type { DocumentStep, DocumentWait, TraceDocument } from '../trace/trace-schema.js';
import { columnsOf } from './columns.js';
import { titleOf } from './title.js';
import { TraceCells } from './trace-cells.js';

/** What a trace does not say of itself. */
export interface AboutTrace {
  readonly source: Omit<TraceDocument['source'], 'engine'>;
  /** Of a finding that its run does not show, such as a livelock; else the trace's own. */
  readonly title?: string | undefined;
  readonly violation?: TraceDocument['violation'];
  readonly loopFrom?: number | undefined;
  readonly notes?: readonly string[];
  /** The columns, where they are not those of the trace alone. */
  readonly columns?: string | undefined;
}

/** The document of a run. */
export function traceDocument(trace: Trace, about: AboutTrace): TraceDocument {
  const { program, actors, bystanders, conflict, deadlock, cutShort, initially } = trace;
  const cells = new TraceCells(trace);
  const described = cells.describe();
  const moments = momentsOf(trace);
  const steps = trace.steps.map((step, place) => stepOf(step, cells, moments[place], moments[place + 1]));
  const violation = about.violation ?? trace.violation;
  return defined({
    schema: 'faultline.trace/1',
    title: about.title ?? titleOf(trace) ?? 'Nothing breaks in this run.',
    source: defined({ engine: 'controlled' as const, ...about.source }),
    order: 'total',
    violation,
    initially: initially || undefined,
    actors: actors.map(({ name, calls, daemon }, actor) =>
      defined({
        name,
        calls: calls.map((call) => call.name),
        daemon: daemon || undefined,
        bystander: bystanders.includes(actor) || undefined,
      }),
    ),
    machines: program.machines.map((machine) => ({
      name: machine.name,
      regions: Object.keys(machine.decode(machine.initial)),
    })),
    cells: described,
    start: { runnable: [...moments[0].runnable], waits: moments[0].waits.map((wait) => waitOf(wait, cells)) },
    steps,
    conflicts: conflictsOf(steps),
    blame:
      conflict &&
      defined({
        step: conflict.step,
        shows: conflict.shows,
        function: conflict.function,
        against: conflict.with,
        cause: conflict.cause,
      }),
    deadlock: deadlock && {
      waits: deadlock.waiters.map((wait) => waitOf(wait, cells)),
      ring: [...deadlock.cycle],
      core: [...deadlock.core],
      othersRun: deadlock.othersRun,
    },
    loopFrom: about.loopFrom,
    cutShort,
    notes: about.notes && about.notes.length > 0 ? [...about.notes] : undefined,
    columns: about.columns ?? columnsOf(trace),
  });
}

type DocumentOp = NonNullable<DocumentStep['ops']>[number];

function stepOf(step: TraceStep, cells: TraceCells, before: RunMoment, after: RunMoment): DocumentStep {
  const { actor, call, text, result, frames, section, ops, again, effect, left, endsCall, held, violation } = step;
  return defined({
    ...{ actor, call, text, result },
    frames: frames.map(frameOf),
    section: section || undefined,
    ops: ops.map((op) => opOf(op, cells)),
    choice: before.choice && { ...before.choice },
    again: again || undefined,
    effect,
    left: left.length > 0 ? left.map(({ depth, returned }) => ({ depth, returned })) : undefined,
    endsCall: endsCall || undefined,
    held: held.map((lock) => heldOf(lock, cells)),
    runnable: [...after.runnable],
    waits: after.waits.map((wait) => waitOf(wait, cells)),
    violation: violation && { kind: violation.kind, words: violation.words, rule: violation.rule },
  });
}

function opOf(op: TraceOp, cells: TraceCells): DocumentOp {
  const { text, result, frames, touches, identities, lock } = op;
  const place = lock && cells.placeOf(lock.word);
  return defined({
    ...{ text, result },
    frames: frames.map(frameOf),
    accesses: cells.follow(touches),
    about: identities.length > 0 ? [...identities] : undefined,
    lock: lock && place !== undefined ? { cell: place, action: lock.action } : undefined,
    at: lineOf(op),
  });
}

/** The file as whoever called the program would name it. */
function lineOf(op: TraceOp): DocumentOp['at'] {
  const at = placeOfOp(op);
  if (at === undefined) return undefined;
  const { relative, sep } = nodeModule('node:path')!;
  const path = relative(process.cwd(), at.path).split(sep).join('/');
  return { file: path.startsWith('../') ? at.path : path, line: at.line };
}

function frameOf({ name, version, visit }: TraceFrame): DocumentStep['frames'][number] {
  return defined({ name, version: version === '' ? undefined : version, visit });
}

function heldOf({ name, word, mode }: HeldLock, cells: TraceCells): NonNullable<DocumentStep['held']>[number] {
  return defined({ lock: name, cell: cells.placeOf(word), mode });
}

function waitOf({ actor, text, lock, blockers, sees }: Waiter, cells: TraceCells): DocumentWait {
  return defined({
    ...{ actor, text },
    lock: lock?.name,
    cell: lock && cells.placeOfName(lock.name),
    for: blockers.map((blocker) => ({ actor: blocker.actor, as: blocker.as })),
    sees: sees.length > 0 ? [...sees] : undefined,
  });
}

/**
 * The nearest pairs: of each access of a cell the last write before it, and of each write what was read since the last one;
 * of two actors each.
 */
function conflictsOf(steps: readonly DocumentStep[]): TraceDocument['conflicts'] {
  const writers = new Map<number, number>();
  const readers = new Map<number, Map<number, number>>();
  const conflicts = new Map<string, { from: number; to: number; cells: number[] }>();
  const conflict = (from: number | undefined, to: number, cell: number): void => {
    if (from === undefined || steps[from].actor === steps[to].actor) return;
    const key = `${from} ${to}`;
    const known = conflicts.get(key);
    if (known === undefined) conflicts.set(key, { from, to, cells: [cell] });
    else if (!known.cells.includes(cell)) known.cells.push(cell);
  };
  for (const [to, step] of steps.entries()) {
    const { reads, writes } = touchedCells(step);
    for (const cell of [...reads, ...writes]) conflict(writers.get(cell), to, cell);
    for (const cell of writes) {
      for (const from of readers.get(cell)?.values() ?? []) conflict(from, to, cell);
      readers.delete(cell);
      writers.set(cell, to);
    }
    for (const cell of reads) {
      if (!readers.has(cell)) readers.set(cell, new Map());
      readers.get(cell)!.set(step.actor, to);
    }
  }
  return [...conflicts.values()].sort((one, other) => one.to - other.to || one.from - other.from);
}

/** What a document may leave out where it does not apply. */
type Loose<T> = { [K in keyof T]: T[K] | undefined };

/** A copy without the members that are undefined. */
function defined<T extends object>(value: Loose<T>): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}
