/**
 * Walk kernel: the runs of a random walk, or of PCT, by remembered steps.
 *
 * Its inner half (kernels/walk.ts) takes steps by decision trees (walk-trees.ts) and draws the same numbers in the same order
 * as the interpreter (runner.ts), so that every schedule is the one that the interpreter would run. This half sees to what
 * that one does not know: steps that are new, which the interpreter takes and which are then remembered; steps that break
 * something; how a run ended. A run that goes on for long, or that cannot be taken so, is run again by the interpreter from
 * its start. One step in some thousands is taken by the interpreter as well: if that comes to something else, what was
 * remembered is wrong, and the exploration ends with an internal error. Used by the shards.
 */

import { ACTORS_A_WORD, type Program } from '../../core/program/program.js';
import type { Random } from '../../core/random.js';
import type { Executor } from '../../core/run/executor.js';
import { StepFlag } from '../../core/run/step-flag.js';
import * as L from '../../kernels/walk-words.js';
import { type GrowingMemory, loadKernel, newGrowingMemory } from '../../space/kernel.js';
import { type Facts, MOST_AT_ONCE } from '../facts.js';
import { FinalStateHash } from '../final-states.js';
import type { Strategy } from '../strategy.js';
import { canPick, looksAtOps, nameOfPicker, WalkPicks } from './walk-picks.js';
import { fieldAddress, MOST_TREE_BYTES, NotRemembered, WalkTrees } from './walk-trees.js';

/** Bytes that the memory begins with. */
const FIRST_BYTES = 1 << 17;
/** Steps that are taken in one call: code that has just been compiled is entered by the next call only. */
const STEPS_A_CALL = 2_048;
/** Runs that may end in one call: there is room for so many. */
const RUNS_A_CALL = 256;
/** Of so many steps one is taken by the interpreter as well. */
const AUDITED = 4_096;
/** What is taken by the interpreter after all may be so many, and one in so many: else there is nothing to gain. */
const MOST_RUNS_AGAIN = { some: 64, oneIn: 4 };
const MOST_LEARNED = { some: 4_096, stepsEach: 512 };

/** Ends of runs of which it is remembered whether what is asked of them holds. */
const MOST_ENDS = 4_096;

/** What became of the runs. */
export const Walked = {
  /** So many steps were taken, and the last run has not ended. */
  Stands: 0,
  /** All have ended, and are counted. */
  Counted: 1,
  /** In the last one nobody goes on and all have finished who must; the executor holds what it leaves behind, and no more. */
  Finished: 2,
  /** The last one has just broken something: the executor has taken the step. */
  Violating: 3,
  /** In the last one nobody goes on, or somebody is stuck who must finish: the executor is in that state. */
  Stuck: 4,
  /** The last one is to be run by the interpreter, from its start. */
  Again: 5,
  /** Something was thrown. */
  Threw: 6,
} as const;

/** One of the values of Walked. */
export type WalkedValue = (typeof Walked)[keyof typeof Walked];

/** What a walk is of. */
export interface Walk {
  readonly program: Program;
  readonly executor: Executor;
  readonly strategy: Strategy;
  readonly stepBound: number;
  readonly facts: Facts;
  /** Steps after which a run is paused, and steps of daemons alone. What goes on from there is the interpreter's. */
  readonly pauses: { readonly first: number; readonly rest: number };
}

/** A walk by remembered steps; undefined where it cannot be taken so. */
export function walkKernelOf(walk: Walk): WalkKernel | undefined {
  const { actors } = walk.program;
  const { first, rest } = walk.pauses;
  const hasGates = actors.some(({ calls }) => calls.some(({ after }) => after.length > 0));
  if (!canPick(walk.strategy) || hasGates || actors.length > ACTORS_A_WORD || first + rest > L.MOST_STEPS)
    return undefined;
  try {
    return new WalkKernel(walk, newGrowingMemory(FIRST_BYTES, MOST_TREE_BYTES));
  } catch (error) {
    // Nor where there is no memory.
    if (error instanceof NotRemembered || error instanceof RangeError) return undefined;
    throw error;
  }
}

interface Exports {
  begin(): void;
  walkOn(): number;
}

/** Walks by remembered steps. */
export class WalkKernel {
  /** Whether the interpreter is to go on alone: steps of the program cannot be remembered, or it does not pay. */
  isOff = false;
  /** What was thrown. */
  error: unknown;
  /** Steps that the last call of `walk` took. */
  taken = 0;
  readonly trees: WalkTrees;
  readonly #exports: Exports;
  readonly #row: Int32Array;
  #untilAudit = AUDITED;
  #steps = 0;
  #runs = 0;
  #runsAgain = 0;
  #learned = 0;
  #ends = 0;

  /** @throws NotRemembered where it cannot be done */
  constructor(
    readonly walked: Walk,
    memory: GrowingMemory,
  ) {
    const { program, executor, facts } = walked;
    const kernel = loadKernel<Exports>('walk', memory, {
      learnStep: (actor: number, node: number) => this.#learn(() => this.#learnStep(actor, node)),
      learnWait: (actor: number) => this.#learn(() => this.trees.learnWait(actor)),
    });
    if (kernel === undefined) throw new NotRemembered('the package is not built');
    this.#exports = kernel;
    this.trees = new WalkTrees(program, memory, executor, facts, looksAtOps(walked.strategy));
    this.#row = this.trees.system.initial.slice();
    this.#layOut();
    this.#fillFirst();
  }

  /** Whether a run so far was none of those that PCT promises something of. */
  get isBeyond(): boolean {
    return this.#get(L.BEYOND) !== 0;
  }

  /** The name of the strategy that picks the last run. */
  get strategyName(): string {
    return nameOfPicker(this.walked.strategy, this.#get(L.STRATEGY));
  }

  /** The runs that the last call of `walk` has counted, their steps and those of the longest. */
  get counted(): { readonly runs: number; readonly steps: number; readonly longest: number } {
    return { runs: this.#get(L.ENDED_RUNS), steps: this.#get(L.ENDED_STEPS), longest: this.#get(L.LONGEST) };
  }

  /** Hashes of their final states: low and high half by turns. */
  get hashes(): Int32Array {
    return this.#words.subarray(L.HASHES >> 2, (L.HASHES >> 2) + this.#get(L.ENDED_RUNS) * 2);
  }

  /** The actors of the steps of the last run; valid until the next call. */
  get path(): Uint8Array {
    return new Uint8Array(this.#words.buffer, L.PATH, this.#get(L.STEPS));
  }

  /** The answers to its choices. */
  get answers(): Int32Array {
    return this.#words.subarray(L.ANSWERS >> 2, (L.ANSWERS >> 2) + this.#get(L.CHOICES));
  }

  /** Begins a run that is drawn from `random`, the one with that place in its block. */
  begin(random: Random, place: number): void {
    this.#put(L.PLACE, place);
    this.#take(random);
    this.#exports.begin();
    this.#giveBack(random, L.RANDOM);
  }

  /** Goes on with the run for about so many steps, and with more runs, `runs` in all, as long as they only have to be counted. */
  walk(random: Random, runs: number, steps: number): WalkedValue {
    const isAudit = this.#untilAudit === 0;
    const most = isAudit ? 1 : Math.min(steps, STEPS_A_CALL, this.#untilAudit);
    if (isAudit) this.#readRow();
    this.#put(L.LEFT, most);
    this.#put(L.RUNS, isAudit ? 1 : Math.min(runs, RUNS_A_CALL));
    this.#take(random);
    const code = this.#exports.walkOn();
    this.#giveBack(random, L.RANDOM);
    this.taken = most - this.#get(L.LEFT);
    this.#steps += this.taken;
    this.#runs += this.counted.runs + (code === L.STANDS || code === L.ENDED ? 0 : 1);
    if (isAudit && this.taken === 1 && code !== L.BREAKING && code !== L.GIVEN_UP) this.#audit();
    this.#untilAudit = isAudit ? AUDITED : this.#untilAudit - this.taken;
    if (this.#learned > MOST_LEARNED.some + this.#steps / MOST_LEARNED.stepsEach) this.isOff = true;
    return this.#cameTo(code, random);
  }

  /** What was asked of the last run, which has finished, holds or not: that is remembered, as long as there are few such ends. */
  learnEnd(holds: boolean): void {
    if (this.#ends === MOST_ENDS || this.isOff) return;
    this.#ends++;
    this.#learn(() => this.trees.learnEnd(holds));
  }

  #cameTo(code: number, random: Random): WalkedValue {
    switch (code) {
      case L.STANDS:
        return Walked.Stands;
      case L.ENDED:
        return Walked.Counted;
      case L.AT_REST:
        if ((this.#get(L.UNFINISHED) & this.#get(L.REQUIRED)) !== 0) return this.#stuck();
        this.trees.show();
        return Walked.Finished;
      case L.STUCK:
        return this.#stuck();
      case L.BREAKING:
        this.#break();
        return Walked.Violating;
      case L.GIVEN_UP:
        if (!(this.error instanceof NotRemembered || this.error instanceof RangeError)) return Walked.Threw;
        this.isOff = true;
        return this.#again(random);
      default:
        return this.#again(random);
    }
  }

  #stuck(): WalkedValue {
    this.trees.load();
    return Walked.Stuck;
  }

  #break(): void {
    const { executor } = this.walked;
    this.trees.load();
    const actor = this.#get(L.ACTOR);
    const choice = executor.choicesOf(actor) === 0 ? 0 : (this.answers.at(-1) ?? 0);
    if ((executor.step(actor, choice) & StepFlag.Violation) === 0) throw this.#wrong(actor);
  }

  #again(random: Random): WalkedValue {
    this.#giveBack(random, L.RUN_RANDOM);
    this.#runsAgain++;
    if (this.#runsAgain > MOST_RUNS_AGAIN.some + this.#runs / MOST_RUNS_AGAIN.oneIn) this.isOff = true;
    return Walked.Again;
  }

  /** Takes the step that the kernel has taken, from the state before it. @throws Error when it leads elsewhere */
  #audit(): void {
    const { executor } = this.walked;
    const { system } = this.trees;
    system.loadInto(executor, this.#row);
    const actor = this.path.at(-1) ?? 0;
    const choice = executor.choicesOf(actor) === 0 ? 0 : (this.answers.at(-1) ?? 0);
    const flags = executor.step(actor, choice);
    this.#readRow();
    if ((flags & StepFlag.Violation) !== 0 || !this.#isRowOf(executor)) throw this.#wrong(actor);
  }

  /** Whether the executor is in the state of the row, and its actors can run that can here. */
  #isRowOf(executor: Executor): boolean {
    const { system } = this.trees;
    const row = this.#row;
    for (let word = 0; word < system.words; word++) if (executor.state[word] !== row[word]) return false;
    for (let at = system.words; at < system.localBase; at++) {
      if (executor.state[executor.results + at - system.words] !== row[at]) return false;
    }
    for (let actor = 0; actor < system.actors; actor++) {
      const { node, call, live } = system.scripts[actor].states[row[system.localBase + actor]];
      if (executor.nodeOf(actor) !== node || executor.callsOf(actor) !== call) return false;
      if (executor.canRun(actor) !== (((this.#get(L.RUNNABLE) >> actor) & 1) !== 0)) return false;
      const slots = system.slotBase + actor * system.slots;
      for (let slot = 0; slot < live.length; slot++) {
        if (executor.state[executor.registerWord(actor, live[slot])] !== row[slots + slot]) return false;
      }
    }
    return true;
  }

  #readRow(): void {
    this.trees.unpack(this.#row);
    this.trees.system.placeRegisters(this.#row);
  }

  #wrong(actor: number): Error {
    return new Error(`a remembered step of ${this.walked.program.actors[actor].name} is not what it does`);
  }

  #learn(work: () => number): number {
    this.#learned++;
    // What is thrown does not pass through the kernel: it comes back with a code.
    try {
      return work();
    } catch (error) {
      this.error = error;
      return 0;
    }
  }

  #learnStep(actor: number, node: number): number {
    const root = this.#get(L.ROOTS + actor * 4) & ~L.ROOT_FLAGS;
    return this.trees.learnStep(actor, (node - root - L.ROOT_STEPS) / L.NODE_BYTES, node);
  }

  /** Fills in what stays as it is. */
  #layOut(): void {
    const { program, strategy, stepBound, executor, pauses } = this.walked;
    const { trees } = this;
    const { actors } = program;
    // The kernel copies two words at a time.
    this.#put(L.FIRST_STATE, trees.allot(trees.system.fields + 1));
    this.#put(L.FIRST_ROOTS, trees.allot(actors.length + 1));
    this.#put(L.FIRST_WAYS, trees.allot(actors.length + 1));
    this.#put(L.ACTORS, actors.length);
    this.#put(L.REQUIRED, setOf(actors.map(({ daemon }) => !daemon)));
    this.#put(L.HAS_LATCHES, program.layout.regions.some(({ kind }) => kind === 'latch') ? 1 : 0);
    this.#put(L.FIELDS, trees.system.fields);
    this.#put(L.BOUND, stepBound);
    this.#put(L.OVER_STEPS, pauses.rest);
    this.#put(L.MOST_IN_A_ROW, MOST_AT_ONCE);
    this.#put(L.IS_ASKED, program.finally.length > 0 ? 1 : 0);
    const told = new FinalStateHash(program, executor).words;
    const list = trees.allot(told.length);
    this.#put(L.TOLD, list);
    this.#put(L.TOLD_COUNT, told.length);
    const { words } = program.layout;
    told.forEach((word, i) => {
      this.#put(list + i * 4, fieldAddress(word < words ? word : words + word - executor.results));
    });
    const bytes = new Uint8Array(this.#words.buffer);
    for (let set = 0; set < 256; set++) {
      const members = [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => ((set >> bit) & 1) !== 0);
      bytes.set(members, L.NTH + set * 8);
    }
    new WalkPicks(trees).layOut(strategy);
  }

  /** Fills in how every run begins. */
  #fillFirst(): void {
    const { trees } = this;
    const { executor, stepBound, pauses } = this.walked;
    const { initial, fields, actors, localBase } = trees.system;
    executor.reset();
    for (let field = 0; field < fields; field++) {
      this.#put(this.#get(L.FIRST_STATE) + field * 4, initial[field]);
      this.#put(fieldAddress(field), initial[field]);
    }
    const roots = Array.from({ length: actors }, (_, actor) => trees.rootOf(actor, initial[localBase + actor]));
    this.#words.set(roots, this.#get(L.FIRST_ROOTS) >> 2);
    this.#words.set(roots, L.ROOTS >> 2);
    const runnable = setOf(roots.map((_, actor) => executor.canRun(actor)));
    const unfinished = setOf(roots.map((root) => (root & L.HAS_FINISHED) === 0));
    roots.forEach((root, actor) => {
      if ((root & L.MIGHT_WAIT) === 0) return;
      const leaf = ~trees.learnWait(actor);
      this.#put(this.#get(L.FIRST_WAYS) + actor * 4, this.#get(leaf + L.LEAF_WAY));
    });
    const isOver = (unfinished & this.#get(L.REQUIRED)) === 0;
    const next = roots.findIndex((root, actor) => (root & L.CANNOT_RACE) !== 0 && ((runnable >> actor) & 1) !== 0);
    this.#putFirst(L.RUNNABLE, runnable);
    this.#putFirst(L.LISTENING, setOf(roots.map((root) => (root & L.MIGHT_WAIT) !== 0)));
    this.#putFirst(L.UNFINISHED, unfinished);
    this.#putFirst(L.OVER_FROM, isOver ? 0 : -1);
    this.#putFirst(L.PAUSE, Math.min(isOver ? pauses.rest : pauses.first, stepBound));
    this.#putFirst(L.NEXT_AT_ONCE, next);
    this.#putFirst(L.IN_A_ROW, next < 0 ? 0 : 1);
    this.#putFirst(L.UNASKED, next < 0 ? 0 : actors - next);
  }

  #take({ place: [s01, s00, s11, s10] }: Random): void {
    this.#words.set([s00, s01, s10, s11], L.RANDOM >> 2);
  }

  #giveBack(random: Random, from: number): void {
    const [s00, s01, s10, s11] = this.#words.subarray(from >> 2, (from >> 2) + 4);
    random.moveTo([s01, s00, s11, s10]);
  }

  get #words(): Int32Array {
    return this.trees.words;
  }

  #get(at: number): number {
    return this.#words[at >> 2];
  }

  /** Says what a word of the run holds as it begins. */
  #putFirst(at: number, value: number): void {
    this.#put(L.FIRST_RUN + at - L.STEPS, value);
  }

  #put(at: number, value: number): void {
    this.#words[at >> 2] = value;
  }
}

/** The places at which a list holds true, as bits. */
function setOf(list: readonly boolean[]): number {
  return list.reduce((set, isIn, place) => (isIn ? set | (1 << place) : set), 0);
}
