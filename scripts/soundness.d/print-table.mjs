import { tableLines } from '../table.mjs';

/** Prints rows of texts as columns, with a title above. */
export function printTable(title, rows) {
  console.log(
    `\n${title}\n${tableLines(rows)
      .map((line) => `  ${line}`)
      .join('\n')}`,
  );
}

/** A whole number with its thousands apart: 12,345. */
export function grouped(count) {
  return Math.round(count).toLocaleString('en-US');
}
