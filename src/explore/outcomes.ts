/**
 * Outcomes: what schedules came to, summed up run by run, whoever picked them. Used by the shards and by the lane of the
 * stream; what they return is plain data and is merged in the order of the schedules (tally.ts).
 */

import { DONE } from '../core/automaton/automaton.js';
import { notRepeated } from '../core/errors.js';
import type { FindingKind } from '../core/finding-kind.js';
import type { GrowingCell } from '../core/growing.js';
import type { Program } from '../core/program/program.js';
import type { Violation } from '../core/run/checks.js';
import { Executor } from '../core/run/executor.js';
import type { Prospect } from '../core/run/outlook.js';
import { StateSet } from '../core/run/state-set.js';
import { StepFlag } from '../core/run/step-flag.js';
import type { Schedule } from '../core/schedule.js';
import { functionAt, opAt, type Signature, signatureText } from '../core/story/signature.js';
import { Coverage, type CoverageDelta } from './coverage.js';
import { FinalStateHash, type FinalStateList, FinalStates } from './final-states.js';
import { Growth } from './growth.js';
import { lassoSighting, livelockSighting } from './livelock-sighting.js';
import { replayOn } from './replay.js';
import { RunEnd, type RunEndValue } from './runner.js';
import type { StreamProgress } from './stream/stream-progress.js';

/** States in which runs were stuck that are remembered. */
const MOST_STUCK = 4_096;

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
  /** Number of the schedule: of those of the chunk, and once it is merged of all. */
  readonly foundAt: number;
  readonly schedule: Schedule;
  /** Name of the strategy that picked it, where one did. */
  readonly strategy?: string | undefined;
  /** For a livelock or a starvation: the step of `schedule` (0-based) from which it goes round. */
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
  /** Runs that came to where an earlier one had gone on. */
  readonly joined: number;
  readonly bounded: number;
  /** Of `bounded`: runs of which it is known that they could have ended. */
  readonly boundedOpen: number;
  readonly longestRun: number;
  /** Whether a run was none of those that the strategy promises something of. */
  readonly isBeyond: boolean;
  /** Runs that were given up, by actor and loop. */
  readonly boundedBy: readonly { readonly actor: string; readonly loop: string; readonly count: number }[];
  /** Cells that grew as long as runs went that were given up. */
  readonly growing: readonly GrowingCell[];
  readonly finalStates: FinalStateList;
  /** One for each signature, in the order of their schedules. */
  readonly sightings: readonly Sighting[];
  /** What ran for the first time in this shard. */
  readonly coverage: CoverageDelta;
  /** How far the stream is, behind a part of it; left out by all others, whose schedules are a sample. */
  readonly stream?: StreamProgress;
}

/** A run that has ended, as whoever ran it knows it. */
export interface EndedRun {
  readonly executor: Executor;
  /** Steps that were taken for it. */
  readonly steps: number;
  /** Steps of its schedule, those that it shares with an earlier one among them. */
  readonly length: number;
  /** What was said of it when it was paused last. */
  readonly prospect?: Prospect | undefined;
  /** Where it came back to a state of its own: steps of its schedule before the loop. */
  readonly loopFrom?: number | undefined;
  schedule(): Schedule;
}

/** Sums up the runs of one program. */
export class Outcomes {
  /** Runs since `clear`. */
  schedules = 0;
  /** Runs violating and given-up schedules again to see what happened; made for the first of them. */
  #second: Executor | undefined;
  readonly #hash: FinalStateHash;
  readonly #states = new FinalStates();
  readonly #coverage: Coverage;
  readonly #growth: Growth;
  #sightings = new Map<string, Sighting>();
  /** Quick keys of the violations among `#sightings`. */
  #known = new Set<string>();
  /** States in which runs were stuck, the first ones: where a deadlock is told by, and nothing else. */
  #stuckIn: StateSet | undefined;
  #loops = new Map<string, { actor: string; loop: string; count: number }>();
  /** How many schedules ended how. */
  readonly #ends = [0, 0, 0, 0, 0, 0];
  /** Of those that were given up, how many could still have ended. */
  #boundedOpen = 0;
  #steps = 0;
  #longestRun = 0;

  /** @param wanted what the runs are after; other violations are counted and no sightings */
  constructor(
    readonly program: Program,
    readonly wanted: WantedFinding | undefined,
    readonly run: EndedRun,
  ) {
    this.#hash = new FinalStateHash(program, run.executor);
    this.#coverage = new Coverage(program);
    this.#growth = new Growth(program);
  }

  /** Whether anything was sighted since `clear`. */
  get hasSightings(): boolean {
    return this.#sightings.size > 0;
  }

  /** Whether a run ended since `clear` that cannot end, or need not. */
  get hasLivelocks(): boolean {
    return this.#ends[RunEnd.Livelocked] > 0;
  }

  /** Forgets all but what was covered. */
  clear(): void {
    this.schedules = 0;
    this.#states.clear();
    this.#sightings = new Map();
    this.#known = new Set();
    this.#stuckIn = undefined;
    this.#loops = new Map();
    this.#ends.fill(0);
    this.#boundedOpen = 0;
    this.#steps = 0;
    this.#longestRun = 0;
  }

  /** The run has ended; `strategy` is who picked it. */
  ended(end: RunEndValue, strategy: string): void {
    const { steps, length, prospect } = this.run;
    this.#ends[end]++;
    this.#steps += steps;
    if (length > this.#longestRun) this.#longestRun = length;
    if (end === RunEnd.Completed) this.#reached();
    else if (end === RunEnd.Livelocked) this.#livelocked(strategy);
    else if (end === RunEnd.Bounded) {
      this.#givenUp();
      if (prospect?.kind === 'open') this.#boundedOpen++;
    } else if (end !== RunEnd.Joined) this.#broke(strategy);
    this.schedules++;
  }

  /** Runs have ended in which all went well: their steps, those of the longest, and hashes of their final states. */
  completed(runs: number, steps: number, longest: number, hashes: Int32Array): void {
    this.#ends[RunEnd.Completed] += runs;
    this.schedules += runs;
    this.#steps += steps;
    if (longest > this.#longestRun) this.#longestRun = longest;
    for (let at = 0; at < hashes.length; at += 2) this.#states.add(hashes[at], hashes[at + 1], 1);
  }

  /** What the runs since `clear` came to. `isBeyond` as in ChunkResult. */
  result(isBeyond: boolean): ChunkResult {
    const ends = this.#ends;
    return {
      schedules: this.schedules,
      steps: this.#steps,
      completed: ends[RunEnd.Completed],
      deadlocked: ends[RunEnd.Deadlocked],
      violating: ends[RunEnd.Violating],
      livelocked: ends[RunEnd.Livelocked],
      joined: ends[RunEnd.Joined],
      bounded: ends[RunEnd.Bounded],
      boundedOpen: this.#boundedOpen,
      longestRun: this.#longestRun,
      isBeyond,
      boundedBy: [...this.#loops.values()],
      growing: this.#growth.take(),
      finalStates: this.#states.list(),
      sightings: [...this.#sightings.values()],
      coverage: this.#coverage.scan(),
    };
  }

  /** The op that was run last, for whoever cuts a step off. */
  get underWay(): string {
    const { automaton, runsAt } = this.run.executor;
    return opAt(automaton, runsAt);
  }

  get #again(): Executor {
    this.#second ??= new Executor(this.program);
    return this.#second;
  }

  #reached(): void {
    this.#hash.update();
    this.#states.add(this.#hash.low, this.#hash.high, 1);
  }

  #broke(strategy: string): void {
    // Most runs of a broken model break in a way that is known: told from the last state, without running them again.
    const quick = this.#quickKey();
    if (quick === undefined ? this.#wasStuck() : this.#known.has(quick)) return;
    const schedule = this.run.schedule();
    const { violation, signature, node } = replayOn(this.#again, schedule);
    if (violation === undefined || signature === undefined)
      throw notRepeated(`"${this.run.executor.violation?.words ?? 'a deadlock'}"`);
    if (node >= 0) this.#coverage.refused(node);
    if (quick !== undefined) this.#known.add(quick);
    if (!this.#isWanted(signature)) return;
    const text = signatureText(signature);
    this.#sight(text, { signature, violation, foundAt: this.schedules, schedule, strategy });
  }

  /** The run that has just ended cannot end, or need not. */
  #livelocked(strategy: string): void {
    const { prospect, loopFrom } = this.run;
    const { program, schedules } = this;
    const schedule = this.run.schedule();
    if (prospect?.kind !== 'livelock' && loopFrom === undefined) throw new Error('a livelock that nothing shows');
    const sighting =
      prospect?.kind === 'livelock'
        ? livelockSighting(program, prospect, schedule)
        : lassoSighting(program, schedule, loopFrom ?? 0);
    const { signature } = sighting;
    if (this.#isWanted(signature)) this.#sight(signatureText(signature), { ...sighting, foundAt: schedules, strategy });
  }

  #sight(text: string, sighting: Sighting): void {
    if (!this.#sightings.has(text)) this.#sightings.set(text, sighting);
  }

  #isWanted({ kind, cell }: Signature): boolean {
    const { wanted } = this;
    return wanted === undefined || (wanted.kind === kind && (wanted.cell ?? cell) === cell);
  }

  /** Whether a run was stuck before in the state in which one is stuck now. */
  #wasStuck(): boolean {
    const { state } = this.run.executor;
    this.#stuckIn ??= new StateSet(state.length);
    const states = this.#stuckIn;
    const { size } = states;
    if (size === MOST_STUCK) return states.find(state) >= 0;
    return states.add(state) < size;
  }

  /**
   * What the signature of the run that has just ended follows from: kind, rule and node. Undefined for deadlocks, where
   * more must be looked at.
   */
  #quickKey(): string | undefined {
    const { violation, brokenBy } = this.run.executor;
    return violation && `${violation.kind} ${violation.rule} ${brokenBy}`;
  }

  /** Blames the unfinished actor that went round a retry loop most often (then: took most steps), and where it is. */
  #givenUp(): void {
    const { executor } = this.run;
    const { steps, choices } = this.run.schedule();
    const weights = new Float64Array(executor.actors);
    let used = 0;
    const second = this.#again;
    second.reset();
    this.#growth.begin();
    for (const [position, actor] of steps.entries()) {
      this.#growth.at(position, steps.length, second.state);
      const choice = second.choicesOf(actor) === 0 ? 0 : choices[used++];
      const again = (second.step(actor, choice) & StepFlag.Again) !== 0;
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
