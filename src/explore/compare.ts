/**
 * Compare: many models explored under the same conditions, one answer each: clean, or the most urgent kind.
 *
 * Cells are small, so each is run by one thread and the threads share the cells; what a cell answers is a function of
 * model, options and seed (with a budget also of time). The command line's table; any list of models will do.
 */

import type { Finding } from '../core/finding.js';
import { type FindingKind, moreUrgent } from '../core/finding-kind.js';
import { refuseUnknownOptions } from '../core/known-options.js';
import type { Program } from '../core/program/program.js';
import type { Model } from '../model/model.js';
import { throwNamed } from '../threads/refusal.js';
import { type ExploreResult, explore } from './explore.js';
import { Workers } from './lanes.js';
import type { ExploreOptions } from './options.js';

/** A model in the table. */
export interface CompareCell {
  /** Name of the row. */
  readonly scenario: string;
  /** Name of the column. */
  readonly scheme: string;
  readonly model: Model;
}

/** What a model did. */
export interface CompareAnswer {
  readonly scenario: string;
  readonly scheme: string;
  /** inconclusive: interrupted before anything was found, or no schedule came to an end. */
  readonly verdict: 'violation' | 'clean' | 'inconclusive';
  /** The most urgent kind that was found. */
  readonly kind: FindingKind | undefined;
  /** All kinds that were found, most urgent first. */
  readonly kinds: readonly FindingKind[];
  readonly schedules: number;
  readonly steps: number;
}

/** What compare takes; `schedules` is for each cell, `budgetMs` for all of them together. */
export interface CompareOptions
  extends Pick<
    ExploreOptions,
    'strategy' | 'depth' | 'seed' | 'schedules' | 'stepBound' | 'budgetMs' | 'signal' | 'clock'
  > {
  /** Worker threads. Default 1: this thread. */
  readonly workers?: number;
  /** Called for each finding of a cell, when it is seen and when it is small. Without it nothing is made small. */
  readonly onFinding?: (cell: CompareCell, finding: Finding, program: Program) => void;
  /** Called after each cell. */
  readonly onAnswer?: (answer: CompareAnswer, answered: number) => void;
}

const NAMES = Object.keys({
  strategy: 1,
  depth: 1,
  seed: 1,
  schedules: 1,
  stepBound: 1,
  budgetMs: 1,
  signal: 1,
  clock: 1,
  workers: 1,
  onFinding: 1,
  onAnswer: 1,
} satisfies Record<keyof CompareOptions, 1>);

const SCHEDULES = 20_000;

/**
 * Explores every cell to the end of its schedules (20,000 by default), or of its share of the budget. Answers come in
 * the order of the cells.
 *
 * @throws what explore throws, with the cell's name
 */
export async function compare(cells: readonly CompareCell[], options: CompareOptions = {}): Promise<CompareAnswer[]> {
  refuseUnknownOptions('compare()', options, NAMES);
  const { workers = 1, onAnswer, onFinding, signal } = options;
  const pools = workers > 1 ? Array.from({ length: Math.min(workers, cells.length) }, () => new Workers(1)) : [1];
  const runOptions = runOptionsOf(cells.length, pools.length, options);
  const answers: CompareAnswer[] = new Array(cells.length);
  let next = 0;
  let answered = 0;
  const serve = async (pool: Workers | number) => {
    while (next < cells.length) {
      const place = next++;
      // Nobody waits for models to be compiled that will not be run.
      const isOver = signal?.aborted === true;
      const cell = cells[place];
      const told = onFinding && ((finding: Finding, program: Program) => onFinding(cell, finding, program));
      const run = {
        ...runOptions(place),
        workers: pool,
        coverage: false,
        ...(told ? { onFinding: told } : { shrink: false }),
      };
      answers[place] = isOver ? unanswered(cell) : await answerTo(cell, run);
      onAnswer?.(answers[place], ++answered);
    }
  };
  try {
    await Promise.all(pools.map(serve));
  } finally {
    await Promise.all(pools.map((pool) => (typeof pool === 'number' ? undefined : pool.close())));
  }
  return answers;
}

/** The options of each cell's run, with an even share of what is left of the budget. */
function runOptionsOf(cells: number, threads: number, options: CompareOptions) {
  const { workers: _, onAnswer: __, onFinding: ___, budgetMs, ...each } = options;
  const start = each.clock?.() ?? 0;
  const shared: ExploreOptions = { ...each, keepGoing: true };
  if (budgetMs === undefined) return (): ExploreOptions => ({ schedules: SCHEDULES, ...shared });
  return (place: number): ExploreOptions => {
    const left = budgetMs - ((each.clock?.() ?? 0) - start);
    return { ...shared, budgetMs: Math.max(1, left / Math.max(1, (cells - place) / threads)) };
  };
}

async function answerTo({ scenario, scheme, model }: CompareCell, run: ExploreOptions): Promise<CompareAnswer> {
  const { findings, stats } = await explored(`${scheme} in ${scenario}`, model, run);
  const kinds = [...new Set(findings.map(({ kind }) => kind))].sort((one, other) => (moreUrgent(one, other) ? -1 : 1));
  const isWhole = !stats.interrupted && stats.completed > 0;
  const verdict = kinds.length > 0 ? 'violation' : isWhole ? 'clean' : 'inconclusive';
  return { scenario, scheme, verdict, kind: kinds.at(0), kinds, schedules: stats.schedules, steps: stats.steps };
}

function unanswered({ scenario, scheme }: CompareCell): CompareAnswer {
  return { scenario, scheme, verdict: 'inconclusive', kind: undefined, kinds: [], schedules: 0, steps: 0 };
}

async function explored(cell: string, model: Model, options: ExploreOptions): Promise<ExploreResult> {
  try {
    return await explore(model, options);
  } catch (error) {
    throwNamed(cell, error);
  }
}
