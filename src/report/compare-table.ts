/**
 * Compare table: every scheme against every scenario, for the terminal. Rows are scenarios, columns are schemes under
 * short labels; the legend below has their whole names. Used by the command line.
 */

import type { FindingKind } from '../core/finding-kind.js';
import { wrapCode, wrapWords } from './wrap.js';

/** A column of the table. */
export interface ColumnScheme {
  /** The whole name. */
  readonly name: string;
  /** What stands above the column: a version such as V3b. */
  readonly label: string;
  readonly title: string;
}

/** What stands in a cell. */
export type CellText = 'verified' | `clean in ${string}` | FindingKind | 'no answer';

const WIDTH = 120;
/** Most that the names of the rows may take. */
const MOST_NAME = 32;
const GAP = 2;
/** Least width of a column: the longest part of a kind that is not broken further. */
const LEAST = 9;
/** Most columns that fit beside the longest name. */
const MOST_COLUMNS = Math.floor((WIDTH - MOST_NAME) / (LEAST + GAP));

/** Tells what stands in a cell; undefined for one that was not asked for. */
export type CellOf = (scenario: string, scheme: string) => CellText | undefined;

/**
 * The table with its legend; lines of at most 120 characters that end in '\n'. A cell that was not asked for is empty.
 * With more columns than fit it is a list: below each scenario its schemes.
 */
export function compareTable(scenarios: readonly string[], schemes: readonly ColumnScheme[], cellOf: CellOf): string {
  if (schemes.length > MOST_COLUMNS) return cellList(scenarios, schemes, cellOf);
  const cells = scenarios.map((scenario) => schemes.map(({ name }) => cellOf(scenario, name) ?? ''));
  const first = Math.min(
    Math.max(...scenarios.flatMap((name) => nameLines(name, MOST_NAME)).map((line) => line.length)),
    MOST_NAME,
  );
  const widths = columnWidths(schemes, cells, WIDTH - first);
  const rows = [
    row(
      '',
      schemes.map(({ label }) => label),
      first,
      widths,
    ),
    ...scenarios.map((scenario, place) => row(scenario, cells[place], first, widths)),
  ];
  const legend = schemes.flatMap(({ label, name, title }) => wrapWords(`${label}: ${name}, ${title}`, WIDTH, '  '));
  return [...rows.flat(), '', ...legend, ''].join('\n');
}

function cellList(scenarios: readonly string[], schemes: readonly ColumnScheme[], cellOf: CellOf): string {
  const width = Math.max(...schemes.map(({ name }) => name.length));
  return scenarios
    .flatMap((scenario) => [
      scenario,
      ...schemes.flatMap(({ name }) => {
        const cell = cellOf(scenario, name);
        return cell === undefined ? [] : [`  ${name.padEnd(width)}  ${cell}`];
      }),
      '',
    ])
    .join('\n');
}

/** As wide as the texts want, narrowed evenly until the table fits. */
function columnWidths(
  schemes: readonly ColumnScheme[],
  cells: readonly (readonly string[])[],
  available: number,
): readonly number[] {
  const wanted = schemes.map(({ label }, column) =>
    Math.max(label.length, ...cells.map((texts) => texts[column].length)),
  );
  const total = () => wanted.reduce((sum, width) => sum + width + GAP, 0);
  while (total() > available && Math.max(...wanted) > LEAST) wanted[wanted.indexOf(Math.max(...wanted))]--;
  return wanted;
}

/** A row in as many lines as its longest cell takes. */
function row(name: string, texts: readonly string[], first: number, widths: readonly number[]): string[] {
  const parts = [
    nameLines(name, first),
    ...texts.map((text, column) => wrapCode(text, widths[column], widths[column])),
  ];
  const height = Math.max(...parts.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    parts
      .map((lines, column) => (lines[line] ?? '').padEnd(column === 0 ? first : widths[column - 1]))
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
}

/** A scenario, and below it its settings, each on a line of its own. */
function nameLines(name: string, width: number): string[] {
  const [scenario, ...settings] = name.split('@');
  const indented = settings.flatMap((setting) => wrapCode(setting, width - 2, width - 2)).map((line) => `  ${line}`);
  return [...wrapCode(scenario, width, width), ...indented];
}
