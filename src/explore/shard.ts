/**
 * Shard: runs blocks of schedules and sums them up.
 *
 * A block is 256 schedules drawn from one random stream, (seed, number of the block), so that its outcome does not
 * depend on who runs it. Shards run chunks of consecutive blocks, in the main thread or in workers; what they return is
 * plain data and is merged in the order of the blocks (tally.ts).
 */

import { DONE } from '../core/automaton/automaton.js';
import { notRepeated } from '../core/errors.js';
import type { FindingKind } from '../core/finding-kind.js';
import type { GrowingCell } from '../core/growing.js';
import type { Program } from '../core/program/program.js';
import { Random } from '../core/random.js';
import type { Violation } from '../core/run/checks.js';
import { Executor } from '../core/run/executor.js';
import { StepFlag } from '../core/run/step-flag.js';
import type { Schedule } from '../core/schedule.js';
import { functionAt, opAt, type Signature, signatureText } from '../core/story/signature.js';
import { Coverage, type CoverageDelta } from './coverage.js';
import { FinalStateHash, type FinalStateList, FinalStates } from './final-states.js';
import { Growth } from './growth.js';
import { livelockSighting } from './livelock-sighting.js';
import { makeStrategy } from './make-strategy.js';
import type { Profile } from './profile.js';
import { replayOn } from './replay.js';
import { RunEnd, type RunEndValue, Runner } from './runner.js';
import type { Strategy, StrategyName } from './strategy.js';

/** Schedules in a block. */
export const BLOCK = 256;

/** What a shard needs besides the program; plain data. */
export interface ShardSettings {
  readonly strategy: StrategyName;
  /** PCT's d. */
  readonly depth: number;
  readonly seed: bigint;
  readonly stepBound: number;
  /** Number of schedules in all; the last block may be cut short. Infinity when something else ends the run. */
  readonly schedules: number;
  /** Whether to go on after a block that holds a violation. */
  readonly keepGoing: boolean;
  readonly profile: Profile | undefined;
  /** What the run is after; other violations are counted and end nothing. Undefined: any. */
  readonly wanted?: WantedFinding | undefined;
}

/** Findings that a run is after; plain data. */
export interface WantedFinding {
  readonly kind: FindingKind;
  /** Name of the cell or of the array of cells that the breaking op is on; undefined: any. */
  readonly cell?: string | undefined;
}

/** A violation and the first schedule of a chunk that shows it. */
export interface Sighting {
  readonly signature: Signature;
  readonly violation: Violation;
  /** Number of the schedule. */
  readonly foundAt: number;
  readonly schedule: Schedule;
  /** For a livelock: the step of `schedule` (0-based) from which it goes round. */
  readonly loopFrom?: number | undefined;
}

/** What a chunk of blocks came to. */
export interface ChunkResult {
  readonly schedules: number;
  readonly steps: number;
  readonly completed: number;
  readonly deadlocked: number;
  readonly violating: number;
  readonly livelocked: number;
  readonly bounded: number;
  /** Of `bounded`: runs of which it is known that they could have ended. */
  readonly boundedOpen: number;
  readonly longestRun: number;
  /** Whether somebody went round a retry loop, where the strategy tells. */
  readonly retried: boolean;
  /** Runs that were given up, by actor and loop. */
  readonly boundedBy: readonly { readonly actor: string; readonly loop: string; readonly count: number }[];
  /** Cells that grew as long as runs went that were given up. */
  readonly growing: readonly GrowingCell[];
  readonly finalStates: FinalStateList;
  /** One for each signature, in the order of their schedules. */
  readonly sightings: readonly Sighting[];
  /** What ran for the first time in this shard. */
  readonly coverage: CoverageDelta;
}

/** Runs blocks of one program. */
export class Shard {
  readonly #strategy: Strategy;
  readonly #runner: Runner;
  /** Runs violating and given-up schedules again to see what happened. */
  readonly #second: Executor;
  readonly #hash: FinalStateHash;
  readonly #states = new FinalStates();
  readonly #coverage: Coverage;
  readonly #growth: Growth;
  #sightings = new Map<string, Sighting>();
  /** Quick keys of the violations among `#sightings`. */
  #known = new Set<string>();
  #loops = new Map<string, { actor: string; loop: string; count: number }>();
  /** How many schedules ended how. */
  readonly #ends = [0, 0, 0, 0, 0];
  /** Of those that were given up, how many could still have ended. */
  #boundedOpen = 0;
  #steps = 0;
  #longestRun = 0;
  /** Numbers of schedules: the first of the chunk, the one that is run or comes next, the one behind the last. */
  #first = 0;
  #schedule = 0;
  #last = 0;
  /** Whether a schedule has begun and not ended. */
  #isMidway = false;
  /** The stream of the block. */
  #random = new Random(0n);

  constructor(
    readonly program: Program,
    readonly settings: ShardSettings,
  ) {
    this.#strategy = makeStrategy(settings.strategy, program, settings.depth, settings.profile);
    this.#runner = new Runner(program, this.#strategy, settings.stepBound);
    this.#second = new Executor(program);
    this.#hash = new FinalStateHash(program, this.#runner.executor);
    this.#coverage = new Coverage(program);
    this.#growth = new Growth(program);
  }

  /** Runs the blocks `first` .. `first + count - 1`, up to the first that holds a violation unless told to keep going. */
  run(first: number, count: number): ChunkResult {
    this.begin(first, count);
    this.goOn(Number.POSITIVE_INFINITY);
    return this.result();
  }

  /** Takes up the blocks `first` .. `first + count - 1`; `goOn` runs them. */
  begin(first: number, count: number): void {
    this.#states.clear();
    this.#sightings = new Map();
    this.#known = new Set();
    this.#loops = new Map();
    this.#ends.fill(0);
    this.#boundedOpen = 0;
    this.#steps = 0;
    this.#longestRun = 0;
    this.#first = first * BLOCK;
    this.#schedule = this.#first;
    this.#last = Math.min((first + count) * BLOCK, this.settings.schedules);
    this.#isMidway = false;
  }

  /** Runs on for about so many steps, and may stop in the midst of a schedule; whether all that was taken up has run. */
  goOn(steps: number): boolean {
    const runner = this.#runner;
    for (let left = steps; left > 0 && !this.#isOver; ) {
      if (!this.#isMidway) this.#startNext();
      const before = runner.steps;
      const end = runner.goOn(left);
      // A schedule without a step takes time as well.
      left -= Math.max(1, runner.steps - before);
      if (end !== RunEnd.Stands) this.#ended(end);
    }
    return this.#isOver;
  }

  /** What the schedules came to that have run since `begin`; one that has not ended counts for nothing. */
  result(): ChunkResult {
    const ends = this.#ends;
    return {
      schedules: this.#schedule - this.#first,
      steps: this.#steps,
      completed: ends[RunEnd.Completed],
      deadlocked: ends[RunEnd.Deadlocked],
      violating: ends[RunEnd.Violating],
      livelocked: ends[RunEnd.Livelocked],
      bounded: ends[RunEnd.Bounded],
      boundedOpen: this.#boundedOpen,
      longestRun: this.#longestRun,
      retried: this.#strategy.retried ?? false,
      boundedBy: [...this.#loops.values()],
      growing: this.#growth.take(),
      finalStates: this.#states.list(),
      sightings: [...this.#sightings.values()],
      coverage: this.#coverage.scan(),
    };
  }

  /** The op that was run last, for whoever cuts a step off. */
  get underWay(): string {
    const { automaton, runsAt } = this.#runner.executor;
    return opAt(automaton, runsAt);
  }

  /** A block that was begun is finished: which of its schedules show something must not depend on who runs it. */
  get #isOver(): boolean {
    if (this.#schedule >= this.#last) return true;
    const isBetween = !this.#isMidway && this.#schedule % BLOCK === 0;
    return isBetween && this.#sightings.size > 0 && !this.settings.keepGoing;
  }

  #startNext(): void {
    if (this.#schedule % BLOCK === 0) {
      this.#random = new Random(this.settings.seed, this.#schedule / BLOCK);
      this.#runner.newBlock();
    }
    this.#runner.begin(this.#random);
    this.#isMidway = true;
  }

  #ended(end: RunEndValue): void {
    const { steps } = this.#runner;
    this.#ends[end]++;
    this.#steps += steps;
    if (steps > this.#longestRun) this.#longestRun = steps;
    if (end === RunEnd.Completed) this.#reached();
    else if (end === RunEnd.Livelocked) this.#livelocked(this.#schedule);
    else if (end === RunEnd.Bounded) {
      this.#givenUp();
      if (this.#runner.prospect?.kind === 'open') this.#boundedOpen++;
    } else this.#broke(this.#schedule);
    this.#isMidway = false;
    this.#schedule++;
  }

  #reached(): void {
    this.#hash.update();
    this.#states.add(this.#hash.low, this.#hash.high, 1);
  }

  #broke(run: number): void {
    // Most runs of a broken model break in a way that is known: told from the last state, without running them again.
    const quick = this.#quickKey();
    if (quick !== undefined && this.#known.has(quick)) return;
    const schedule = this.#runner.schedule();
    const { violation, signature, node } = replayOn(this.#second, schedule);
    if (violation === undefined || signature === undefined)
      throw notRepeated(`"${this.#runner.executor.violation?.words ?? 'a deadlock'}"`);
    if (node >= 0) this.#coverage.refused(node);
    if (quick !== undefined) this.#known.add(quick);
    if (!this.#isWanted(signature)) return;
    const text = signatureText(signature);
    if (!this.#sightings.has(text)) this.#sightings.set(text, { signature, violation, foundAt: run, schedule });
  }

  /** The run that has just ended cannot end. */
  #livelocked(run: number): void {
    const { prospect } = this.#runner;
    if (prospect?.kind !== 'livelock') throw new Error('a livelock that no outlook shows');
    const sighting = livelockSighting(this.program, prospect, this.#runner.schedule(), run);
    const text = signatureText(sighting.signature);
    if (!this.#sightings.has(text) && this.#isWanted(sighting.signature)) this.#sightings.set(text, sighting);
  }

  #isWanted({ kind, cell }: Signature): boolean {
    const { wanted } = this.settings;
    return wanted === undefined || (wanted.kind === kind && (wanted.cell ?? cell) === cell);
  }

  /**
   * What the signature of the run that has just ended follows from: kind, rule and node. Undefined for deadlocks, where
   * more must be looked at.
   */
  #quickKey(): string | undefined {
    const { violation, brokenBy } = this.#runner.executor;
    return violation && `${violation.kind} ${violation.rule} ${brokenBy}`;
  }

  /** Blames the unfinished actor that went round a retry loop most often (then: took most steps), and where it is. */
  #givenUp(): void {
    const { executor } = this.#runner;
    const { steps, choices } = this.#runner.schedule();
    const weights = new Float64Array(executor.actors);
    let used = 0;
    this.#second.reset();
    this.#growth.begin();
    for (const [position, actor] of steps.entries()) {
      this.#growth.at(position, steps.length, this.#second.state);
      const choice = this.#second.choicesOf(actor) === 0 ? 0 : choices[used++];
      const again = (this.#second.step(actor, choice) & StepFlag.Again) !== 0;
      weights[actor] += again ? steps.length + 1 : 1;
    }
    this.#growth.end();
    for (let actor = 0; actor < weights.length; actor++) if (executor.nodeOf(actor) === DONE) weights[actor] = -1;
    const blamed = weights.indexOf(Math.max(...weights));
    const actor = executor.scriptOf(blamed).name;
    const loop = functionAt(executor.automaton, executor.nodeOf(blamed));
    const known = this.#loops.get(`${actor} ${loop}`);
    if (known === undefined) this.#loops.set(`${actor} ${loop}`, { actor, loop, count: 1 });
    else known.count++;
  }
}
