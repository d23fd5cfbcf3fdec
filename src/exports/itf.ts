/**
 * ITF export: a run in the Informal Trace Format of Apalache and Quint (Apalache's ADR 015), for the viewers of both. A
 * variable a cell, a state before the first step and behind each.
 */

import { plainJson } from '../core/plain-text.js';
import { cellChangesOf } from '../trace/trace-reading.js';
import type { DocumentValue, TraceDocument } from '../trace/trace-schema.js';
import { oneLine } from './export-text.js';
import { happensText, stepInFunction } from './step-text.js';

/** What Quint calls the step that led to a state. */
const ACTION = 'mbt::actionTaken';

/** How a cell's values are written: all of one variable in the same way, because ITF's readers give variables a type. */
type Encoding = (held: DocumentValue | undefined) => unknown;

/** The trace as JSON; the text ends in '\n'. */
export function itfOf(document: TraceDocument): string {
  const { title, source, steps, violation, loopFrom, order } = document;
  const names = variableNames(document);
  const encodings = document.cells.map((_, cell) => encodingOf(document, cell));
  const values = document.cells.map(({ initial }) => initial);
  const states = [...Array(steps.length + 1).keys()].map((at) => {
    if (at > 0) for (const { cell, after } of cellChangesOf(steps[at - 1])) values[cell] = after;
    const action =
      at === 0 ? 'init' : oneLine(`${document.actors[steps[at - 1].actor].name}: ${stepInFunction(steps[at - 1])}`);
    return {
      '#meta': { index: at },
      [ACTION]: action,
      ...Object.fromEntries(names.map((name, cell) => [name, encodings[cell](values[cell])])),
    };
  });
  const sentences = [
    title,
    ...(violation === undefined ? [] : [happensText(violation.words)]),
    ...(order === 'total' ? [] : ["Only the order of each actor's own steps is certain."]),
  ];
  const trace = {
    '#meta': {
      format: 'ITF',
      'format-description': 'https://apalache.informal.systems/docs/adr/015adr-trace.html',
      source: oneLine(source.scenario ?? source.model ?? 'faultline'),
      status: violation === undefined ? 'ok' : 'violation',
      description: oneLine(sentences.join(' ')),
    },
    vars: [ACTION, ...names],
    states,
    ...(loopFrom === undefined ? {} : { loop: loopFrom }),
  };
  return `${plainJson(JSON.stringify(trace))}\n`;
}

/** Names of cells; what begins with `#` would be read as a part of the format. */
function variableNames({ cells }: TraceDocument): readonly string[] {
  const taken = new Set([ACTION]);
  return cells.map(({ name }) => {
    const word = oneLine(name).replace(/^#/, '_');
    let own = word;
    for (let copy = 2; taken.has(own); copy++) own = `${word} (${copy})`;
    taken.add(own);
    return own;
  });
}

function encodingOf(document: TraceDocument, cell: number): Encoding {
  const { kind, machine } = document.cells[cell];
  const values = valuesOf(document, cell);
  if (kind === 'object' && machine !== undefined) {
    const { regions } = document.machines[machine];
    return (held) =>
      Object.fromEntries(regions.map((region, at) => [region, Array.isArray(held) ? oneLine(held[at]) : '?']));
  }
  if (kind === 'lock' || kind === 'token') {
    const roles = [...new Set(values.flatMap((held) => (isRoles(held) ? Object.keys(held) : [])))].sort();
    return (held) =>
      Object.fromEntries(roles.map((role) => [role, { '#set': actorsIn(document, isRoles(held) ? held[role] : []) }]));
  }
  if (values.length > 0 && values.every((held) => typeof held === 'string' && /^-?\d+$/.test(held))) {
    return (held) => ({ '#bigint': typeof held === 'string' ? held : '0' });
  }
  return (held) => (typeof held === 'string' ? oneLine(held) : '?');
}

function actorsIn(document: TraceDocument, actors: readonly number[] = []): readonly string[] {
  return actors.map((actor) => oneLine(document.actors[actor].name));
}

function isRoles(held: DocumentValue | undefined): held is Record<string, number[]> {
  return typeof held === 'object' && !Array.isArray(held);
}

/** All that a cell holds in the run. */
function valuesOf({ cells, steps }: TraceDocument, cell: number): readonly DocumentValue[] {
  const accesses = steps
    .flatMap(({ ops = [] }) => ops.flatMap((op) => op.accesses))
    .filter((each) => each.cell === cell);
  const all = [cells[cell].initial, ...accesses.flatMap(({ before, after }) => [before, after])];
  return all.filter((held) => held !== undefined);
}
