/**
 * Column grid: sets rows in columns of fixed width, one line a row over all columns, in the convention of kernel
 * changelogs. Used by the columns and the deadlock report.
 */

import type { ColumnHead } from './column-heads.js';
import type { ColumnRow } from './column-rows.js';
import { padded, widthOf } from './text-width.js';
import { plain, wrapCode, wrapWords } from './wrap.js';

/** Widest grid, where its columns can be read in that: what fits a changelog. */
const WIDTH = 75;
/** Widest grid of more columns than fit; then one column takes the steps and another names the actors. */
const WIDEST = 100;
const GAP = 2;
const NESTING = 2;
const CONTINUATION = 4;
/** A column that is narrower, although its text is not, cannot be read. */
const NARROWEST = 18;
/** Room that text keeps however deep it is nested. */
const NARROWEST_TEXT = 12;
/** A title needs no more room than this, because it may wrap. */
const TITLE_WIDTH = 30;

/** How a grid is laid out. */
export interface GridOptions {
  /** Places in front of its lines that their width must leave; none if left out. */
  readonly indent?: number;
  /** Rows that the columns must suit too, because another part of the same story has them. */
  readonly besides?: readonly ColumnRow[];
}

/** The lines of a grid: titles, dashes, rows. */
export function columnGrid(
  heads: readonly ColumnHead[],
  rows: readonly ColumnRow[],
  { indent = 0, besides = [] }: GridOptions = {},
): string[] {
  if (heads.length === 0) return ['(no steps)'];
  const all = [...rows, ...besides];
  const natural = heads.map(({ actor, title }) =>
    Math.max(
      Math.min(widthOf(plain(title)), TITLE_WIDTH),
      ...all.map((row) => (row.actor === actor ? rowWidth(row) : 0)),
    ),
  );
  const gaps = GAP * (heads.length - 1);
  const needed = sumOf(natural.map((width) => Math.min(width, NARROWEST))) + gaps;
  const budget = Math.max(WIDTH - indent, needed);
  if (budget > WIDEST - indent) return listGrid(heads, rows, WIDTH - indent);
  const widths = shareRoom(natural, budget - gaps, lineCounter(heads, all));
  const starts = widths.map((_, column) => sumOf(widths.slice(0, column)) + GAP * column);
  const lines = titles(heads, widths, starts);
  for (const row of rows) {
    const column = heads.findIndex(({ actor }) => actor === row.actor);
    lines.push(...rowLines(row, starts[column], widths[column], budget));
  }
  return lines.map((line) => line.trimEnd());
}

/** For more actors than columns can be had: the actor's name, then its step. */
function listGrid(heads: readonly ColumnHead[], rows: readonly ColumnRow[], budget: number): string[] {
  const names = new Map(heads.map(({ actor, title }) => [actor, plain(title)]));
  const width = Math.min(TITLE_WIDTH, Math.max(...[...names.values()].map(widthOf)));
  const start = width + GAP;
  const lines: string[] = [];
  let previous: number | undefined;
  for (const row of rows) {
    const name = row.actor === previous ? [''] : wrapWords(names.get(row.actor) ?? '', width);
    const text = rowLines(row, start, budget - start, budget);
    for (let i = 0; i < Math.max(name.length, text.length); i++) {
      lines.push(`${padded(name[i] ?? '', start)}${(text[i] ?? '').slice(start)}`.trimEnd());
    }
    previous = row.actor;
  }
  return lines;
}

/**
 * Natural widths where they fit; else columns give way place by place, always the one whose text then takes the fewest
 * lines more, of several the widest, and none so far that it cannot be read.
 */
function shareRoom(
  natural: readonly number[],
  room: number,
  linesOf: (column: number, width: number) => number,
): number[] {
  const least = natural.map((width) => Math.min(width, NARROWEST));
  const spare = room - sumOf(least);
  const widths = natural.map((width, column) => Math.min(width, least[column] + spare));
  const columns = widths.map((_, column) => column);
  for (let excess = sumOf(widths) - room; excess > 0; excess--) {
    const costs = columns.map((column) =>
      widths[column] > least[column] ? linesOf(column, widths[column] - 1) - linesOf(column, widths[column]) : NEVER,
    );
    const [first] = [...columns].sort((left, right) => costs[left] - costs[right] || widths[right] - widths[left]);
    widths[first]--;
  }
  return widths;
}

const NEVER = Number.MAX_SAFE_INTEGER;

function sumOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0);
}

/**
 * How many lines more than its steps an actor's text takes in a column of some width; a word of its title that is cut
 * counts as one.
 */
function lineCounter(
  heads: readonly ColumnHead[],
  rows: readonly ColumnRow[],
): (column: number, width: number) => number {
  const known = new Map<string, number>();
  const own = heads.map(({ actor }) =>
    rows.filter((row) => row.actor === actor).map((row) => ({ row, needs: rowWidth(row) })),
  );
  const words = heads.map(({ title }) => plain(title).split(' ').map(widthOf));
  return (column, width) => {
    const key = `${column}:${width}`;
    let lines = known.get(key);
    if (lines === undefined) {
      lines = words[column].filter((word) => word > width).length;
      for (const { row, needs } of own[column]) if (needs > width) lines += rowLines(row, 0, width, width).length - 1;
      known.set(key, lines);
    }
    return lines;
  };
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
  const dashes = wrapped.map((title) => '-'.repeat(Math.max(...title.map(widthOf))));
  return [...lines, joined(dashes, starts)];
}

function joined(texts: readonly string[], starts: readonly number[]): string {
  return texts.reduce((line, text, column) => padded(line, starts[column]) + text, '').trimEnd();
}

function rowLines(row: ColumnRow, start: number, width: number, budget: number): string[] {
  const room = Math.min(NARROWEST_TEXT, widthOf(plain(row.text)));
  const indent = Math.min(row.depth * NESTING, Math.max(0, width - room));
  const [continued, texts] = wrappedStep(row.text, indent, width);
  const lines = texts.map((text, place) => ' '.repeat(start + (place === 0 ? indent : continued)) + text);
  if (row.breaks === undefined) return lines;
  const mark = `*** ${row.breaks} ***`;
  const last = lines[lines.length - 1];
  if (widthOf(last) + 1 + mark.length <= start + width) return [...lines.slice(0, -1), `${last} ${mark}`];
  // The other columns are blank here, so the mark may reach into them; it is never cut.
  return [...lines, ' '.repeat(Math.max(0, Math.min(start + continued, budget - mark.length))) + mark];
}

/** The lines of a step, and how far all but the first are indented: less where that saves lines. */
function wrappedStep(text: string, indent: number, width: number): [continued: number, texts: string[]] {
  const [usual, least] = [CONTINUATION, NESTING].map((more): [number, string[]] => {
    const continued = Math.min(indent + more, Math.max(0, width - NARROWEST_TEXT));
    return [continued, wrapCode(text, width - indent, width - continued)];
  });
  return least[1].length < usual[1].length ? least : usual;
}

function rowWidth({ depth, text, breaks }: ColumnRow): number {
  return depth * NESTING + widthOf(plain(text)) + (breaks === undefined ? 0 : breaks.length + ' ***  ***'.length);
}
