/** The table "What the five threads say" of docs/kernel.md: its rows, and the cells that they name. */

/** One sentence of a thread, and what shows it. */
export interface MissionRow {
  readonly thread: string;
  readonly says: string;
  readonly cells: readonly MissionCell[];
  readonly shownBy: string;
}

/** A cell that a row names, and the result that the row states. */
export interface MissionCell {
  readonly scenario: string;
  readonly scheme: string;
  /** Settings beside the scenario's own, as they stand in the row: `key: value, key: value`. */
  readonly set: string;
  readonly expect: string;
}

const CELL = /`([\w-]+)` under `([\w+-]+)`(?: \(`([^`]+)`\))?: ([\w-]+)/g;

/** The rows of the table in a Markdown text. */
export function missionRows(markdown: string): MissionRow[] {
  const section = /^## What the five threads say\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(markdown)?.[1] ?? '';
  return [...section.matchAll(/^\| (\d{3}) \| ([^|]+) \| ([^|]+) \|$/gm)].map(([, thread, says, shownBy]) => ({
    ...{ thread, says, shownBy },
    cells: [...shownBy.matchAll(CELL)].map(([, scenario, scheme, set = '', expect]) => ({
      ...{ scenario, scheme, set, expect },
    })),
  }));
}
