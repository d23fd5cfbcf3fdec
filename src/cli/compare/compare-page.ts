/**
 * The page of a comparison: the table, and the most urgent finding of each cell that broke. Imported by run-compare.
 */

import type { Finding } from '../../core/finding.js';
import type { Program } from '../../core/program/program.js';
import { pageRunsOfFindings } from '../../kept/page-runs.js';
import { KERNEL_DOC } from '../../report/kernel-doc.js';
import type { ComparePage, RunOnPage } from '../../trace/page-data.js';
import { cellKey, type PlannedCell } from './compare-plan.js';
import { type Comparison, textOfAnswer } from './comparison.js';

/** A finding of a cell, and what it is drawn with. */
export interface CellFinding {
  readonly finding: Finding;
  readonly program: Program;
  readonly file: string | undefined;
}

/** The page. `summary`: what ran and what came of it, in a sentence. */
export async function comparePage(
  { plan, answers, differences }: Comparison,
  summary: string,
  found: ReadonlyMap<PlannedCell, readonly CellFinding[]>,
): Promise<ComparePage> {
  const runs: RunOnPage[] = [];
  const places = new Map<string, number>();
  for (const cell of plan.cells) {
    const answer = answers.find((each) => cellKey(each) === cellKey(cell));
    const shown = found.get(cell)?.find(({ finding }) => finding.kind === answer?.kind);
    if (shown === undefined) continue;
    places.set(cellKey(cell), runs.length);
    runs.push(...(await pageRunsOfFindings(cell.subject, shown.program, [shown])));
  }
  return {
    kind: 'compare',
    title: 'Every scheme against every scenario',
    summary,
    scenarios: [...plan.scenarios],
    schemes: plan.schemes.map(({ name, title }) => ({ name, title })),
    cells: answers.map((answer) => {
      const { scenario, scheme, kind } = answer;
      const differs = differences.find((each) => each.scenario === scenario && each.scheme === scheme);
      return {
        ...{ scenario, scheme, kind, text: textOfAnswer(answer), run: places.get(cellKey(answer)) },
        expected: differs?.expected,
      };
    }),
    notes: [KERNEL_DOC],
    runs,
  };
}
