/**
 * Reading a trace document: what the cells hold at a step, and values as text. For the page, the exports and programs of
 * others. Browser-safe.
 */

import type { DocumentStep, DocumentValue, TraceDocument } from './trace-schema.js';

/** What a step did to one cell, from before its first op to behind its last. */
export interface CellChange {
  /** A position in the document's cells. */
  readonly cell: number;
  readonly before: DocumentValue | undefined;
  readonly after: DocumentValue;
}

/** What a step changed, cell by cell in the order in which it came to them; a cell that it put back is none of them. */
export function cellChangesOf({ ops = [] }: DocumentStep): readonly CellChange[] {
  const changes = new Map<number, CellChange>();
  for (const { cell, before, after } of ops.flatMap(({ accesses }) => accesses)) {
    if (after === undefined) continue;
    changes.set(cell, { cell, before: changes.has(cell) ? changes.get(cell)?.before : before, after });
  }
  return [...changes.values()].filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after));
}

/**
 * What every cell holds behind the first `steps` steps, by position.
 *
 * @param steps 0: the initial state
 */
export function cellsAt(document: TraceDocument, steps: number): readonly (DocumentValue | undefined)[] {
  const values = document.cells.map(({ initial }) => initial);
  for (const step of document.steps.slice(0, steps)) {
    for (const { cell, after } of cellChangesOf(step)) values[cell] = after;
  }
  return values;
}

/** The cells that a step reads and those that it writes, by position, each once. */
export function touchedCells({ ops = [] }: DocumentStep): {
  readonly reads: readonly number[];
  readonly writes: readonly number[];
} {
  const accesses = ops.flatMap((op) => op.accesses);
  const writes = new Set(accesses.filter((access) => access.writes).map(({ cell }) => cell));
  const reads = new Set(accesses.map(({ cell }) => cell).filter((cell) => !writes.has(cell)));
  return { reads: [...reads], writes: [...writes] };
}

/** The latest step before `step` that wrote a cell; undefined where none did. */
export function lastWriterOf(document: TraceDocument, cell: number, step: number): number | undefined {
  const found = document.steps.slice(0, step).findLastIndex((each) => touchedCells(each).writes.includes(cell));
  return found < 0 ? undefined : found;
}

/** What a cell holds, in words: `folio 1`, `contents zero, uptodate set`, `writer vCPU0`, `changed since vCPU1 took it`. */
export function documentValueText(document: TraceDocument, cell: number, held: DocumentValue | undefined): string {
  if (held === undefined) return '?';
  if (typeof held === 'string') return held;
  const { kind, machine } = document.cells[cell];
  if (Array.isArray(held)) {
    const { regions } = document.machines[machine!];
    return held.map((state, region) => `${regions[region]} ${state}`).join(', ');
  }
  const named = Object.entries(held)
    .filter(([, actors]) => actors.length > 0)
    .map(([role, actors]) => ({ role, names: actors.map((each) => document.actors[each].name).join(', ') }));
  if (kind === 'token') {
    return named.length === 0
      ? 'nobody has taken it'
      : named.map(({ role, names }) => `${role} ${names} took it`).join(', ');
  }
  return named.length === 0 ? 'free' : named.map(({ role, names }) => `${role} ${names}`).join(', ');
}
