/**
 * Story grid: the steps of a whole run in columns, one for each actor that the run is about, and below them one line for
 * those that only stand by. Used by the columns and the deadlock report.
 */

import type { Trace } from '../core/story/trace.js';
import { columnGrid } from './column-grid.js';
import { columnHeads } from './column-heads.js';
import { columnRows, textOf, type Unfold } from './column-rows.js';
import { plural } from './quantities.js';
import { wrapWords } from './wrap.js';

const WIDTH = 75;
/** Steps of a bystander that are told; of more only their number is. */
const TOLD = 3;

/** The lines of the grid, and of who is not in it. */
export function storyGrid(whole: Trace, unfold: Unfold): string[] {
  const trace = withoutBystanders(whole);
  return [...columnGrid(columnHeads(trace), columnRows(trace, { unfold })), ...bystanderLines(whole)];
}

function withoutBystanders(trace: Trace): Trace {
  const { bystanders, conflict } = trace;
  if (bystanders.length === 0) return trace;
  const steps = trace.steps.filter(({ actor }) => !bystanders.includes(actor));
  return { ...trace, steps, conflict: conflict && { ...conflict, step: steps.indexOf(trace.steps[conflict.step]) } };
}

/** Who is left out, and what each did: those that did the same together. */
function bystanderLines({ actors, steps, bystanders }: Trace): string[] {
  if (bystanders.length === 0) return [];
  const groups = new Map<string, string[]>();
  for (const actor of bystanders) {
    const own = steps.filter((step) => step.actor === actor);
    const did = own.length > TOLD ? plural(own.length, 'step') : own.map(textOf).join('; ');
    groups.set(did, [...(groups.get(did) ?? []), actors[actor].name]);
  }
  const lines = [...groups].flatMap(([did, names]) => wrapWords(`${names.join(', ')}: ${did}`, WIDTH - 2, '  '));
  const them = bystanders.length === 1 ? 'it' : 'them';
  return ['', `Not shown, because the end does not depend on ${them}:`, ...lines.map((line) => `  ${line}`)];
}
