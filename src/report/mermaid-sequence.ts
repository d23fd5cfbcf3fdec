/**
 * A trace as a Mermaid sequence diagram, for `faultline show <finding> --format mermaid` and for documents. It has the
 * rows of the columns: steps are messages of an actor to itself, functions and folds are notes.
 */

import type { Trace } from '../core/story/trace.js';
import { columnHeads } from './column-heads.js';
import { type ColumnRow, columnRows } from './column-rows.js';
import { plain } from './wrap.js';

/** Draws a trace as a `sequenceDiagram`; the text ends in '\n'. */
export function mermaidSequenceOf(trace: Trace): string {
  const heads = columnHeads(trace);
  const lines = heads.map(({ actor, title }) => `participant a${actor} as ${escaped(title)}`);
  for (const row of columnRows(trace)) lines.push(...rowLines(row));
  const { violation, conflict } = trace;
  if (violation !== undefined) {
    const ends = [...new Set([heads.at(0), heads.at(-1)])].filter((head) => head !== undefined);
    const over = ends.map(({ actor }) => `a${actor}`).join(',');
    const mark = conflict?.shows ? '' : `*** ${violation.kind} *** `;
    if (over !== '') lines.push(`Note over ${over}: ${escaped(`${mark}When this happens, ${violation.words}`)}`);
  }
  return ['sequenceDiagram', ...lines.map((line) => `  ${line}`), ''].join('\n');
}

function rowLines({ actor, kind, text, breaks }: ColumnRow): string[] {
  if (kind !== 'step') return [`Note over a${actor}: ${escaped(text)}`];
  if (breaks === undefined) return [`a${actor}->>a${actor}: ${escaped(text)}`];
  return ['rect rgb(253, 224, 224)', `  a${actor}->>a${actor}: ${escaped(`${text} *** ${breaks} ***`)}`, 'end'];
}

/** Mermaid ends a statement at `;`, takes `%%` for a comment, and a browser takes `<` for a tag. */
function escaped(text: string): string {
  const codes: Readonly<Record<string, string>> = { '#': '#35;', ';': '#59;', '%': '#37;', '<': '#lt;', '>': '#gt;' };
  return plain(text).replace(/[#;%<>]/g, (character) => codes[character]);
}
