/**
 * Explore: runs schedules of a model until one breaks it, and makes findings of what broke.
 *
 * Schedules come in blocks, each with a random stream of its own (shard.ts); blocks are merged in their order, and without
 * `keepGoing` the first block that holds a violation is the last that counts. In the default strategy a block begins with
 * schedules of the stream (stream/), which this thread runs, and goes on with those of the mix. So the result is a function
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
import { type Lanes, LateLanes } from './lanes.js';
import { type CheckedExploreOptions, checkExploreOptions, type ExploreOptions } from './options.js';
import { type Chunk, OwnLane } from './own-lane.js';
import { pctBound } from './pct.js';
import { type Profile, profileOf } from './profile.js';
import { BLOCK, type ChunkOrder, Shard, type ShardSettings } from './shard.js';
import { leavesStream, shareOf } from './shares.js';
import { everythingRaces, type RacingFacts, Sharing } from './sharing.js';
import type { ExploreStats } from './stats.js';
import { StreamLane } from './stream/stream-lane.js';
import { Tally } from './tally.js';

/** What a run of explore came to. */
export interface ExploreResult {
  /** One for each signature, in the order of the schedules that showed them first. */
  readonly findings: readonly Finding[];
  readonly stats: ExploreStats;
  /** The compiled model: what traces of the findings are made from. */
  readonly program: Program;
  /** Threads that ran schedules: 1, this one, for a model without `source` or a strategy of the user's own. */
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
/** Time for which this thread runs all by itself: threads take as long to start. */
const SHORT_MS = 150;

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
  const sharing = new Sharing(program);
  const profile = profileUnder(program, checked, sharing);
  const count = typeof workers === 'number' ? workers : workers.count;
  const { source } = model;
  const clock = checked.hasClock ? checked.clock : undefined;
  const isAlone = workers === 0 || workers === 1 || source === undefined || typeof checked.strategy !== 'string';
  const exploration = new Exploration(model, program, checked, profile, start, isAlone ? 1 : count);
  if (profile instanceof CutOff) return await exploration.none(profile);
  const settings = settingsOf(checked, profile);
  const isOver = () => checked.clock() - start >= checked.budgetMs;
  const makeShard = () => new Shard(program, settings);
  const stream =
    checked.strategy === 'mixed'
      ? new StreamLane(program, { ...checked, mostVisible: profile.mostVisible }, sharing, guard, clock, isOver)
      : undefined;
  const own = new OwnLane<ChunkOrder>(program, makeShard, guard, clock, isOver);
  if (isAlone) return await exploration.run(own, stream);
  const here = new OwnLane<ChunkOrder>(program, makeShard, guard, clock);
  const task = { run: nextRun(), source, model: model.name, parameters: model.parameters, settings };
  const isShort = () => clock !== undefined && clock() - start < SHORT_MS;
  const lanes = new LateLanes(workers, own, (pool) => pool.lanes(task, here), isShort);
  try {
    return await exploration.run(lanes, stream);
  } finally {
    await lanes.close();
  }
}

/** The profile, or what cut the work on it off. */
function profileUnder(
  program: Program,
  { guard, stepBound }: CheckedExploreOptions,
  sharing: Sharing,
): Profile | CutOff {
  try {
    return runPatiently(
      guard,
      program.automaton,
      () => profileOf(program, stepBound, sharing),
      1,
      () => 'a step',
    );
  } catch (error) {
    if (error instanceof CutOff) return error;
    throw error;
  }
}

/** One run of explore. */
class Exploration {
  readonly #tally: Tally;
  /** First block that was not submitted yet. */
  #next = 0;
  /** Schedules that were submitted. */
  #submitted = 0;
  /** What the schedules of the blocks from now on are judged by. */
  #racing: RacingFacts;
  /** Runs the stream while there is one; and the one that there was. */
  #stream: StreamLane | undefined;
  #firstStream: StreamLane | undefined;
  /** Whether nothing comes after what was submitted: the stream has ended, or broke something. */
  #isLast = false;
  /** Whether schedules were left out because of the signal. */
  #interrupted = false;
  #refused: Error | undefined;
  #secondsToFirst: number | undefined;
  /** Violations that `onFinding` was told of. */
  #told = 0;

  constructor(
    readonly model: Model,
    readonly program: Program,
    readonly options: CheckedExploreOptions,
    readonly profile: Profile | CutOff,
    readonly start: number,
    readonly workers: number,
  ) {
    this.#tally = new Tally(program);
    this.#racing = profile instanceof CutOff ? everythingRaces(program) : profile.racing;
  }

  async run(lanes: Lanes, stream: StreamLane | undefined): Promise<ExploreResult> {
    this.#stream = stream;
    this.#firstStream = stream;
    const untie = this.#tie(() => {
      lanes.stop();
      stream?.stop();
    });
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
    const { keepGoing, signal } = this.options;
    const underWay: Promise<Chunk>[] = [];
    for (;;) {
      while (underWay.length < lanes.parallel && !this.#isOver()) underWay.push(...(await this.#submit(lanes)));
      const answer = await underWay.shift();
      if (answer === undefined) break;
      if (this.#isEndedBy(answer)) return;
      // What is still under way comes after the block that ends the run: it does not count.
      if (!keepGoing && this.#tally.sightings.size > 0) return;
    }
    this.#interrupted = signal?.aborted === true && !this.#isLast && this.#tally.schedules < this.options.schedules;
  }

  /** Adds what a chunk came to; whether the run ends by it. */
  #isEndedBy({ chunk, refused }: Chunk): boolean {
    const { onProgress, signal } = this.options;
    if (chunk !== undefined) this.#tally.add(chunk);
    if (this.options.hasClock && this.#tally.sightings.size > 0) this.#secondsToFirst ??= this.#elapsedMs() / 1000;
    this.#tellNew();
    onProgress?.({
      schedules: this.#tally.schedules,
      of: this.options.schedules,
      findings: this.#tally.sightings.size,
      finalStates: this.#tally.finalStates,
      seconds: this.#elapsedMs() / 1000,
    });
    if (refused === undefined) return false;
    this.#interrupted = signal?.aborted === true;
    if (!this.#interrupted && this.#tally.sightings.size === 0) throw refused;
    this.#refused = refused;
    return true;
  }

  /** Whether no more blocks shall be submitted. */
  #isOver(): boolean {
    const { signal, schedules, budgetMs } = this.options;
    if (this.#isLast || signal?.aborted === true) return true;
    return this.#submitted >= schedules || this.#elapsedMs() >= budgetMs;
  }

  /** Takes up the next blocks; of the stream's part of a block the answer is there when the rest is taken up. */
  async #submit(lanes: Lanes): Promise<Promise<Chunk>[]> {
    const block = this.#next;
    if (this.#stream?.isLarge && leavesStream(block)) this.#stream = undefined;
    if (this.#stream === undefined) {
      const count = this.#chunkBlocks();
      return [this.#take(lanes, count, BLOCK, count * BLOCK)];
    }
    const share = shareOf(block);
    const part = await this.#stream.run({ schedules: Math.min(share.stream, this.#left) });
    const { chunk, refused } = part;
    this.#submitted += chunk?.schedules ?? 0;
    this.#racing = this.#stream.racingSince(this.#racing);
    const breaks = !this.options.keepGoing && (chunk?.sightings.length ?? 0) > 0;
    if (refused !== undefined || breaks || chunk?.stream?.isExhausted !== false) this.#isLast = true;
    // One that gave a run up has not tried everything: the mix goes on alone.
    if (chunk?.stream?.isOut) this.#stream = undefined;
    const parts = [Promise.resolve(part)];
    if (!this.#isOver()) parts.push(this.#take(lanes, 1, share.mix, share.mix));
    return parts;
  }

  /** Has blocks run that are drawn. */
  #take(lanes: Lanes, count: number, size: number, most: number): Promise<Chunk> {
    const schedules = Math.min(most, this.#left);
    const chunk = lanes.run({ first: this.#next, count, size, schedules, racing: this.#racing });
    this.#next += count;
    this.#submitted += schedules;
    // One that is not waited for any more must not bring the process down.
    chunk.catch(() => {});
    return chunk;
  }

  /** Schedules that may still be submitted. */
  get #left(): number {
    return this.options.schedules - this.#submitted;
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
    const { strategy: picked, depth, stepBound } = this.options;
    const strategy = typeof picked === 'string' ? picked : picked.name;
    const first = this.#secondsToFirst === undefined ? {} : { secondsToFirst: this.#secondsToFirst };
    const facts = { seconds, ...first, strategy, stepBound, interrupted: this.#interrupted };
    const { profile } = this;
    if (strategy === 'mixed') return { ...facts, ...this.#pairs() };
    if (strategy !== 'pct' || profile instanceof CutOff) return facts;
    // PCT promises nothing of runs in which the environment decides, which is drawn.
    const promises = !this.#tally.isBeyond && this.program.automaton.choices === 0;
    const bound = pctBound(this.program.actors.length, depth, profile.mostVisible);
    return { ...facts, depth, ...(promises ? { pctBound: bound } : {}) };
  }

  /** Where something broke, the stream may have run ahead of what counts. */
  #pairs(): Pick<ExploreStats, 'racingPairs'> {
    const pairs = this.#tally.sightings.size === 0 ? this.#firstStream?.pairs : undefined;
    return pairs === undefined ? {} : { racingPairs: pairs };
  }
}

function settingsOf(options: CheckedExploreOptions, profile: Profile): ShardSettings {
  const { strategy, depth, seed, stepBound, keepGoing, wanted, kernel } = options;
  return { strategy, depth, seed, stepBound, keepGoing, profile, wanted, kernel };
}

let runs = 0;

/** Tells the runs of this process apart, for workers that several of them share. */
function nextRun(): string {
  return `run ${runs++}`;
}
