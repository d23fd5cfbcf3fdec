/**
 * Growing text: names the cells whose values had no end as far as a run went, and says what to write. Used by the reports
 * of explore and verify.
 */

import type { GrowingCell } from '../core/growing.js';
import { plain } from './wrap.js';

/** Cells that are named; more say nothing more. */
const NAMED = 3;

/** `next_ticket grows without end as far as was seen (0 to 45,000): write it modulo n, or bound it.` */
export function growingText(cells: readonly GrowingCell[]): string {
  const shown = cells.slice(0, NAMED);
  const more = cells.length > NAMED ? `, and ${cells.length - NAMED} more,` : '';
  const named = (each: GrowingCell): string => plain(each.cell);
  if (cells.length === 1) {
    return `${named(cells[0])} grows without end as far as was seen (${rangeText(cells[0])}): write it modulo n, or bound it.`;
  }
  const all = shown.map((each) => `${named(each)} (${rangeText(each)})`);
  const list = more === '' ? `${all.slice(0, -1).join(', ')} and ${all.at(-1)}` : `${all.join(', ')}${more}`;
  return `${list} grow without end as far as was seen: write them modulo n, or bound them.`;
}

function rangeText({ least, most }: GrowingCell): string {
  return `${least.toLocaleString('en')} to ${most.toLocaleString('en')}`;
}
