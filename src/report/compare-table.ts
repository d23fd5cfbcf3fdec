/**
 * Compare table: every scheme against every scenario, for the terminal. Rows are scenarios, columns are schemes under
 * short labels; the legend below has their whole names. Used by the command line.
 */

import type { FindingKind } from '../core/finding-kind.js';
import { padded, widthOf } from './text-width.js';
import { wrapCode, wrapWords } from './wrap.js';

/** A column of the table. */
export interface ColumnScheme {
  /** The whole name. */
  readonly name: string;
  /** What stands above the column: the name, or that of the user's file without its folder. */
  readonly label: string;
  readonly title: string;
}

/** What stands in a cell. */
export type CellText = 'verified' | `clean in ${string}` | FindingKind | 'no answer';

/** A terminal that is narrower is taken for one of this width. */
const NARROWEST = 40;
/** Widest line of the legend. */
const WIDEST_PROSE = 120;
/** Most that the names of the rows may take. */
const MOST_NAME = 32;
const GAP = 2;
/** Least width of a column: the longest part of a kind that is not broken further. */
const LEAST = 10;

/** Tells what stands in a cell; undefined for one that was not asked for. */
export type CellOf = (scenario: string, scheme: string) => CellText | undefined;

/**
 * The table with its legend, in lines of at most `width` places that end in '\n'. A cell that was not asked for is empty.
 * With more columns than fit, the table goes on below itself with the next ones.
 */
export function compareTable(
  scenarios: readonly string[],
  schemes: readonly ColumnScheme[],
  cellOf: CellOf,
  width: number,
): string {
  const room = Math.max(NARROWEST, width);
  const mostName = Math.min(MOST_NAME, Math.floor(room / 2));
  const first = Math.max(...scenarios.flatMap((name) => nameLines(name, mostName)).map(widthOf));
  const bands = bandsOf(schemes, room - first);
  const tables = bands.map((band) => {
    const cells = scenarios.map((scenario) => band.map(({ name }) => cellOf(scenario, name) ?? ''));
    const widths = columnWidths(band, cells, room - first);
    const labels = band.map(({ label }) => label);
    const rows = scenarios.flatMap((scenario, place) =>
      // A scenario that none of these schemes was asked about has its row beside others.
      bands.length > 1 && cells[place].every((cell) => cell === '') ? [] : row(scenario, cells[place], first, widths),
    );
    return [...row('', labels, first, widths), ...rows, ''];
  });
  const prose = Math.min(room, WIDEST_PROSE);
  const legend = schemes.flatMap(({ label, name, title }) =>
    wrapWords(`${label}: ${label === name ? '' : `${name}, `}${title}`, prose, '  '),
  );
  return [...tables.flat(), ...legend, ''].join('\n');
}

/** The columns that stand side by side: about as many in each part, and no more than can be read. */
function bandsOf(schemes: readonly ColumnScheme[], room: number): (readonly ColumnScheme[])[] {
  const most = Math.max(1, Math.floor(room / (LEAST + GAP)));
  const each = Math.ceil(schemes.length / Math.ceil(schemes.length / most));
  return Array.from({ length: Math.ceil(schemes.length / each) }, (_, band) =>
    schemes.slice(band * each, (band + 1) * each),
  );
}

/** As wide as the texts want, narrowed evenly until the table fits. */
function columnWidths(
  schemes: readonly ColumnScheme[],
  cells: readonly (readonly string[])[],
  available: number,
): readonly number[] {
  const wanted = schemes.map(({ label }, column) =>
    Math.max(widthOf(label), ...cells.map((texts) => texts[column].length)),
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
      .map((lines, column) => padded(lines[line] ?? '', column === 0 ? first : widths[column - 1]))
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
