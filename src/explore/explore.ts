/**
 * Explore: runs schedules of a model until one breaks it, and makes findings of what broke.
 *
 * Schedules come in blocks of 256, each with a random stream of its own (shard.ts); blocks are merged in their order,
 * and without `keepGoing` the first block that holds a violation is the last that counts. So the result is a function
 * of model, options and seed, for any number of workers; with a budget, time decides how many blocks there are.
 * This is the engine's entry; the command line and the library's users call it.
 */

import { setImmediate } from 'node:timers/promises';
import type { Finding } from '../core/finding.js';
import type { Program } from '../core/program/program.js';
import { compileModel, type Model } from '../model/model.js';
import { refuseInsideWorker } from '../threads/inside-worker.js';
import { findingOf } from './finding-of.js';
import { type Lanes, mainLane, Workers } from './lanes.js';
import { needsProfile } from './make-strategy.js';
import { type CheckedExploreOptions, checkExploreOptions, type ExploreOptions } from './options.js';
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
}

/** How long a chunk shall take: short enough for a prompt end, long enough to be worth sending. */
const CHUNK_MS = 25;
/** Blocks of a chunk when there is no clock to measure by. */
const CHUNK_BLOCKS = 64;
const MOST_CHUNK_BLOCKS = 1024;

/**
 * Explores a model.
 *
 * @throws InputError for options that are not allowed; ModelError when the model breaks a rule of modelling
 */
export async function explore(model: Model, options: ExploreOptions = {}): Promise<ExploreResult> {
  refuseInsideWorker('explores');
  const checked = checkExploreOptions(options);
  const start = checked.clock();
  const program = await compileModel(model);
  const profile = needsProfile(checked.strategy) ? profileOf(program, checked.seed, checked.stepBound) : undefined;
  const settings = settingsOf(checked, profile);
  const { workers } = checked;
  const count = typeof workers === 'number' ? workers : workers.count;
  const { source } = model;
  if (workers === 1 || source === undefined) {
    return new Exploration(model, program, checked, settings, start, 1).run(mainLane(program, settings));
  }
  const pool = typeof workers === 'number' ? new Workers(count) : workers;
  try {
    const lanes = pool.lanes({ run: nextRun(), source, model: model.name, parameters: model.parameters, settings });
    return await new Exploration(model, program, checked, settings, start, count).run(lanes);
  } finally {
    if (pool !== workers) await pool.close();
  }
}

/** One run of explore. */
class Exploration {
  readonly #tally: Tally;
  /** First block that was not submitted yet. */
  #next = 0;
  #interrupted = false;
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
    await this.#runBlocks(lanes);
    // Before the findings are shrunk, which runs more of the program.
    const seconds = this.#elapsedMs() / 1000;
    const covered = this.#tally.stats(this.#facts(seconds), this.options.coverage);
    const findings = await this.#findings();
    return {
      findings,
      stats: { ...covered, interrupted: this.#interrupted },
      program: this.program,
      workersUsed: this.workers,
    };
  }

  async #runBlocks(lanes: Lanes): Promise<void> {
    const { keepGoing, onProgress } = this.options;
    const underWay: Promise<Awaited<ReturnType<Lanes['run']>>>[] = [];
    for (;;) {
      while (underWay.length < lanes.parallel && !this.#isOver()) underWay.push(this.#submit(lanes));
      const chunk = await underWay.shift();
      if (chunk === undefined) return;
      this.#tally.add(chunk);
      this.#tellNew();
      onProgress?.({
        schedules: this.#tally.schedules,
        of: this.options.schedules,
        findings: this.#tally.sightings.size,
        finalStates: this.#tally.finalStates,
        seconds: this.#elapsedMs() / 1000,
      });
      // What is still under way comes after the block that ends the run: it does not count.
      if (!keepGoing && this.#tally.sightings.size > 0) return;
    }
  }

  /** Whether no more blocks shall be submitted. Blocks under way are finished, so that those that ran are the first n. */
  #isOver(): boolean {
    if (this.options.signal?.aborted) this.#interrupted = true;
    return (
      this.#interrupted || this.#next * BLOCK >= this.options.schedules || this.#elapsedMs() >= this.options.budgetMs
    );
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
      onFinding(findingOf(this.model, this.program, sighting, false, titleOf), this.program);
  }

  async #findings(): Promise<Finding[]> {
    const findings: Finding[] = [];
    for (const sighting of this.#tally.sightings.values()) {
      await setImmediate();
      if (this.options.signal?.aborted) this.#interrupted = true;
      const shrinks = this.options.shrink && !this.#interrupted;
      const finding = findingOf(this.model, this.program, sighting, shrinks, this.options.titleOf);
      this.options.onFinding?.(finding, this.program);
      findings.push(finding);
    }
    return findings;
  }

  #elapsedMs(): number {
    return this.options.clock() - this.start;
  }

  #facts(seconds: number): Parameters<Tally['stats']>[0] {
    const { strategy, depth } = this.options;
    const facts = { seconds, strategy, interrupted: this.#interrupted };
    const { profile } = this.settings;
    if (strategy !== 'pct' || profile === undefined) return facts;
    const pctBound = 1 / (this.program.actors.length * Math.max(1, profile.longestRun) ** (depth - 1));
    return { ...facts, depth, pctBound };
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
