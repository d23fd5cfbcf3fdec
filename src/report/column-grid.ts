/**
 * Column grid: sets rows in columns of fixed width, one line a row over all columns, in the convention of kernel
 * changelogs. Used by the columns and the deadlock report.
 */

import type { ColumnHead } from './column-heads.js';
import type { ColumnRow } from './column-rows.js';
import { plain, wrapCode, wrapWords } from './wrap.js';

/** Widest grid with up to two columns: what fits a changelog. */
const TWO_COLUMNS_WIDTH = 75;
/** Widest grid with more. */
const MORE_COLUMNS_WIDTH = 100;
const GAP = 2;
const NESTING = 2;
const CONTINUATION = 4;
/** A column narrower than this cannot be read; then one column takes the steps and another names the actors. */
const NARROWEST = 18;
/** Room that text keeps however deep it is nested. */
const NARROWEST_TEXT = 12;
/** A title needs no more room than this, because it may wrap. */
const TITLE_WIDTH = 30;

/** Widest line that a grid of so many columns may have, in characters. */
function gridWidth(columns: number): number {
  return columns <= 2 ? TWO_COLUMNS_WIDTH : MORE_COLUMNS_WIDTH;
}

/** The lines of a grid: titles, dashes, rows. */
export function columnGrid(heads: readonly ColumnHead[], rows: readonly ColumnRow[]): string[] {
  if (heads.length === 0) return ['(no steps)'];
  const budget = gridWidth(heads.length);
  if (heads.length > 1 && (budget - GAP * (heads.length - 1)) / heads.length < NARROWEST) return listGrid(heads, rows);
  const natural = heads.map(({ actor, title }) =>
    Math.max(
      Math.min(plain(title).length, TITLE_WIDTH),
      ...rows.map((row) => (row.actor === actor ? widthOf(row) : 0)),
    ),
  );
  const widths = shareRoom(natural, budget - GAP * (heads.length - 1));
  const starts = widths.map((_, column) => widths.slice(0, column).reduce((sum, width) => sum + width + GAP, 0));
  const lines = titles(heads, widths, starts);
  for (const row of rows) {
    const column = heads.findIndex(({ actor }) => actor === row.actor);
    lines.push(...rowLines(row, starts[column], widths[column], budget));
  }
  return lines.map((line) => line.trimEnd());
}

/** For more actors than columns can be had: the actor's name, then its step. */
function listGrid(heads: readonly ColumnHead[], rows: readonly ColumnRow[]): string[] {
  const names = new Map(heads.map(({ actor, title }) => [actor, plain(title)]));
  const width = Math.min(TITLE_WIDTH, Math.max(...[...names.values()].map(({ length }) => length)));
  const start = width + GAP;
  const lines: string[] = [];
  let previous: number | undefined;
  for (const row of rows) {
    const name = row.actor === previous ? [''] : wrapWords(names.get(row.actor) ?? '', width);
    const text = rowLines(row, start, MORE_COLUMNS_WIDTH - start, MORE_COLUMNS_WIDTH);
    for (let i = 0; i < Math.max(name.length, text.length); i++) {
      lines.push(`${(name[i] ?? '').padEnd(start)}${(text[i] ?? '').slice(start)}`.trimEnd());
    }
    previous = row.actor;
  }
  return lines;
}

/** Natural widths where they fit; else the widest columns give way first. */
function shareRoom(natural: readonly number[], room: number): number[] {
  const total = natural.reduce((sum, width) => sum + width, 0);
  if (total <= room) return [...natural];
  let cap = Math.max(...natural);
  while (natural.reduce((sum, width) => sum + Math.min(width, cap), 0) > room) cap--;
  let left = room - natural.reduce((sum, width) => sum + Math.min(width, cap), 0);
  return natural.map((width) => (width > cap && left-- > 0 ? cap + 1 : Math.min(width, cap)));
}

function titles(heads: readonly ColumnHead[], widths: readonly number[], starts: readonly number[]): string[] {
  const wrapped = heads.map(({ title }, column) =>
    wrapWords(title, widths[column]).flatMap((line) => wrapCode(line, widths[column], widths[column])),
  );
  const height = Math.max(...wrapped.map(({ length }) => length));
  const lines = Array.from({ length: height }, (_, line) =>
    joined(
      wrapped.map((title) => title[line] ?? ''),
      starts,
    ),
  );
  const dashes = wrapped.map((title) => '-'.repeat(Math.max(...title.map(({ length }) => length))));
  return [...lines, joined(dashes, starts)];
}

function joined(texts: readonly string[], starts: readonly number[]): string {
  return texts.reduce((line, text, column) => line.padEnd(starts[column]) + text, '').trimEnd();
}

function rowLines(row: ColumnRow, start: number, width: number, budget: number): string[] {
  const room = Math.min(NARROWEST_TEXT, plain(row.text).length);
  const indent = Math.min(row.depth * NESTING, Math.max(0, width - room));
  const continued = Math.min(indent + CONTINUATION, Math.max(0, width - NARROWEST_TEXT));
  const texts = wrapCode(row.text, width - indent, width - continued);
  const lines = texts.map((text, place) => ' '.repeat(start + (place === 0 ? indent : continued)) + text);
  if (row.breaks === undefined) return lines;
  const mark = `*** ${row.breaks} ***`;
  const last = lines[lines.length - 1];
  if (last.length + 1 + mark.length <= start + width) return [...lines.slice(0, -1), `${last} ${mark}`];
  // The other columns are blank here, so the mark may reach into them; it is never cut.
  return [...lines, ' '.repeat(Math.max(0, Math.min(start + continued, budget - mark.length))) + mark];
}

function widthOf({ depth, text, breaks }: ColumnRow): number {
  return depth * NESTING + plain(text).length + (breaks === undefined ? 0 : breaks.length + ' ***  ***'.length);
}
