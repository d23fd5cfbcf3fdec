/**
 * Cells of compare and their answers: verified where the space is small enough, explored beyond. Imported by compare.
 *
 * The bound is in states and not in time, so a cell's answer is a function of model, options and seed; only a budget
 * makes time decide. A cell that verify gave up is explored, and what verify broke in it until then counts too.
 */

import type { Finding } from '../../core/finding.js';
import { type FindingKind, moreUrgent } from '../../core/finding-kind.js';
import { unguarded } from '../../core/guard.js';
import type { Program } from '../../core/program/program.js';
import { type CompareAnswer, type CompareCell, compare } from '../../explore/compare.js';
import type { StrategyName } from '../../explore/strategy.js';
import { smallestFinding } from '../../kept/smallest-finding.js';
import { compileModel } from '../../model/model.js';
import { type VerifyAnswer, verifyEach } from '../../verify/verify-each.js';
import type { CompareWords } from './compare.js';
import { cellKey } from './compare-plan.js';

/** What a cell came to. */
export interface CellAnswer {
  readonly scenario: string;
  readonly scheme: string;
  /** verified: no interleaving breaks anything; clean: no schedule that was run did; inconclusive: nothing is known. */
  readonly verdict: 'verified' | 'violation' | 'clean' | 'inconclusive';
  /** The most urgent kind that was found. */
  readonly kind: FindingKind | undefined;
  /** All kinds that were found, most urgent first. */
  readonly kinds: readonly FindingKind[];
  /** Whether every interleaving was searched, so that no kind is missing. */
  readonly searchedToEnd: boolean;
  /** What ended it before all that was asked for was done, as the object of "stopped by". */
  readonly stoppedBy: string | undefined;
  /** Of verify; 0 where it did not run. */
  readonly states: number;
  readonly transitions: number;
  /** Of explore; 0 where it did not run. */
  readonly schedules: number;
  readonly steps: number;
}

/** What `stoppedBy` says of a cell that Ctrl-C cut short. */
export const INTERRUPT = 'the interrupt';

/** What is told while cells are answered. */
export interface CellListener<Cell> {
  readonly signal: AbortSignal;
  /** Called for each finding, made small. Without it nothing is made small. */
  readonly onFinding?: ((cell: Cell, finding: Finding, program: Program) => void) | undefined;
  /** Called with a sentence for each cell that is done with. */
  readonly onProgress: (text: string) => void;
}

/** The longest run of a built-in scenario is a tenth of that. */
const STEP_BOUND = 5_000;
/** Of a budget, where cells that verify gave up are explored in what is left. */
const SHARE_OF_VERIFY = 0.5;
const BUDGET = 'the budget';
const STEPS = `the bound of ${STEP_BOUND} steps in every schedule`;

/** Answers every cell, in their order. Throws what the engines throw, with the cell's name. */
export async function answerCells<Cell extends CompareCell>(
  cells: readonly Cell[],
  words: CompareWords,
  listener: CellListener<Cell>,
): Promise<CellAnswer[]> {
  const start = performance.now();
  const cuts = new Map<Cell, string>();
  const verified =
    words.engine === 'explore' ? cells.map(() => undefined) : await verifyCells(cells, words, listener, cuts);
  const left = cells.filter((_, place) => words.engine !== 'verify' && !isWhole(verified[place]));
  const explored = await exploreCells(left, words, listener, performance.now() - start, cuts);
  return cells.map((cell, place) => joined(cell, verified[place], explored[left.indexOf(cell)], cuts.get(cell)));
}

async function verifyCells<Cell extends CompareCell>(
  cells: readonly Cell[],
  { engine, maxStates, workers, budget }: CompareWords,
  { signal, onFinding, onProgress }: CellListener<Cell>,
  cuts: Map<Cell, string>,
): Promise<(VerifyAnswer | undefined)[]> {
  const share = engine === 'auto' ? SHARE_OF_VERIFY : 1;
  const until = budget === undefined ? [] : [AbortSignal.timeout(Math.max(1, budget * share))];
  const answers = await verifyEach(
    cells.map(({ model }) => model),
    {
      ...{ all: true, coverage: false, maxStates, workers, signal: AbortSignal.any([signal, ...until]) },
      nameOf: (place) => `${cells[place].scheme} in ${cells[place].scenario}`,
      onAnswer: (place, answer, answered) => {
        const { scenario, scheme } = cells[place];
        const cut = answer === undefined ? (signal.aborted ? INTERRUPT : BUDGET) : cutOf(answer);
        if (cut !== undefined) cuts.set(cells[place], cut);
        const what = isWhole(answer) ? (kindsOf(answer)[0] ?? 'verified') : 'not searched to the end';
        onProgress(`${answered} of ${cells.length} cells; ${scenario} under ${scheme}: ${what}`);
      },
    },
  );
  if (onFinding !== undefined) await tellFindings(cells, answers, onFinding);
  return answers;
}

/** Findings come from other threads without the program that they are drawn with. */
async function tellFindings<Cell extends CompareCell>(
  cells: readonly Cell[],
  answers: readonly (VerifyAnswer | undefined)[],
  onFinding: NonNullable<CellListener<Cell>['onFinding']>,
): Promise<void> {
  for (const [place, answer] of answers.entries()) {
    if (answer === undefined || answer.findings.length === 0) continue;
    const program = await compileModel(cells[place].model);
    for (const finding of answer.findings) {
      onFinding(cells[place], smallestFinding(cells[place].model, finding, program, unguarded), program);
    }
  }
}

async function exploreCells<Cell extends CompareCell>(
  cells: readonly Cell[],
  { strategy, depth, seed, schedules, budget, workers }: CompareWords,
  { signal, onFinding, onProgress }: CellListener<Cell>,
  spentMs: number,
  cuts: Map<Cell, string>,
): Promise<CompareAnswer[]> {
  if (cells.length === 0) return [];
  const places = new Map(cells.map((cell) => [cellKey(cell), cell]));
  const told =
    onFinding &&
    ((cell: CompareCell, finding: Finding, program: Program) => {
      onFinding(cell as Cell, finding, program);
    });
  return await compare(cells, {
    strategy: strategy as StrategyName,
    ...{ depth, seed, workers, signal },
    stepBound: STEP_BOUND,
    ...(budget === undefined ? {} : { budgetMs: Math.max(1, budget - spentMs) }),
    ...(schedules === undefined ? {} : { schedules }),
    clock: () => performance.now(),
    ...(told === undefined ? {} : { onFinding: told }),
    onAnswer: ({ scenario, scheme, kind, verdict }, answered) => {
      const cell = places.get(cellKey({ scenario, scheme })) as Cell;
      // What verify gave up does not count where schedules were run instead.
      cuts.delete(cell);
      if (signal.aborted) cuts.set(cell, INTERRUPT);
      else if (verdict === 'inconclusive') cuts.set(cell, budget === undefined ? STEPS : BUDGET);
      onProgress(`explored ${answered} of ${cells.length} cells; ${scenario} under ${scheme}: ${kind ?? verdict}`);
    },
  });
}

/** Whether verify searched every interleaving, and that is an answer. */
function isWhole(answer: VerifyAnswer | undefined): answer is VerifyAnswer {
  return answer !== undefined && cutOf(answer) === undefined;
}

/** A search to the end is none where no run comes to its own. */
function cutOf({ stoppedBy, verdict }: VerifyAnswer): string | undefined {
  return stoppedBy ?? (verdict === 'inconclusive' ? 'runs that never come to their end' : undefined);
}

function joined(
  { scenario, scheme }: CompareCell,
  verified: VerifyAnswer | undefined,
  explored: CompareAnswer | undefined,
  stoppedBy: string | undefined,
): CellAnswer {
  const kinds = [...new Set([...kindsOf(verified), ...(explored?.kinds ?? [])])].sort(byUrgency);
  const searchedToEnd = isWhole(verified);
  const clean = searchedToEnd ? 'verified' : (explored?.verdict ?? 'inconclusive');
  return {
    ...{ scenario, scheme, kinds, searchedToEnd, stoppedBy },
    verdict: kinds.length > 0 ? 'violation' : clean,
    kind: kinds.at(0),
    ...{ states: verified?.states ?? 0, transitions: verified?.transitions ?? 0 },
    ...{ schedules: explored?.schedules ?? 0, steps: explored?.steps ?? 0 },
  };
}

function kindsOf(answer: VerifyAnswer | undefined): FindingKind[] {
  return [...new Set((answer?.findings ?? []).map(({ kind }) => kind))].sort(byUrgency);
}

function byUrgency(one: FindingKind, other: FindingKind): number {
  return moreUrgent(one, other) ? -1 : 1;
}
