/**
 * Compare: many models explored under the same conditions, one answer each: clean, or the most urgent kind.
 *
 * Cells are small, so each is run by one thread and the threads share the cells; what a cell answers is a function of
 * model, options and seed (with a budget also of time). The command line's table; any list of models will do.
 */

import { InputError, ModelError } from '../core/errors.js';
import { type FindingKind, moreUrgent } from '../core/finding-kind.js';
import type { ExploreStats } from '../core/stats.js';
import type { Model } from '../primitives/model.js';
import { type ExploreResult, explore } from './explore.js';
import { Workers } from './lanes.js';
import type { ExploreOptions } from './options.js';
import { compareStrategies, type StrategyName } from './strategy.js';

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
  extends Pick<ExploreOptions, 'depth' | 'seed' | 'schedules' | 'stepBound' | 'budgetMs' | 'signal' | 'clock'> {
  /** They share a cell's schedules evenly. Default pct and pos. */
  readonly strategies?: readonly StrategyName[];
  /** Worker threads. Default 1: this thread. */
  readonly workers?: number;
  /** Called after each cell. */
  readonly onAnswer?: (answer: CompareAnswer, answered: number) => void;
}

const SCHEDULES = 20_000;

/**
 * Explores every cell to the end of its schedules (20,000 by default), or of its share of the budget. Answers come in
 * the order of the cells.
 *
 * @throws what explore throws, with the cell's name
 */
export async function compare(cells: readonly CompareCell[], options: CompareOptions = {}): Promise<CompareAnswer[]> {
  const { workers = 1, onAnswer } = options;
  const pools = workers > 1 ? Array.from({ length: Math.min(workers, cells.length) }, () => new Workers(1)) : [1];
  const runOptions = runOptionsOf(cells.length, pools.length, options);
  const answers: CompareAnswer[] = new Array(cells.length);
  let next = 0;
  let answered = 0;
  const serve = async (pool: Workers | number) => {
    while (next < cells.length) {
      const place = next++;
      // Nobody waits for models to be compiled that will not be run.
      const runs = options.signal?.aborted ? [] : runOptions(place);
      answers[place] = await answerTo(cells[place], runs, pool);
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

/** The runs of a cell: one for each strategy, with an even share of its schedules and of what is left of the budget. */
function runOptionsOf(cells: number, threads: number, options: CompareOptions) {
  const { workers: _, onAnswer: __, strategies = compareStrategies, budgetMs, schedules, ...each } = options;
  const start = each.clock?.() ?? 0;
  const limit = schedules ?? (budgetMs === undefined ? SCHEDULES : undefined);
  const share = limit === undefined ? {} : { schedules: Math.ceil(limit / strategies.length) };
  return (place: number): ExploreOptions[] => {
    const left = budgetMs === undefined ? undefined : Math.max(0, budgetMs - ((each.clock?.() ?? 0) - start));
    const parts = Math.max(1, (cells - place) / threads) * strategies.length;
    const time = left === undefined ? {} : { budgetMs: Math.max(1, left / parts) };
    return strategies.map((strategy) => ({ ...each, ...share, ...time, strategy, keepGoing: true, shrink: false }));
  };
}

async function answerTo(
  { scenario, scheme, model }: CompareCell,
  runs: readonly ExploreOptions[],
  workers: Workers | number,
): Promise<CompareAnswer> {
  const results: ExploreResult[] = [];
  for (const run of runs) results.push(await explored(`${scheme} in ${scenario}`, model, { ...run, workers }));
  const found = results.flatMap(({ findings }) => findings.map(({ kind }) => kind));
  const kinds = [...new Set(found)].sort((one, other) => (moreUrgent(one, other) ? -1 : 1));
  const sum = (of: (stats: ExploreStats) => number) => results.reduce((total, { stats }) => total + of(stats), 0);
  const isWhole = results.every(({ stats }) => !stats.interrupted) && sum(({ completed }) => completed) > 0;
  const verdict = kinds.length > 0 ? 'violation' : isWhole ? 'clean' : 'inconclusive';
  const [schedules, steps] = [sum((stats) => stats.schedules), sum((stats) => stats.steps)];
  return { scenario, scheme, verdict, kind: kinds.at(0), kinds, schedules, steps };
}

async function explored(cell: string, model: Model, options: ExploreOptions): Promise<ExploreResult> {
  try {
    return await explore(model, options);
  } catch (error) {
    if (!(error instanceof InputError || error instanceof ModelError)) throw error;
    const message = `faultline: ${cell}: ${error.message.replace(/^faultline: /, '')}`;
    throw error instanceof InputError ? new InputError(message) : new ModelError(message);
  }
}
