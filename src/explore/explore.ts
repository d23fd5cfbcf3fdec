/**
 * Explore: runs schedules of a model until one breaks it, and makes findings of what broke.
 *
 * Schedules come in blocks of 256, each with a random stream of its own (shard.ts); blocks are merged in their order,
 * and without `keepGoing` the first block that holds a violation is the last that counts. So the result is a function
 * of model, options and seed, for any number of workers. A budget or an interrupt cuts chunks short where they are, in the
 * midst of a schedule if need be: the schedules that had ended count, whichever those are.
 * This is the engine's entry; the command line and the library's users call it.
 */

import { setImmediate } from 'node:timers/promises';
import { runPatiently } from '../core/automaton/stuck.js';
import { ModelError } from '../core/errors.js';
import type { Finding } from '../core/finding.js';
import { CutOff } from '../core/guard.js';
import type { Program } from '../core/program/program.js';
import { compileUnder, type Model } from '../model/model.js';
import { refuseInsideWorker } from '../threads/inside-worker.js';
import { findingOf } from './finding-of.js';
import { type Lanes, Workers } from './lanes.js';
import { needsProfile } from './make-strategy.js';
import { type CheckedExploreOptions, checkExploreOptions, type ExploreOptions } from './options.js';
import { OwnLane } from './own-lane.js';
import { pctBound } from './pct.js';
import { type Profile, profileOf } from './profile.js';
import { BLOCK, type ShardSettings } from './shard.js';
import type { ExploreStats } from './stats.js';
import { Tally } from './tally.js';

/** What a run of explore came to. */
export interface ExploreResult {
  /** One for each signature, in the order of the schedules that showed them first. */
  readonly findings: readonly Finding[];
  readonly stats: ExploreStats;
  /** The compiled model: what traces of the findings are made from. */
  readonly program: Program;
  /** Threads that ran schedules: 1, this one, for a model without `source`, whatever was asked for. */
  readonly workersUsed: number;
  /** What is wrong with the model, where that ended the run early but something was found, or it was interrupted. */
  readonly refused: Error | undefined;
}

/** How long a chunk shall take: short enough for news to be fresh, long enough to be worth sending. */
const CHUNK_MS = 40;
/** Timers take no more. */
const MOST_TIMER_MS = 2 ** 31 - 1;
/** Blocks of a chunk when there is no clock to measure by. */
const CHUNK_BLOCKS = 64;
const MOST_CHUNK_BLOCKS = 1024;

/**
 * Explores a model.
 *
 * @throws InputError for options that are not allowed; ModelError when the model breaks a rule of modelling, or does not
 * come back (with a guard); CutOff when it was interrupted before the model was made ready
 */
export async function explore(model: Model, options: ExploreOptions = {}): Promise<ExploreResult> {
  refuseInsideWorker('explores');
  const checked = checkExploreOptions(options);
  const start = checked.clock();
  const { guard, workers } = checked;
  const program = await compileUnder(model, guard);
  const profiled = profileUnder(program, checked);
  const settings = settingsOf(checked, profiled.profile);
  const count = typeof workers === 'number' ? workers : workers.count;
  const { source } = model;
  const clock = checked.hasClock ? checked.clock : undefined;
  const isAlone = workers === 1 || source === undefined;
  const exploration = new Exploration(model, program, checked, settings, start, isAlone ? 1 : count);
  if (profiled.cut !== undefined) return await exploration.none(profiled.cut);
  if (isAlone) {
    const isOver = () => checked.clock() - start >= checked.budgetMs;
    return await exploration.run(new OwnLane(program, settings, guard, clock, isOver));
  }
  const pool = typeof workers === 'number' ? new Workers(count) : workers;
  try {
    const task = { run: nextRun(), source, model: model.name, parameters: model.parameters, settings };
    return await exploration.run(pool.lanes(task, new OwnLane(program, settings, guard, clock)));
  } finally {
    if (pool !== workers) await pool.close();
  }
}

/** The profile, where the strategy needs one, or what cut the work on it off. */
function profileUnder(
  program: Program,
  { guard, strategy, seed, stepBound }: CheckedExploreOptions,
): { readonly profile?: Profile; readonly cut?: CutOff } {
  if (!needsProfile(strategy)) return {};
  try {
    return {
      profile: runPatiently(
        guard,
        program.automaton,
        () => profileOf(program, seed, stepBound),
        1,
        () => 'a step',
      ),
    };
  } catch (error) {
    if (error instanceof CutOff) return { cut: error };
    throw error;
  }
}

/** One run of explore. */
class Exploration {
  readonly #tally: Tally;
  /** First block that was not submitted yet. */
  #next = 0;
  /** Whether schedules were left out because of the signal. */
  #interrupted = false;
  #refused: Error | undefined;
  /** Violations that `onFinding` was told of. */
  #told = 0;

  constructor(
    readonly model: Model,
    readonly program: Program,
    readonly options: CheckedExploreOptions,
    readonly settings: ShardSettings,
    readonly start: number,
    readonly workers: number,
  ) {
    this.#tally = new Tally(program);
  }

  async run(lanes: Lanes): Promise<ExploreResult> {
    const untie = this.#tie(() => lanes.stop());
    try {
      await this.#runBlocks(lanes);
    } finally {
      untie();
    }
    return await this.#result();
  }

  /** What there is to tell where not even the first schedule could be run. */
  async none({ reason, stuck }: CutOff): Promise<ExploreResult> {
    if (stuck !== undefined && reason !== 'interrupt') throw stuck;
    this.#interrupted = reason === 'interrupt';
    this.#refused = stuck;
    return await this.#result();
  }

  async #result(): Promise<ExploreResult> {
    // Before the findings are shrunk, which runs more of the program.
    const seconds = this.#elapsedMs() / 1000;
    const stats = await this.#stats(seconds);
    const findings = await this.#findings();
    return { findings, stats, program: this.program, workersUsed: this.workers, refused: this.#refused };
  }

  /** The sum, with what the calls could have reached unless there is no time left to look. */
  async #stats(seconds: number): Promise<ExploreStats> {
    const { guard, coverage } = this.options;
    const facts = this.#facts(seconds);
    if (!coverage) return this.#tally.stats(facts, undefined);
    try {
      // Another copy: what this run's automaton holds is what was executed.
      const ahead = await compileUnder(this.model, guard);
      return guard.run(() => this.#tally.stats(facts, ahead));
    } catch (error) {
      if (!(error instanceof CutOff || error instanceof ModelError)) throw error;
      return this.#tally.stats(facts, undefined);
    }
  }

  /** Calls `stop` when the budget is spent or the signal aborts; what unties it again. */
  #tie(stop: () => void): () => void {
    const { signal, budgetMs } = this.options;
    let timer: NodeJS.Timeout | undefined;
    const look = (): void => {
      const leftMs = budgetMs - this.#elapsedMs();
      if (leftMs <= 0) stop();
      else if (leftMs !== Number.POSITIVE_INFINITY) timer = setTimeout(look, Math.min(leftMs + 1, MOST_TIMER_MS));
    };
    look();
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop);
    return () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    };
  }

  async #runBlocks(lanes: Lanes): Promise<void> {
    const { keepGoing, onProgress, signal } = this.options;
    const underWay: ReturnType<Lanes['run']>[] = [];
    for (;;) {
      while (underWay.length < lanes.parallel && !this.#isOver()) underWay.push(this.#submit(lanes));
      const answer = await underWay.shift();
      if (answer === undefined) break;
      const { chunk, refused } = answer;
      if (chunk !== undefined) this.#tally.add(chunk);
      this.#tellNew();
      onProgress?.({
        schedules: this.#tally.schedules,
        of: this.options.schedules,
        findings: this.#tally.sightings.size,
        finalStates: this.#tally.finalStates,
        seconds: this.#elapsedMs() / 1000,
      });
      if (refused !== undefined) {
        this.#interrupted = signal?.aborted === true;
        if (!this.#interrupted && this.#tally.sightings.size === 0) throw refused;
        this.#refused = refused;
        return;
      }
      // What is still under way comes after the block that ends the run: it does not count.
      if (!keepGoing && this.#tally.sightings.size > 0) return;
    }
    this.#interrupted = signal?.aborted === true && this.#tally.schedules < this.options.schedules;
  }

  /** Whether no more blocks shall be submitted. */
  #isOver(): boolean {
    const { signal, schedules, budgetMs } = this.options;
    return signal?.aborted === true || this.#next * BLOCK >= schedules || this.#elapsedMs() >= budgetMs;
  }

  #submit(lanes: Lanes): ReturnType<Lanes['run']> {
    const first = this.#next;
    const count = this.#chunkBlocks();
    this.#next += count;
    const chunk = lanes.run(first, count);
    // One that is not waited for any more must not bring the process down.
    chunk.catch(() => {});
    return chunk;
  }

  /** By the speed so far; what a chunk's size is changes nothing but how soon the run notices that it is over. */
  #chunkBlocks(): number {
    if (!this.options.hasClock) return CHUNK_BLOCKS;
    const blocksPerMs = this.#tally.schedules / BLOCK / Math.max(1, this.#elapsedMs());
    return Math.max(1, Math.min(MOST_CHUNK_BLOCKS, Math.floor((blocksPerMs * CHUNK_MS) / this.workers)));
  }

  /** Tells of the violations that were not seen before, as they are: whoever keeps them has them whatever comes. */
  #tellNew(): void {
    const { onFinding, titleOf } = this.options;
    const { sightings } = this.#tally;
    if (onFinding === undefined || sightings.size === this.#told) return;
    const fresh = [...sightings.values()].slice(this.#told);
    this.#told = sightings.size;
    for (const sighting of fresh)
      onFinding(findingOf(this.model, this.program, sighting, undefined, titleOf), this.program);
  }

  async #findings(): Promise<Finding[]> {
    const findings: Finding[] = [];
    for (const sighting of this.#tally.sightings.values()) {
      await setImmediate();
      const { shrink, signal, guard, titleOf, onFinding } = this.options;
      const shrinks = shrink && signal?.aborted !== true;
      const finding = findingOf(this.model, this.program, sighting, shrinks ? guard : undefined, titleOf);
      onFinding?.(finding, this.program);
      findings.push(finding);
    }
    return findings;
  }

  #elapsedMs(): number {
    return this.options.clock() - this.start;
  }

  #facts(seconds: number): Parameters<Tally['stats']>[0] {
    const { strategy, depth, stepBound } = this.options;
    const facts = { seconds, strategy, stepBound, interrupted: this.#interrupted };
    const { profile } = this.settings;
    if (strategy !== 'pct' || profile === undefined) return facts;
    const bound = pctBound(this.program.actors.length, depth, profile.longestRun);
    return { ...facts, depth, ...(this.#isAsPctWants(profile) ? { pctBound: bound } : {}) };
  }

  /**
   * Whether PCT's guarantee is about runs like these: none was longer than its change points reach, nobody went round a
   * retry loop, for which it falls, and the environment decided nothing, which is drawn without a guarantee.
   */
  #isAsPctWants({ longestRun }: Profile): boolean {
    const { longestRun: longest, retried } = this.#tally;
    return longest <= longestRun && !retried && this.program.automaton.choices === 0;
  }
}

function settingsOf(options: CheckedExploreOptions, profile: Profile | undefined): ShardSettings {
  const { strategy, depth, seed, stepBound, schedules, keepGoing, wanted } = options;
  return { strategy, depth, seed, stepBound, schedules, keepGoing, profile, wanted };
}

let runs = 0;

/** Tells the runs of this process apart, for workers that several of them share. */
function nextRun(): string {
  return `run ${runs++}`;
}
