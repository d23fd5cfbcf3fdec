/**
 * Shard: runs blocks of schedules as a strategy picks them.
 *
 * A block is 256 schedules or fewer drawn from one random stream, (seed, number of the block), so that its outcome does
 * not depend on who runs it. Shards run chunks of consecutive blocks, in the main thread or in workers; what they return
 * is plain data and is merged in the order of the blocks (tally.ts).
 */

import type { Program } from '../core/program/program.js';
import { Random } from '../core/random.js';
import { makeStrategy } from './make-strategy.js';
import { type ChunkResult, Outcomes, type WantedFinding } from './outcomes.js';
import type { Profile } from './profile.js';
import { RunEnd, type RunEndValue, Runner } from './runner.js';
import type { RacingFacts } from './sharing.js';
import type { OwnStrategy, Strategy, StrategyName } from './strategy.js';
import { Walked, type WalkKernel } from './walk/walk-kernel.js';

/** Most schedules in a block. */
export const BLOCK = 256;

/** What a shard needs besides the program; plain data, unless the strategy is the user's own. */
export interface ShardSettings {
  readonly strategy: StrategyName | OwnStrategy;
  /** PCT's d. */
  readonly depth: number;
  readonly seed: bigint;
  readonly stepBound: number;
  /** Whether to go on after a block that holds a violation. */
  readonly keepGoing: boolean;
  readonly profile: Profile;
  /** What the run is after; other violations are counted and end nothing. Undefined: any. */
  readonly wanted?: WantedFinding | undefined;
  /** False: no step is remembered, and each is taken by the interpreter; the oracle of the others. */
  readonly kernel?: boolean;
  /** Steps that the interpreter takes before steps are remembered. */
  readonly kernelFrom?: number;
}

/** Consecutive blocks of schedules; plain data. */
export interface ChunkOrder {
  /** Number of the first block. */
  readonly first: number;
  readonly count: number;
  /** Schedules of each block. */
  readonly size: number;
  /** Schedules in all: the last block may be cut short. */
  readonly schedules: number;
  /** What races; a shard judges by what it was told last. */
  readonly racing: RacingFacts;
}

/** Steps after which it pays to remember them, if nothing else is said. */
const PAYS_FROM = 100_000;

/** Runs blocks of one program. */
export class Shard {
  readonly #strategy: Strategy;
  readonly #runner: Runner;
  readonly #outcomes: Outcomes;
  #order: ChunkOrder | undefined;
  /** Whether a schedule has begun and not ended. */
  #isMidway = false;
  /** The stream of the block. */
  #random = new Random(0n);
  /** Takes remembered steps, once that pays; undefined where it cannot. */
  #kernel: WalkKernel | undefined;
  /** Whether it is to be looked for yet, and whether the schedule that has begun is its own. */
  #isDecided = false;
  #isKernels = false;
  /** Steps that the interpreter has taken. */
  #interpreted = 0;

  constructor(
    readonly program: Program,
    readonly settings: ShardSettings,
  ) {
    const { strategy, depth, profile, stepBound, wanted } = settings;
    this.#strategy = makeStrategy(strategy, program, depth, profile);
    this.#runner = new Runner(program, this.#strategy, stepBound, profile.racing);
    this.#outcomes = new Outcomes(program, wanted, this.#runner);
  }

  /** Runs a chunk, up to the first block that holds a violation unless told to keep going. */
  run(order: ChunkOrder): ChunkResult {
    this.begin(order);
    this.goOn(Number.POSITIVE_INFINITY);
    return this.result();
  }

  /** Takes up a chunk; `goOn` runs it. */
  begin(order: ChunkOrder): void {
    this.#outcomes.clear();
    this.#runner.judgeBy(order.racing);
    if (this.#kernel?.walked.facts.racing.version !== order.racing.version) this.#forget();
    this.#order = order;
    this.#isMidway = false;
  }

  /** Runs on for about so many steps, and may stop in the midst of a schedule; whether all that was taken up has run. */
  goOn(steps: number): boolean {
    for (let left = steps; left > 0 && !this.#isOver; ) {
      if (!this.#isMidway) this.#startNext();
      // A schedule without a step takes time as well.
      left -= Math.max(1, this.#isKernels ? this.#walk(this.#kernel!, left) : this.#interpret(left));
    }
    return this.#isOver;
  }

  /** What the schedules came to that have run since `begin`; one that has not ended counts for nothing. */
  result(): ChunkResult {
    return this.#outcomes.result((this.#strategy.isBeyond ?? false) || this.#kernel?.isBeyond === true);
  }

  /** The op that was run last, for whoever cuts a step off. */
  get underWay(): string {
    return this.#outcomes.underWay;
  }

  /** A block that was begun is finished: which of its schedules show something must not depend on who runs it. */
  get #isOver(): boolean {
    const { count, size, schedules } = this.#order!;
    const { schedules: ran, hasSightings } = this.#outcomes;
    if (ran >= Math.min(count * size, schedules)) return true;
    return !this.#isMidway && ran % size === 0 && hasSightings && !this.settings.keepGoing;
  }

  #startNext(): void {
    const { first, size } = this.#order!;
    const ran = this.#outcomes.schedules;
    const place = ran % size;
    if (place === 0) {
      this.#random = new Random(this.settings.seed, first + ran / size);
      this.#runner.newBlock();
    }
    this.#isMidway = true;
    if (!this.#isDecided && this.#interpreted >= (this.settings.kernelFrom ?? PAYS_FROM)) this.#decide();
    this.#isKernels = this.#kernel?.isOff === false;
    if (this.#isKernels) this.#kernel!.begin(this.#random, place);
    else this.#runner.begin(this.#random, place);
  }

  /** Remembered steps were judged by other facts. */
  #forget(): void {
    if (this.#kernel === undefined) return;
    this.#kernel = undefined;
    this.#isDecided = false;
    this.#interpreted = 0;
  }

  #decide(): void {
    this.#isDecided = true;
    if (this.settings.kernel !== false) this.#kernel = this.#runner.newWalkKernel();
  }

  /** Goes on with the schedule; how many steps that were. */
  #interpret(steps: number): number {
    const runner = this.#runner;
    const before = runner.steps;
    const end = runner.goOn(steps);
    const taken = runner.steps - before;
    this.#interpreted += taken;
    if (end !== RunEnd.Stands) this.#ended(end);
    return taken;
  }

  /** The same by remembered steps, and with more schedules of the block. */
  #walk(kernel: WalkKernel, steps: number): number {
    const { count, size, schedules } = this.#order!;
    const ran = this.#outcomes.schedules;
    const most = Math.min(size - (ran % size), Math.min(count * size, schedules) - ran);
    const walked = kernel.walk(this.#random, most, steps);
    const { counted } = kernel;
    this.#outcomes.completed(counted.runs, counted.steps, counted.longest, kernel.hashes);
    if (walked === Walked.Threw) throw kernel.error;
    if (walked === Walked.Counted) this.#isMidway = false;
    else if (walked === Walked.Again) {
      this.#isKernels = false;
      this.#runner.begin(this.#random, this.#outcomes.schedules % size);
    } else if (walked !== Walked.Stands) this.#ended(this.#runner.adopt(kernel, walked), kernel.strategyName);
    return kernel.taken;
  }

  #ended(end: RunEndValue, strategy = this.#strategy.name): void {
    this.#outcomes.ended(end, strategy);
    this.#isMidway = false;
  }
}
