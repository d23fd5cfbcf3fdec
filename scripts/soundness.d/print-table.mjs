/** Prints rows of texts as columns, with a title above. */
export function printTable(title, rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) => row.map((text, column) => text.padEnd(widths[column])).join('  '));
  console.log(`\n${title}\n${lines.map((line) => `  ${line}`.trimEnd()).join('\n')}`);
}

/** A whole number with its thousands apart: 12,345. */
export function grouped(count) {
  return Math.round(count).toLocaleString('en-US');
}
