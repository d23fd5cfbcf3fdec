/**
 * Plain table: a heading over rows, numbers flush right under the names of their columns. Used by the reports of runs
 * that are measured.
 */

import type { PageTable } from '../trace/page-data.js';
import { padded, widthOf } from './text-width.js';
import { plain } from './wrap.js';

const INDENT = '  ';
const GAP = '  ';

/** The lines of a table that a page has as well: its caption stands over the names of the rows. */
export function tableLines({ caption, columns, rows }: PageTable): string[] {
  return plainTable(caption, columns.slice(1), rows as readonly (readonly [string, ...string[]])[]);
}

/**
 * The lines of a table. `title` stands over the names of the rows, `columns` over the numbers; a column that is empty
 * in every row is left out. No rows, no lines.
 */
export function plainTable(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly [name: string, ...cells: string[]])[],
): string[] {
  if (rows.length === 0) return [];
  const used = columns.map((_, place) => rows.some((row) => row[place + 1] !== ''));
  const lines = [[title, ...columns], ...rows.map(([name, ...cells]) => [INDENT + plain(name), ...cells])].map(
    ([name, ...cells]) => [name, ...cells.filter((_, place) => used[place])],
  );
  const widths = lines[0].map((_, place) => Math.max(...lines.map((line) => widthOf(line[place]))));
  return lines.map((line) =>
    line
      .map((cell, place) => (place === 0 ? padded(cell, widths[place]) : cell.padStart(widths[place])))
      .join(GAP)
      .trimEnd(),
  );
}
