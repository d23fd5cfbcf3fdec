/**
 * Tables of scripts: rows of texts as columns. Imported by the scripts that print some.
 */

/** The lines of a table; numbers are written as they are. */
export function tableLines(rows) {
  const texts = rows.map((row) => row.map(String));
  const widths = texts[0].map((_, column) => Math.max(...texts.map((row) => row[column].length)));
  return texts.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
}
